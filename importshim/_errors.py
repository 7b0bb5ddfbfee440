"""What importshim says when a name is not the asker's: who asked, who has it, what to write."""

from __future__ import annotations

import os

from importshim._behalf import conflicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._runtime import Runtime


def not_visible(runtime: Runtime, asker: Domain, name: str) -> ModuleNotFoundError:
    """The error for ``asker`` importing ``name``, which only other domains provide."""
    top = name.partition(".")[0]
    if top not in runtime.contested and top not in runtime.sole:
        return ModuleNotFoundError(f"No module named {name!r} in {asker.label}", name=name)
    owners = [domain for domain in runtime.domains.values() if domain.routes.get(top) is domain]
    who = "the application" if asker is runtime.root else asker.label
    has = ", ".join(_holding(domain, top) for domain in owners)
    message = f"No module named {name!r} for {who}; {has}"
    hint = _obstacle(runtime, asker, top) or _advice(runtime, asker, owners, top)
    return ModuleNotFoundError(f"{message}. {hint}" if hint else message, name=name)


def tell_not_installed(error: ModuleNotFoundError, domain: Domain, name: str) -> None:
    """Let ``error``, of ``domain`` that does not find its module ``name``, tell that its tree is not there at all."""
    if error.name == name and not any(map(os.path.isdir, domain.paths)):
        error.msg = f"No module named {name!r}: tree {domain.trees[0]} is not installed; run `mvlock install`"
        error.args = (error.msg,)


def _holding(domain: Domain, top: str) -> str:
    owner = domain.owner_of(top)
    what = f"{owner[0]} {owner[1]}" if owner else top
    if domain.is_world and (tree := domain.runtime.sites.get(domain.folder_of(top) or "")):
        return f"tree {tree} has it ({what})"
    return f"{domain.label} {'has' if len(domain.trees) == 1 else 'have'} it ({what})"


def _obstacle(runtime: Runtime, asker: Domain, top: str) -> str:
    """Why a plug-in of the application is out of reach for the framework that was asked to load it."""
    plugin = runtime.root.serving(top)
    if asker is runtime.root or plugin in (None, runtime.root):
        return ""
    for project, own, other in conflicts(asker, plugin):
        return f"It works with {project} {other}, the code that asks with {project} {own}: they need one version"
    return ""


def _advice_to_application(runtime: Runtime, owners: list[Domain], top: str) -> str:
    """The version that a tree has which the application uses: with another one, it could hand that tree no objects."""
    domain = min(owners, key=lambda one: not _used_trees(runtime).intersection(one.trees), default=None)
    owner = domain.owner_of(top) if domain is not None else None
    wanted = owner[0] + _like(owner[1]) if owner else top
    folder = domain.folder_of(top) if domain is not None else None
    tree = runtime.sites.get(folder or "", domain.trees[0] if domain is not None else "…")
    return (
        f'Add "{wanted}" to [project] dependencies in pyproject.toml to use it here, '
        f"or write `from py_modules.{tree} import {top}`"
    )


def _used_trees(runtime: Runtime) -> set[str]:
    return {tree for served in runtime.root.routes.values() for tree in served.trees}


def _like(version: str) -> str:
    """The specifier of a version and its bug fixes; of one that is not final, of itself."""
    release, _, more = version.partition("+")[0].partition(".post")
    parts = release.split(".")
    if (more and not more.isdigit()) or not all(part.isdigit() for part in parts[1:] or parts):
        return f"=={version}"
    return f"=={'.'.join(parts[:2])}.*"


def _advice(runtime: Runtime, asker: Domain, owners: list[Domain], top: str) -> str:
    owner = next((owner for domain in owners if (owner := domain.owner_of(top))), None)
    project = owner[0] if owner else top
    if asker is runtime.root:
        return _advice_to_application(runtime, owners, top)
    if not asker.is_world:
        return (
            "What trees share can import what all of them have the same; to give each tree its own: "
            '[tool.mvlock] share = { never = ["…"] }'
        )
    return (
        f"Its distributions do not require {project}; if they should, add it to that tree: "
        f'[tool.mvlock.trees] {asker.trees[0]} = ["…", "{project}"]'
    )
