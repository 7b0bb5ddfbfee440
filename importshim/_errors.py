"""What importshim says when a name is not the asker's: who asked, who has it, what to write."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._runtime import Runtime


def not_visible(runtime: Runtime, asker: Domain, name: str) -> ModuleNotFoundError:
    """The error for ``asker`` importing ``name``, which only other domains provide."""
    top = name.partition(".")[0]
    if top not in runtime.contested and top not in runtime.sole:
        return ModuleNotFoundError(f"No module named {name!r} in tree {asker.name}", name=name)
    owners = [domain for domain in runtime.domains.values() if domain.routes.get(top) is domain]
    who = "the application" if asker is runtime.root else f"tree {asker.name}"
    has = ", ".join(_holding(domain, top) for domain in owners)
    message = f"No module named {name!r} for {who}; {has}"
    hint = _advice(runtime, asker, owners, top)
    return ModuleNotFoundError(f"{message}. {hint}" if hint else message, name=name)


def _holding(domain: Domain, top: str) -> str:
    owner = domain.owner_of(top)
    what = f"{owner[0]} {owner[1]}" if owner else top
    return f"tree {domain.name} has it ({what})"


def _advice(runtime: Runtime, asker: Domain, owners: list[Domain], top: str) -> str:
    found = next((owner for domain in owners if (owner := domain.owner_of(top))), None)
    project = found[0] if found else top
    if asker is runtime.root:
        tree = owners[0].name if owners else "…"
        return (
            f'Add "{project}" to [project] dependencies in pyproject.toml to use it here, '
            f"or write `from py_modules.{tree} import {top}`"
        )
    return (
        f"Its distributions do not require {project}; if they should, add it to that tree: "
        f'[tool.mvlock.trees] {asker.name} = ["…", "{project}"]'
    )
