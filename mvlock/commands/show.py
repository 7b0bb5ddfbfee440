"""``mvlock show NAME``: what mv.lock knows of a project, and its metadata if it is installed."""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

from mvlock.commands.columns import aligned
from mvlock.commands.exclusions_view import exclusion_notes
from mvlock.commands.locked_names import locked_name
from mvlock.commands.opened_project import note_if_stale, open_lock, open_project
from mvlock.commands.options import Context, Options
from mvlock.errors import MvlockError
from mvlock.index.licenses import license_in
from mvlock.lock.model import LockedPackage, TreePackage
from mvlock.lock.tree_graph import TreeGraph, tree_graphs
from mvlock.operations.installed_metadata import installed_metadata

Facts = dict[str, Any]


def execute(arguments: Namespace, context: Context) -> int:
    """Print a section per locked version; exit code 1 if no tree has the project."""
    lock = open_lock(context.options)
    name = locked_name(lock, arguments.name, context.options, exclusion_notes(context.options))
    modules, graphs = _modules(context.options), tree_graphs(lock, lock.trees)
    shown = [_facts(package, graphs, modules) for package in lock.packages if package.name == name]
    if arguments.json:
        context.console.data(json.dumps(shown, indent=2))
    else:
        for number, facts in enumerate(shown):
            _show(facts, context, gap=number > 0)
    note_if_stale(context.options, context.console)
    return 0


def _modules(options: Options) -> Path | None:
    """The folder of the trees; None if pyproject.toml cannot be read, since the lock alone is enough."""
    with suppress(MvlockError):
        project = open_project(options).project
        return project.root / project.modules
    return None


def _facts(package: LockedPackage, graphs: list[TreeGraph], modules: Path | None) -> Facts:
    holders = [
        (graph, member)
        for graph in graphs
        for member in graph.named([package.name])
        if member.version == package.version
    ]
    files = [file.name for file in (*package.wheels, *filter(None, [package.sdist]))]
    return {
        "name": package.name,
        "version": package.version,
        **_metadata(package, [graph.tree.name for graph, _ in holders], modules),
        "requires-python": package.requires_python,
        "source": _source(package),
        "files": files,
        "trees": [_holder(graph, member) for graph, member in holders],
    }


def _holder(graph: TreeGraph, member: TreePackage) -> Facts:
    """A tree that has the project: under which condition, what requires it there, and what it requires."""
    requirements = map(str, graph.tree.direct_requirements.get(member.name, ()))
    return {
        "name": graph.tree.name,
        "marker": member.marker,
        "requirements": sorted(requirements),
        "required-by": [f"{other.name} {other.version}" for other in graph.dependents[member]],
        "requires": list(member.dependencies),
    }


def _source(package: LockedPackage) -> str:
    """Where its files come from, in one line."""
    if package.vcs is not None:
        return f"{package.vcs.type} {package.vcs.url} at {package.vcs.commit_id}"
    if package.directory is not None:
        return f"folder {package.directory.path}" + (", editable" if package.directory.editable else "")
    if package.archive is not None:
        return f"archive {package.archive.url or package.archive.path}"
    return f"index {package.index}"


def _metadata(package: LockedPackage, trees: list[str], modules: Path | None) -> Facts:
    """Summary and licence in the metadata of the installed distribution; None if it is not installed."""
    from packaging.metadata import parse_email

    text = installed_metadata(package.name, package.version, trees, modules) or ""
    return {"summary": parse_email(text)[0].get("summary"), "license": license_in(text)}


def _show(facts: Facts, context: Context, *, gap: bool) -> None:
    data = context.console.data
    if gap:
        data("")
    data((f"{facts['name']} {facts['version']}", "bold"))
    rows = [(key, str(facts[key])) for key in ("summary", "license", "requires-python", "source") if facts[key]]
    rows += _file_rows(facts["files"], all_of_them=context.options.verbose)
    for holder in facts["trees"]:
        rows += _tree_rows(holder)
    for line in aligned(rows):
        data(f"  {line}")


def _file_rows(files: list[str], *, all_of_them: bool) -> list[tuple[str, str]]:
    """The number of files, or with ``-v`` their names."""
    if all_of_them:
        return [("file", name) for name in files]
    wheels = sum(name.endswith(".whl") for name in files)
    counts = {"wheel": wheels, "sdist": len(files) - wheels}
    text = ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in counts.items() if count)
    return [("files", text)] if text else []


def _tree_rows(holder: Facts) -> list[tuple[str, str]]:
    marker = f"  ; {holder['marker']}" if holder["marker"] else ""
    requirers = [*holder["required-by"], *(f"pyproject.toml ({text})" for text in holder["requirements"])]
    rows = [("tree", f"{holder['name']}{marker}"), ("  required by", ", ".join(requirers))]
    return [*rows, ("  requires", ", ".join(holder["requires"]) or "nothing")]
