"""What the application may import from each tree: the names of the distributions it requires directly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from mvlock.base.wheel_paths import GENERIC_NAMES, import_names
from mvlock.errors import LocalError
from mvlock.lock.locked_preferences import PreviousLock
from mvlock.lock.merge import MergedMember
from mvlock.lock.model import LockedTree
from mvlock.lock.overlaps import Overlaps
from mvlock.project.model import TreeRequest
from mvlock.resolver.catalogue import Ports
from mvlock.resolver.release import Release


class Exposure(msgspec.Struct, frozen=True):
    """Import names of a tree for the application, or the module that its alias stands for."""

    imports: tuple[str, ...] = ()
    module: str | None = None


def required_releases(request: TreeRequest, members: Iterable[MergedMember]) -> tuple[Release, ...]:
    """The releases of the projects that the tree requires directly, in every version that some target has."""
    return tuple(member.release for member in members if member.release.project in request.projects)


def exposure_of(
    request: TreeRequest, members: Collection[MergedMember], ports: Ports, previous: PreviousLock
) -> Exposure:
    """Look into one wheel of each directly required release (for the same releases the previous lock's answer is used).

    :raises LocalError: ``alias-module-unclear`` if an alias does not say which of several modules it means,
        ``alias-module-missing`` if it names one that nothing in its tree has, ``alias-excluded`` if its markers
        exclude every release that could have the module
    """
    releases = required_releases(request, members)
    if request.alias is not None and request.module is not None:
        if members:  # else markers leave it out of every environment
            _check_module(request.alias, request.module, releases, [member.release for member in members], ports)
        return Exposure(module=request.module)
    if request.alias is not None:
        return Exposure(module=_module(request, releases, ports))
    known = previous.import_names(request.name, releases)
    names = known if known is not None else _names(releases, ports)
    return Exposure(tuple(sorted(names)))


def check_exposures(trees: Iterable[LockedTree], overlaps: Overlaps) -> None:
    """Check that every name the application may import means one thing; names in a namespace share their parents.

    :raises LocalError: ``import-name-taken``, naming both trees
    """
    owners: dict[str, LockedTree] = {}
    for tree in trees:
        for name in tree.imports if tree.alias is None else (tree.alias,):
            _check(name, owners.setdefault(name, tree), tree, overlaps)
    for name, tree in sorted(owners.items()):
        for parent in _parent_namespaces(name):
            first, second = sorted((owners.get(parent, tree), tree), key=lambda candidate: candidate.name)
            _check(name, first, second, overlaps)


def _check(name: str, first: LockedTree, second: LockedTree, overlaps: Overlaps) -> None:
    if first is not second and not overlaps.is_compatible(name, first, second):
        raise _name_clash(name, first, second)


def _parent_namespaces(name: str) -> Iterator[str]:
    """``a.b.c`` is in ``a`` and in ``a.b``."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _name_clash(name: str, first: LockedTree, second: LockedTree) -> LocalError:
    return LocalError(
        "import-name-taken",
        f"`import {name}` could mean tree {_described(first)} or tree {_described(second)}",
        hint="put both into one tree under [tool.mvlock.trees], or give one of them a name of its own "
        "under [tool.mvlock.alias]",
        facts={"name": name, "trees": [first.name, second.name]},
    )


def _described(tree: LockedTree) -> str:
    return f"{tree.name} ({', '.join(tree.requires)})"


def _names(releases: Iterable[Release], ports: Ports) -> set[str]:
    return {name for release in releases for name in _names_of(release, ports)}


def _names_of(release: Release, ports: Ports) -> tuple[str, ...]:
    wheel = release.metadata_wheel()
    if wheel is not None:
        return import_names(ports.index.wheel_names(wheel))
    source = release.source or release.sdist
    return ports.builder.import_names(source) if source else ()


def _check_module(
    alias: str, module: str, direct: Iterable[Release], everything: Iterable[Release], ports: Ports
) -> None:
    """Check that there is such a module; other members are looked into only if the required releases lack it."""
    names = _names(direct, ports)
    if not _is_among(module, names) and not _is_among(module, _names(everything, ports)):
        found = ", ".join(sorted(names)) or "none"
        raise LocalError(
            "alias-module-missing",
            f"alias {alias}: its tree has no module {module}; its library provides {found}",
            facts={"alias": alias, "module": module, "modules": sorted(names)},
        )


def _is_among(module: str, names: Iterable[str]) -> bool:
    """Whether a module is one of ``names``, in one of them, or a namespace of one; always true of stray names."""
    return module.partition(".")[0] in GENERIC_NAMES or any(
        f"{module}.".startswith(f"{name}.") or f"{name}.".startswith(f"{module}.") for name in names
    )


def files_of(request: TreeRequest, members: Iterable[MergedMember], ports: Ports) -> list[str] | None:
    """The files of one wheel of each directly required release; None if one would have to be built."""
    wheels = [release.metadata_wheel() for release in required_releases(request, members)]
    return [name for wheel in wheels if wheel for name in ports.index.wheel_names(wheel)] if all(wheels) else None


def _module(request: TreeRequest, releases: tuple[Release, ...], ports: Ports) -> str:
    """The module of an alias: the only one, or the one named like the project."""
    alias_project = request.alias_project or request.requirements[0].project
    own = [release for release in releases if release.project == alias_project]
    if not own:
        raise _excluded(request, alias_project)
    names = _names(own, ports)
    expected = alias_project.replace("-", "_")
    if expected not in names and len(names) != 1:
        found = ", ".join(sorted(names)) or "none"
        raise LocalError(
            "alias-module-unclear",
            f"alias {request.alias}: {alias_project} has the modules {found}, and none is named {expected}",
            hint=f'name the module: {request.alias} = {{ requirement = "{alias_project}", module = "…" }}',
        )
    return expected if expected in names else min(names)


def _excluded(request: TreeRequest, alias_project: str) -> LocalError:
    declarations = [declaration for declaration in request.requirements if declaration.project == alias_project]
    requirements = ", ".join(f"`{declaration}`" for declaration in declarations)
    return LocalError(
        "alias-excluded",
        f"alias {request.alias}: the marker of {requirements} excludes every environment that the lock covers",
        hint="change the marker, or remove the alias; or to keep it for other environments, name its module: "
        f'{request.alias} = {{ requirement = …, module = "…" }}',
        facts={"alias": request.alias, "requirements": [str(declaration) for declaration in declarations]},
    )
