"""Rule 6, the error for a name that only other domains have: who imports it, which trees have it, what to write."""

from __future__ import annotations

import os
import sys

from importshim._domain import distribution_of, site_packages_of
from importshim._keys import missing_name
from importshim._table import tree_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import PathDistribution
    from types import FrameType

    from importshim._domain import Domain
    from importshim._table import Table


def not_visible(table: Table, requester: Domain, name: str) -> ModuleNotFoundError:
    """The error for ``requester`` importing ``name``, which only other domains provide; names the missing part."""
    top = name.partition(".")[0]
    name = _missing_part(table, requester, name)
    missing = missing_name(name, requester)
    if not table.is_known(top):
        return ModuleNotFoundError(f"No module named {name!r} in {requester.label}", name=missing)
    providers = _providers(table, top)
    message = f"No module named {name!r} for {requester.label}; {describe_providers(table, top)}"
    hint = obstacle(table, requester, top) or _advice(table, requester, providers, top)
    return ModuleNotFoundError(f"{message}. {hint}" if hint else message, name=missing)


def _missing_part(table: Table, requester: Domain, name: str) -> str:
    """The shortest prefix of ``name`` that ``requester`` lacks: a namespace package may be there without this part."""
    parts = name.split(".")
    prefixes = (".".join(parts[: count + 1]) for count in range(len(parts)))
    return next((one for one in prefixes if requester.provider_of(one) in (None, table.root)), name)


def describe_providers(table: Table, name: str) -> str:
    """Which trees have the top-level name of ``name``, and in which version."""
    top = name.partition(".")[0]
    return ", ".join(_describe_provider(table, domain, top) for domain in _providers(table, top))


def _providers(table: Table, top: str) -> list[Domain]:
    return [domain for domain in table.domains.values() if domain.routes.get(top) is domain]


def explain_not_installed(error: ModuleNotFoundError, table: Table, domain: Domain, name: str) -> None:
    """If ``domain`` does not find its own ``name``, make ``error`` say that its tree is not installed, or damaged."""
    if not error.name or not f"{name}.".startswith(f"{error.name}.") or not str(error).startswith("No module named"):
        return
    folder = site_packages_of(domain, name)
    tree = table.sites.get(folder or "", domain.trees[0])
    if not any(map(os.path.isdir, domain.paths if folder is None else [folder])):
        error.msg = f"No module named {name!r}: tree {tree} is not installed; run `mvlock install`"
    elif folder is not None and "." not in error.name:
        error.msg = f"No module named {name!r}: tree {tree} is damaged; run `mvlock install --repair`"
    error.args = (error.msg,)


def explain_missing_part(error: ModuleNotFoundError, table: Table, requester: Domain, name: str) -> None:
    """If ``requester`` lacks ``name``, a part of a namespace package, make ``error`` say which tree has it."""
    found = next(_distributions_with(table, name), None) if error.name == name else None
    if found is not None:
        project, version, tree = found
        wanted = project + _compatible_specifier(version)
        advice = f'Add "{wanted}" to the dependencies of the application to use it here'
        error.msg = (
            f"No module named {name!r} for {requester.label}; tree {tree} has it ({project} {version}). {advice}"
        )
        error.args = (error.msg,)


def explain_setuptools(error: ModuleNotFoundError, name: str) -> None:
    """If no distribution has ``name``, a module of setuptools, make ``error`` say how to get it."""
    if error.name == name:
        bound = "<81" if name.startswith("pkg_resources") else ""  # setuptools 82 is without it
        error.msg = f"{error.msg}; setuptools has it, which nothing requires: run `mvlock add 'setuptools{bound}'`"
        error.args = (error.msg,)


def _distributions_with(table: Table, name: str) -> Iterator[tuple[str, str, str]]:
    """The distributions that have the module ``name``, with their versions, and the trees they are loaded from."""
    from importshim._metadata import in_folder

    top, place = name.partition(".")[0], name.replace(".", "/")
    for domain in table.domains.values():
        for project, version, imports, site in domain.distributions:
            if top in imports and any(_has(found, place) for found in in_folder(site, project)):
                yield project, version, table.sites.get(site, domain.trees[0])


def _has(distribution: PathDistribution, place: str) -> bool:
    return any(str(file).startswith((f"{place}/", f"{place}.")) for file in distribution.files or ())


def _describe_provider(table: Table, domain: Domain, top: str) -> str:
    distribution = distribution_of(domain, top)
    what = f"{distribution[0]} {distribution[1]}" if distribution else top
    if not domain.is_shared and (tree := table.sites.get(site_packages_of(domain, top) or "")):
        return f"tree {tree} has it ({what})"
    return f"{domain.label} {'has' if len(domain.trees) == 1 else 'have'} it ({what})"


def obstacle(table: Table, requester: Domain, top: str) -> str:
    """Why the framework that was asked to load a plug-in of the application cannot; "" if nothing prevents it."""
    plugin = table.root.provider_of(top)
    if requester is table.root or plugin in (None, table.root):
        return ""
    for name, provider in requester.routes.items():
        mine, its = distribution_of(provider, name), distribution_of(plugin.routes.get(name, provider), name)
        if mine is not None and its is not None and mine[0] == its[0] and mine[1] != its[1]:
            return (
                f"The plug-in uses {its[0]} {its[1]}, the importing code {mine[0]} {mine[1]}; "
                "both need the same version"
            )
    return ""


def _advice_to_application(table: Table, providers: list[Domain], top: str) -> str:
    """The hint for the application, with the version of a tree that it uses: that tree takes no objects of another."""
    domain = min(providers, key=lambda one: not _used_trees(table).intersection(one.trees), default=None)
    distribution = distribution_of(domain, top) if domain is not None else None
    wanted = distribution[0] + _compatible_specifier(distribution[1]) if distribution else top
    folder = site_packages_of(domain, top) if domain is not None else None
    tree = table.sites.get(folder or "", domain.trees[0] if domain is not None else "…")
    return (
        f'Add "{wanted}" to the dependencies of the application to use it here, '
        f"or write `from py_modules.{tree} import {top}`"
    )


def _used_trees(table: Table) -> set[str]:
    return {tree for provider in table.root.routes.values() for tree in provider.trees}


def _compatible_specifier(version: str) -> str:
    """The specifier for a version and its bug-fix releases; for a version that is not final, only for itself."""
    release, _, more = version.partition("+")[0].partition(".post")
    parts = release.split(".")
    if (more and not more.isdigit()) or not all(part.isdigit() for part in parts[1:] or parts):
        return f"=={version}"
    return f"=={'.'.join(parts[:2])}.*"


def _advice(table: Table, requester: Domain, providers: list[Domain], top: str) -> str:
    if requester is table.root:
        return _advice_to_application(table, providers, top)
    project = table.project_of(providers[0], top) if providers else top
    if requester.is_shared and not (requester.is_strict and table.root.provider_of(top) in providers):
        return (
            "What trees share can only import what all of them have in one version; to give each tree its own: "
            '[tool.mvlock] share = { never = ["…"] }'
        )
    whose = ("Its", "that tree") if len(requester.trees) == 1 else ("Their", "the one that needs it")
    trees = requester.trees if requester.is_shared else (tree_with(table, requester, _importing_module(requester)),)
    return (
        f"{whose[0]} distributions do not require {project}; if they should, add it to {whose[1]}: "
        f"{_lines(table, trees, [project])}"
    )


def _importing_module(requester: Domain) -> str:
    """The name of the module of ``requester`` whose code is importing."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_builtins is not requester.builtins:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame is not None else ""


def missing_line(table: Table, requester: Domain, projects: list[str]) -> str:
    """What to write so that each tree of ``requester`` has ``projects``; trees that have them are left out."""
    trees = [tree for tree in requester.trees if not set(projects) <= table.projects_in(tree)] or requester.trees
    return _lines(table, trees, projects)


def _lines(table: Table, trees: Iterable[str], projects: list[str]) -> str:
    listed = '["' + '", "'.join(("…", *projects)) + '"]'
    named = [f"{tree} = {listed}" for tree in trees if tree not in table.aliases]
    aliases = [f"{tree} = {{ requirements = {listed} }}" for tree in trees if tree in table.aliases]
    tables = ("[tool.mvlock.trees] ", named), ("[tool.mvlock.alias] ", aliases)
    return " and ".join(table + "; ".join(lines) for table, lines in tables if lines)
