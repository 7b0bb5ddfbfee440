"""The application's imports that will fail since they are undeclared; reported once, with the command to add them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from packaging.version import Version

from mvlock.importmap.model import ImportMap, MapDomain
from mvlock.install.application_imports import ApplicationImport
from mvlock.install.up_to_date import REPORTED_FILE
from mvlock.lock.model import Lock

_OURS = {"importshim", "py_modules"}


class Undeclared(msgspec.Struct, frozen=True):
    """A module, and the first ``place`` at which the application imports it; ``providers``: trees that have it.

    ``providers`` maps a tree to project and version; empty: no tree has it. ``aliases``: those of them that are of an
    alias. ``is_caught``: the application continues without it in every place that imports it.
    """

    name: str
    place: str
    providers: Mapping[str, tuple[str, str]]
    aliases: frozenset[str] = frozenset()
    is_caught: bool = False

    @property
    def best(self) -> tuple[str, str]:
        """Project and version to declare: the newest in a tree that is no alias's; else the newest of all."""
        own = [found for tree, found in self.providers.items() if tree not in self.aliases]
        return max(own or self.providers.values(), key=lambda found: _order(found[1]))


def undeclared(
    imports: Iterable[ApplicationImport], value: ImportMap, lock: Lock, standard_library: Collection[str]
) -> list[Undeclared]:
    """Every name once, in the order of ``imports``; what is locked but not installed counts as declared.

    An optional import counts if a tree has the module: in a plain virtual environment it would be found.
    """
    declared = {*value.root, *value.aliases, *(name for tree in lock.trees for name in tree.imports)}
    declared |= {tree.alias for tree in lock.trees if tree.alias is not None}
    found: dict[str, Undeclared] = {}
    for item in sorted(imports, key=lambda item: item.is_caught):
        top = item.name.partition(".")[0]
        if top in standard_library or top in _OURS or top in found or _is_among(item.name, declared):
            continue
        providers = _providers(top, value, lock)
        aliases = frozenset(providers.keys() & value.aliases)
        found[top] = Undeclared(top, f"{item.file}:{item.line}", providers, aliases, item.is_caught)
    return [item for item in found.values() if item.providers or not item.is_caught]


def undeclared_message(found: Collection[Undeclared]) -> str | None:
    """One sentence on those that trees have, with the command that declares them."""
    provided = [item for item in found if item.providers]
    if not provided:
        return None
    count = "1 import is" if len(provided) == 1 else f"{len(provided)} imports are"
    names = ", ".join(_import_text(item) for item in provided)
    projects = " ".join(sorted({_requirement(item, provided) for item in provided}))
    return f"{count} not declared: {names}; run `mvlock add {projects}`"


def missing_message(found: Collection[Undeclared]) -> str | None:
    """One sentence on those that no tree has."""
    names = ", ".join(f"{item.name} ({item.place})" for item in found if not item.providers)
    return f"no tree provides {names}; add the project that does" if names else None


def is_new_report(modules: Path, text: str | None) -> bool:
    """Whether ``text`` differs from the last one reported in the project of the folder ``modules``; records it."""
    record = modules / REPORTED_FILE
    with suppress(OSError, ValueError):
        if json.loads(record.read_bytes()) == text:
            return False
    with suppress(OSError):
        record.write_text(json.dumps(text), "utf-8")
    return text is not None


def _is_among(name: str, declared: Collection[str]) -> bool:
    """Whether a module is declared, is inside a declared one, or is a namespace of one."""
    parts = name.split(".")
    if any(".".join(parts[:length]) in declared for length in range(1, len(parts) + 1)):
        return True
    return any(item.startswith(f"{name}.") for item in declared)


def _providers(top: str, value: ImportMap, lock: Lock) -> dict[str, tuple[str, str]]:
    """The trees with the distribution that serves ``top`` to their code, with its name and version."""
    domains = {domain.name: domain for domain in value.domains}
    members = {tree.name: {member.name for member in tree.packages} for tree in lock.trees}
    found = {}
    for tree, entry in value.trees.items():
        served = domains[entry.domain].routes.get(top)
        owner = _owner(domains[served], top) if served is not None else None
        if owner is not None and owner[0] in members.get(tree, {owner[0]}):
            found[tree] = owner
    return found


def _owner(domain: MapDomain, top: str) -> tuple[str, str]:
    owners = ((item.name, item.version) for item in domain.distributions if top in item.imports)
    return next(owners, (top, ""))


def _import_text(item: Undeclared) -> str:
    place = f"{item.place}, in a try" if item.is_caught else item.place
    versions = {version for _, version in item.providers.values()}
    if len(versions) == 1:
        first, *others = sorted(item.providers)
        return f"{item.name} ({place}, from {first}{f' and {len(others)} more' if others else ''})"
    having = ", ".join(f"{version} from {tree}" for tree, (_, version) in sorted(item.providers.items()))
    return f"{item.name} ({place}, {having})"


def _requirement(item: Undeclared, provided: Iterable[Undeclared]) -> str:
    """The requirement to add: where trees have several versions, one that keeps to the best, as importshim proposes."""
    project, _ = item.best
    versions = {version for other in provided for name, version in other.providers.values() if name == project}
    if len(versions) < 2:
        return project
    best = max((version for name, version in (other.best for other in provided) if name == project), key=_order)
    return f'"{project}{_compatible_specifier(Version(best))}"' if best else project


def _order(version: str) -> Version:
    """To compare versions; that of a module without a distribution is empty, and the lowest."""
    return Version(version or "0.dev0")


def _compatible_specifier(version: Version) -> str:
    """The specifier for a version and its bug-fix releases; for a pre-release, only for itself."""
    if version.is_prerelease:
        return f"=={version}"
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f"=={epoch}{'.'.join(map(str, version.release[:2]))}.*"
