"""Rule 6, the error for a name that only other domains have: the asker, who has the name, what to write."""

from __future__ import annotations

import os
import sys

from importshim._domain import folder_of, owner_of
from importshim._keys import missing_name
from importshim._table import tree_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import PathDistribution
    from types import FrameType

    from importshim._domain import Domain
    from importshim._table import Table


def not_visible(table: Table, asker: Domain, name: str) -> ModuleNotFoundError:
    """The error for ``asker`` importing ``name``, which only other domains provide; names the missing part."""
    top = name.partition(".")[0]
    name = _lacking(table, asker, name)
    missing = missing_name(name, asker)
    if not table.is_known(top):
        return ModuleNotFoundError(f"No module named {name!r} in {asker.label}", name=missing)
    owners = _owners(table, top)
    message = f"No module named {name!r} for {asker.label}; {holders(table, top)}"
    hint = obstacle(table, asker, top) or _advice(table, asker, owners, top)
    return ModuleNotFoundError(f"{message}. {hint}" if hint else message, name=missing)


def _lacking(table: Table, asker: Domain, name: str) -> str:
    """The shortest prefix of ``name`` that ``asker`` lacks: a namespace package may be there without this part."""
    parts = name.split(".")
    prefixes = (".".join(parts[: count + 1]) for count in range(len(parts)))
    return next((one for one in prefixes if asker.serving(one) in (None, table.root)), name)


def holders(table: Table, name: str) -> str:
    """Which trees have the top-level name of ``name``, and in which version."""
    top = name.partition(".")[0]
    return ", ".join(_holding(table, domain, top) for domain in _owners(table, top))


def _owners(table: Table, top: str) -> list[Domain]:
    return [domain for domain in table.domains.values() if domain.routes.get(top) is domain]


def tell_not_installed(error: ModuleNotFoundError, table: Table, domain: Domain, name: str) -> None:
    """If ``domain`` does not find its own ``name``, make ``error`` say that its tree is not installed, or damaged."""
    if not error.name or not f"{name}.".startswith(f"{error.name}.") or not str(error).startswith("No module named"):
        return
    folder = folder_of(domain, name)
    tree = table.sites.get(folder or "", domain.trees[0])
    if not any(map(os.path.isdir, domain.paths if folder is None else [folder])):
        error.msg = f"No module named {name!r}: tree {tree} is not installed; run `mvlock install`"
    elif folder is not None and "." not in error.name:
        error.msg = f"No module named {name!r}: tree {tree} is damaged; run `mvlock install --repair`"
    error.args = (error.msg,)


def tell_part(error: ModuleNotFoundError, table: Table, asker: Domain, name: str) -> None:
    """If ``asker`` lacks ``name``, a part of a namespace package, make ``error`` say which tree has it."""
    found = next(_bringers(table, name), None) if error.name == name else None
    if found is not None:
        project, version, tree = found
        advice = f'Add "{project}{_like(version)}" to [project] dependencies in pyproject.toml to use it here'
        error.msg = f"No module named {name!r} for {asker.label}; tree {tree} has it ({project} {version}). {advice}"
        error.args = (error.msg,)


def _bringers(table: Table, name: str) -> Iterator[tuple[str, str, str]]:
    """The distributions that have the module ``name``, with their versions, and the trees they are loaded from."""
    from importshim._metadata import in_folder

    top, place = name.partition(".")[0], name.replace(".", "/")
    for domain in table.domains.values():
        for project, version, imports, site in domain.distributions:
            if top in imports and any(_has(found, place) for found in in_folder(site, project)):
                yield project, version, table.sites.get(site, domain.trees[0])


def _has(distribution: PathDistribution, place: str) -> bool:
    return any(str(file).startswith((f"{place}/", f"{place}.")) for file in distribution.files or ())


def _holding(table: Table, domain: Domain, top: str) -> str:
    owner = owner_of(domain, top)
    what = f"{owner[0]} {owner[1]}" if owner else top
    if not domain.is_shared and (tree := table.sites.get(folder_of(domain, top) or "")):
        return f"tree {tree} has it ({what})"
    return f"{domain.label} {'has' if len(domain.trees) == 1 else 'have'} it ({what})"


def obstacle(table: Table, asker: Domain, top: str) -> str:
    """Why the framework that was asked to load a plug-in of the application cannot; "" if nothing prevents it."""
    plugin = table.root.serving(top)
    if asker is table.root or plugin in (None, table.root):
        return ""
    for name, served in asker.routes.items():
        mine, its = owner_of(served, name), owner_of(plugin.routes.get(name, served), name)
        if mine is not None and its is not None and mine[0] == its[0] and mine[1] != its[1]:
            return (
                f"It works with {its[0]} {its[1]}, the importing code with {mine[0]} {mine[1]}: they need one version"
            )
    return ""


def _advice_to_application(table: Table, owners: list[Domain], top: str) -> str:
    """The hint for the application, with the version of a tree that it uses: that tree takes no objects of another."""
    domain = min(owners, key=lambda one: not _used_trees(table).intersection(one.trees), default=None)
    owner = owner_of(domain, top) if domain is not None else None
    wanted = owner[0] + _like(owner[1]) if owner else top
    folder = folder_of(domain, top) if domain is not None else None
    tree = table.sites.get(folder or "", domain.trees[0] if domain is not None else "…")
    return (
        f'Add "{wanted}" to [project] dependencies in pyproject.toml to use it here, '
        f"or write `from py_modules.{tree} import {top}`"
    )


def _used_trees(table: Table) -> set[str]:
    return {tree for served in table.root.routes.values() for tree in served.trees}


def _like(version: str) -> str:
    """The specifier for a version and its bug-fix releases; for a version that is not final, only for itself."""
    release, _, more = version.partition("+")[0].partition(".post")
    parts = release.split(".")
    if (more and not more.isdigit()) or not all(part.isdigit() for part in parts[1:] or parts):
        return f"=={version}"
    return f"=={'.'.join(parts[:2])}.*"


def _advice(table: Table, asker: Domain, owners: list[Domain], top: str) -> str:
    if asker is table.root:
        return _advice_to_application(table, owners, top)
    project = table.project_of(owners[0], top) if owners else top
    if asker.is_shared and not (asker.is_strict and table.root.serving(top) in owners):
        return (
            "What trees share can only import what all of them have in one version; to give each tree its own: "
            '[tool.mvlock] share = { never = ["…"] }'
        )
    whose = ("Its", "that tree") if len(asker.trees) == 1 else ("Their", "the one that needs it")
    trees = asker.trees if asker.is_shared else (tree_with(table, asker, _importing(asker)),)
    return (
        f"{whose[0]} distributions do not require {project}; if they should, add it to {whose[1]}: "
        f"{_lines(table, trees, [project])}"
    )


def _importing(asker: Domain) -> str:
    """The name of the module of ``asker`` whose code is importing."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_builtins is not asker.builtins:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame is not None else ""


def missing_line(table: Table, asker: Domain, projects: list[str]) -> str:
    """What to write so that each tree of ``asker`` has ``projects``; trees that have them are left out."""
    trees = [tree for tree in asker.trees if not set(projects) <= table.projects_in(tree)] or asker.trees
    return _lines(table, trees, projects)


def _lines(table: Table, trees: Iterable[str], projects: list[str]) -> str:
    listed = '["' + '", "'.join(("…", *projects)) + '"]'
    named = [f"{tree} = {listed}" for tree in trees if tree not in table.aliases]
    aliases = [f"{tree} = {{ requirements = {listed} }}" for tree in trees if tree in table.aliases]
    tables = ("[tool.mvlock.trees] ", named), ("[tool.mvlock.alias] ", aliases)
    return " and ".join(table + "; ".join(lines) for table, lines in tables if lines)
