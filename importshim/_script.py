"""Programs of trees: entry points and scripts (``app/bin/NAME``), and modules (``-m``)."""

from __future__ import annotations

import os
import sys

from importshim._active import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Table

_SCRIPTS = ("..", "..", "Scripts") if os.name == "nt" else ("..", "..", "..", "bin")
"""From the site-packages of a virtual environment to its scripts (sysconfig's ``venv`` scheme)."""


def run_script(tree: str, path: str) -> None:
    """Run the Python file at ``path`` as ``__main__`` with the builtins of ``tree``, so that it is the tree's code.

    What the current program has defined is removed: a script starts with an empty namespace.
    """
    path = os.path.normpath(path)
    with open(path, "rb") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    namespace = vars(sys.modules["__main__"])
    for name in [name for name in namespace if not name.startswith("__")]:
        del namespace[name]
    namespace.update(__file__=path, __builtins__=runtime().table.trees[tree].builtins)
    exec(code, namespace)


def command(tree: str, module: str, attribute: str) -> Callable[[], object]:
    """The object that an entry point of ``tree`` names, as ``from module import attribute`` finds it there.

    The first part of a dotted ``attribute`` may be a module that nothing has imported.
    """
    first, *parts = attribute.split(".")
    import_ = runtime().table.trees[tree].builtins["__import__"]
    found = getattr(import_(module, {}, {}, (first,), 0), first)
    for part in parts:
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def script_domain(table: Table, path: object) -> Domain | None:
    """The domain of the tree whose script is at ``path``, perhaps run again by a worker; None: no tree's."""
    if not isinstance(path, str):
        return None
    folder = os.path.dirname(os.path.abspath(path))
    environment = os.path.dirname(folder) + os.sep
    sites = (site for site in table.sites if site.startswith(environment))  # few of them: normalising takes long
    found = (site for site in sites if os.path.normpath(os.path.join(site, *_SCRIPTS)) == folder)
    return next((table.trees[table.sites[site]] for site in found), None)


def program_domain(runtime: Runtime, namespace: dict[str, Any]) -> Domain | None:
    """The domain of what ``runpy`` is about to run in ``namespace``: a module of one, or a script of a tree."""
    spec = namespace.get("__spec__")
    if spec is not None:
        return runtime.spec_domain(spec)
    return script_domain(runtime.table, namespace.get("__file__"))


def started_domain(runtime: Runtime, requester: Domain, name: str, frame: FrameType | None) -> Domain | None:
    """The only domain with the module ``name``, if a tree's code has started this process to run it (``-m``).

    The name is from a command line, perhaps read from a file (that of a Jupyter kernel): no code of ``requester``, the
    owner of the process, has chosen it. From now on the process runs as the domain of the program.
    """
    from importshim import _children
    from importshim._finder import is_called_by_runpy, is_outside_trees

    top = name.partition(".")[0]
    domain = runtime.table.sole.get(top)
    is_start = requester is runtime.attribution.process_owner and runtime.attribution.first_opaque_frame(frame) is None
    if (
        domain is None
        or not is_start
        or not is_called_by_runpy(frame)
        or is_outside_trees(runtime.table.file_owners, top)
    ):
        return None
    os.environ[_children.VARIABLE] = domain.map_name
    runtime.run_as(domain.map_name)
    return domain
