"""How much memory the import of each tree takes: each in a process of the application's Python, then all in one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from mvlock.commands.options import Context
from mvlock.commands.picture_facts import readable_project
from mvlock.commands.run import application_python
from mvlock.lock.model import LockedTree
from mvlock.pictures.model import Memory, Picture, PictureTree
from mvlock.progress import Task

_TIMEOUT_SECONDS = 300
_PROGRAM = """
import json, os, sys
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

def used():
    try:
        with open("/proc/self/statm") as status:
            return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024

import importshim
before, failed = used(), []
for tree, modules in json.loads(sys.argv[1]).items():
    for module in modules:
        try:
            importshim.tree(tree).import_module(module)
        except BaseException as error:
            failed.append(f"{module}: {type(error).__name__}: {error}")
json.dump([used() - before, "; ".join(failed)], answer)
answer.flush()
os._exit(0)
"""


def with_memory(found: Picture, trees: Iterable[LockedTree], context: Context) -> Picture:
    """The picture with the memory that the import of each tree takes, and that of all together."""
    project = readable_project(context)
    python = application_python(project.root / project.app) if project is not None else None
    if python is None or not python.exists():
        missing = Memory(problem="not installed")
        return replace(found, trees=tuple(replace(tree, memory=missing) for tree in found.trees))
    modules = {tree.name: _modules(tree) for tree in trees}
    with context.console.task("Importing", len(modules)) as task:
        measured = tuple(_with_own_memory(tree, modules[tree.name], python, task) for tree in found.trees)
        return replace(found, trees=measured, together=_memory(python, modules))


def _with_own_memory(tree: PictureTree, modules: Sequence[str], python: Path, task: Task) -> PictureTree:
    task.advance(item=tree.name)
    return replace(tree, memory=_memory(python, {tree.name: modules}))


def _modules(tree: LockedTree) -> tuple[str, ...]:
    """What the application imports of a tree; not private parts of namespaces, some of which are programs."""
    return (tree.module,) if tree.module else tuple(name for name in tree.imports if "_" not in _initials(name))


def _initials(name: str) -> set[str]:
    return {part[:1] for part in name.split(".")}


def _memory(python: Path, modules: Mapping[str, Sequence[str]]) -> Memory:
    names = tuple(name for found in modules.values() for name in found)
    words = [str(python), "-c", _PROGRAM, json.dumps(modules)]
    root = python.parent.parent.parent
    try:
        done = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
        grown, problem = json.loads(done.stdout)
    except OSError as error:
        return Memory(names, problem=f"{python} does not run: {error}")
    except subprocess.TimeoutExpired:
        return Memory(names, problem=f"the import takes more than {_TIMEOUT_SECONDS} s")
    except ValueError:
        return Memory(names, problem=f"the process ended with code {done.returncode}")
    return Memory(names, grown, problem)
