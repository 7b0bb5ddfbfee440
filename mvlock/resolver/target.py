"""The environments a lock serves: marker variables (PEP 508) and wheel tags (PEP 425) of each.

A target is made from three facts: a minor version of CPython, an operating system (on Linux with its libc) and a
processor. Markers cannot tell glibc from musl, so the two Linux targets of one processor have the same
environment and differ in their tags only.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import chain, islice

import msgspec
from packaging import tags
from packaging.markers import Marker, default_environment
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mvlock.codes import Code
from mvlock.errors import LocalError

NEWEST = 15
"""The newest minor version of CPython 3 that every lock is for; later ones must be requested."""
_OLDEST = 10
_NEWEST_POSSIBLE = 30
_NEWEST_WITHOUT_BOUND = 14
"""The newest minor version that was known when mvlock still wrote requires-python without an upper bound."""
KNOWN_MINORS = range(6, _NEWEST_POSSIBLE + 1)
"""Minor versions of CPython 3 that a lock for one machine may be for; a universal lock is for those from 3.10 on."""
# A patch level that no release will reach: markers and requires-python such as ">=3.11.4" are then evaluated
# as on an up-to-date interpreter, and a lock does not depend on today's newest one.
_NEWEST_PATCH = 99
_GLIBC = range(39, 4, -1)
_MUSL = range(2, -1, -1)
_MACOS = (26, 0)
PatchBoundary = tuple[str, int]
"""A minor (``3.11``) and a patch level from which some marker has another value than below."""

PATCHES = range(_NEWEST_PATCH + 1)
"""The patch levels that are distinguished."""
_PATCHES_DOWN = range(_NEWEST_PATCH, -1, -1)
_MINOR = re.compile(r"\D*\d+\.(\d+)")


class Target(msgspec.Struct, frozen=True):
    """One environment to resolve for.

    ``name`` is short and stable (``cp311-manylinux_x86_64``), ``environment`` every marker variable of PEP
    508 except ``extra``, ``tags`` the supported wheel tags as ``py-abi-platform`` text, most specific first.
    """

    name: str
    environment: Mapping[str, str]
    tags: tuple[str, ...]


class _System(msgspec.Struct, frozen=True):
    """An operating system on a processor: the marker variables it fixes and its platform tags, best first."""

    name: str
    variables: Mapping[str, str]
    platforms: tuple[str, ...]


def newest_allowed(requires_python: SpecifierSet, requested: int = 0) -> int:
    """The newest minor to lock for: the newest allowed one up to ``NEWEST`` or ``requested``, if that is later.

    If only newer ones are allowed, it is the oldest of them: 3.17 is supported as soon as a project requires it.
    """
    newest = max(NEWEST, requested)
    allowed = _minors(requires_python)
    return max((minor for minor in allowed if minor <= newest), default=min(allowed, default=newest))


def bounded(requires_python: SpecifierSet, newest: int) -> SpecifierSet:
    """The requires-python of a lock that has no target of a minor version above ``newest``."""
    if max(_minors(requires_python), default=newest) <= newest:
        return requires_python
    return requires_python & SpecifierSet(f"<3.{newest + 1}")


def newest_locked(requires_python: SpecifierSet) -> int:
    """The newest minor that a lock with this ``requires_python`` has targets for."""
    newest = max(_minors(requires_python), default=0)
    return newest if newest < _NEWEST_POSSIBLE else _NEWEST_WITHOUT_BOUND


def _minors(requires_python: SpecifierSet) -> list[int]:
    """The minor versions with a patch level that is allowed: any one tells it, if no clause names the minor version."""
    named = {int(found[1]) for clause in requires_python if (found := _MINOR.match(clause.version))}
    return [
        minor
        for minor in range(_OLDEST, _NEWEST_POSSIBLE + 1)
        if any(_patches(requires_python, minor, _PATCHES_DOWN if minor in named else (_NEWEST_PATCH,)))
    ]


def targets_for(
    requires_python: SpecifierSet,
    environments: Iterable[Marker] = (),
    patch_boundaries: AbstractSet[PatchBoundary] = frozenset(),
    *,
    newest: int | None = None,
) -> tuple[Target, ...]:
    """Every target up to a ``newest`` minor that ``requires_python`` and one of ``environments`` (none: any) allow.

    A minor is one target per system, and one more for each of its ``patch_boundaries``. Without ``newest``, see
    ``newest_allowed``.

    Newest Python first, then Linux before macOS before Windows. Targets are solved in this order, so that
    older ones follow newer ones and not the other way round.

    :raises LocalError: ``no-target``
    """
    newest = newest_allowed(requires_python) if newest is None else newest
    found = _combinations(requires_python, tuple(environments), patch_boundaries, newest)
    return tuple(_target_of(version, system) for version, system in found)


def minors_for(requires_python: SpecifierSet, environments: Iterable[Marker] = (), *, newest: int) -> set[str]:
    """The minor versions (``3.12``) that have a target, without the tags of all these: they take many times longer.

    :raises LocalError: ``no-target``
    """
    found = _combinations(requires_python, tuple(environments), frozenset(), newest)
    return {_python_variables(version)["python_version"] for version, _ in found}


def _combinations(
    requires_python: SpecifierSet,
    markers: tuple[Marker, ...],
    patch_boundaries: AbstractSet[PatchBoundary],
    newest: int,
) -> list[tuple[Version, _System]]:
    found = [
        (version, system)
        for version in _allowed(requires_python, patch_boundaries, newest)
        for system in _systems()
        if not markers or any(marker.evaluate(_environment_of(version, system)) for marker in markers)
    ]
    if not found:
        raise LocalError(*_no_target(requires_python, markers))
    return found


def machine_target(version: str | None = None) -> Target:
    """The target of this machine, for a Python version (``3.12``), or (None) the running one."""
    if version is None:
        return target_here(_own_environment(), free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
    return target_here(_environment_with(Version(version)), free_threaded=False)


def target_here(environment: Mapping[str, str], *, free_threaded: bool) -> Target:
    """The target of this machine for a Python with these marker variables. The name is ``host-cp312``."""
    version = Version(environment["python_version"])
    known = _tags(version, tuple(tags.platform_tags()), free_threaded=free_threaded)
    return Target(f"host-cp{version.major}{version.minor}", environment, known)


def _allowed(
    requires_python: SpecifierSet, patch_boundaries: AbstractSet[PatchBoundary], newest: int
) -> Iterator[Version]:
    """The newest allowed patch level of every minor, and below each of its boundaries, newest first."""
    for minor in range(newest, _OLDEST - 1, -1):
        python = f"3.{minor}"
        starts = sorted({0, *(patch for broken, patch in patch_boundaries if broken == python)}, reverse=True)
        end = _NEWEST_PATCH
        for start in starts:
            yield from islice(_patches(requires_python, minor, range(end, start - 1, -1)), 1)
            end = start - 1


def _patches(requires_python: SpecifierSet, minor: int, patches: Iterable[int]) -> Iterator[Version]:
    """The patch levels of a minor version that are allowed."""
    versions = (Version(f"3.{minor}.{patch}") for patch in patches)
    return (version for version in versions if requires_python.contains(version, prereleases=True))


def _target_of(version: Version, system: _System) -> Target:
    patch = "" if version.micro == _NEWEST_PATCH else f".{version.micro}"
    name = f"cp{version.major}{version.minor}{patch}-{system.name}"
    return Target(name, _environment_of(version, system), _tags(version, system.platforms))


def _environment_of(version: Version, system: _System) -> dict[str, str]:
    return {**system.variables, **_python_variables(version)}


def _python_variables(version: Version) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "implementation_version": str(version),
        "platform_python_implementation": "CPython",
        "python_full_version": str(version),
        "python_version": f"{version.major}.{version.minor}",
    }


@cache
def _tags(version: Version, platforms: tuple[str, ...], *, free_threaded: bool = False) -> tuple[str, ...]:
    """CPython's own tags, then the generic ones, each once, in order of preference."""
    minor = (version.major, version.minor)
    interpreter = f"cp{version.major}{version.minor}"
    abis = [f"{interpreter}t" if free_threaded else interpreter]
    one = ("platform",)  # stands for all, which follow each other in every list of tags: a Tag for each takes long
    found = chain(tags.cpython_tags(minor, abis, one), tags.compatible_tags(minor, interpreter, one))
    return tuple(dict.fromkeys(text for tag in found for text in _on_each(tag, platforms)))


def _on_each(tag: tags.Tag, platforms: tuple[str, ...]) -> Iterable[str]:
    if tag.platform == "any":
        return (str(tag),)
    return [f"{tag.interpreter}-{tag.abi}-{platform}" for platform in platforms]


def _systems() -> Iterator[_System]:
    for machine in ("x86_64", "aarch64"):
        linux = _variables("posix", "Linux", "linux", machine)
        yield _System(f"manylinux_{machine}", linux, _manylinux(machine))
        yield _System(f"musllinux_{machine}", linux, _musllinux(machine))
    for machine in ("x86_64", "arm64"):
        mac = _variables("posix", "Darwin", "darwin", machine)
        yield _System(f"macosx_{machine}", mac, tuple(tags.mac_platforms(_MACOS, machine)))
    for machine in ("AMD64", "ARM64"):
        windows = _variables("nt", "Windows", "win32", machine)
        yield _System(f"win_{machine.lower()}", windows, (f"win_{machine.lower()}",))


def _variables(os_name: str, system: str, sys_platform: str, machine: str) -> dict[str, str]:
    return {
        "os_name": os_name,
        "platform_machine": machine,
        # Release and version of the kernel do not belong in a lock; ``TargetMatrix.where_undecided`` finds markers that
        # use them.
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "sys_platform": sys_platform,
    }


def _manylinux(machine: str) -> tuple[str, ...]:
    """PEP 600 tags, each with its older alias (PEP 513, 571, 599) if there is one."""
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    oldest = 5 if machine == "x86_64" else 17
    names: list[str] = []
    for minor in _GLIBC:
        if minor >= oldest:
            names.append(f"manylinux_2_{minor}_{machine}")
            names.extend([f"{legacy[minor]}_{machine}"] if minor in legacy else [])
    return (f"linux_{machine}", *names)


def _musllinux(machine: str) -> tuple[str, ...]:
    """PEP 656 tags."""
    return (f"linux_{machine}", *(f"musllinux_1_{minor}_{machine}" for minor in _MUSL))


def _no_target(requires_python: SpecifierSet, markers: tuple[Marker, ...]) -> tuple[Code, str]:
    if markers:
        wanted = " or ".join(f"'{marker}'" for marker in markers)
        return (
            "no-target",
            f"no supported environment satisfies {wanted} with requires-python '{requires_python}'",
        )
    return "no-target", f"requires-python '{requires_python}' allows no CPython from 3.{_OLDEST} on"


def _environment_with(version: Version) -> dict[str, str]:
    exact = version if len(version.release) > 2 else Version(f"{version}.{_NEWEST_PATCH}")
    return {**_own_environment(), **_python_variables(exact)}


def _own_environment() -> dict[str, str]:
    return {variable: str(value) for variable, value in default_environment().items()}
