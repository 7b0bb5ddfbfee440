"""``[tool.uv]`` apart from sources and indexes: bounds, limits, and what is left out, with what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mvlock.foreign.document import shaped
from mvlock.foreign.model import ForeignProject, left_out
from mvlock.foreign.requirement import bound_part

AT = "tool.uv"
_BOUNDS = {
    "constraint-dependencies": "constraints",
    "override-dependencies": "overrides",
    "build-constraint-dependencies": "build-constraints",
}
_PRERELEASES = {"allow": "allow", "disallow": "disallow"}
_READ_ELSEWHERE = frozenset(
    {"sources", "index", "index-url", "extra-index-url", "find-links", "dev-dependencies", "workspace"}
)
_TAKEN = frozenset({*_BOUNDS, "exclude-dependencies", "exclude-newer", "exclude-newer-package", "environments"})
_BUILDS = "mvlock passes no options to builds"
_PLATFORMS = "mvlock locks for every platform that has files, and a note names those that have none"
_WHY = {
    "conflicts": "every dependency has its own tree, and what excludes each other gets an alias: install all together",
    "config-settings": _BUILDS,
    "config-settings-package": _BUILDS,
    "default-groups": "mvlock installs dev by default; other groups by --group",
    "dependency-groups": "a group has no Python version of its own; put a marker on its requirements",
    "dependency-metadata": "mvlock reads the real metadata; overrides and exclude-dependencies correct it",
    "extra-build-dependencies": "a build gets what its own pyproject.toml requires; build-constraints limit that",
    "extra-build-variables": _BUILDS,
    "fork-strategy": "mvlock takes the newest version for every platform and Python",
    "index-strategy": "the first index that has a project is the only one used for it, as with uv's first-index",
    "no-binary": "mvlock takes wheels where there are any",
    "no-binary-package": "mvlock takes wheels where there are any",
    "no-build-isolation": "builds are always isolated",
    "no-build-isolation-package": "builds are always isolated",
    "no-build-package": "no-build = true in [tool.mvlock] is for all projects",
    "no-index": "mvlock has no such option; a [[tool.mvlock.index]] with default = true replaces the public index",
    "no-sources": "leave out the rows of [tool.mvlock.sources] instead",
    "required-environments": _PLATFORMS,
    "resolution": "mvlock takes the newest versions that fit",
}
_OWN = "for uv's own commands"


def read_settings(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    """The settings of a ``[tool.uv]``; ``folder`` is where relative paths in it start.

    :raises ValueError: they are not in the shape that uv reads
    """
    for key, ours in _BOUNDS.items():
        for text in shaped(table.get(key, []), list[object], f"{AT}.{key}"):
            yield _bound(text, ours, folder, f"{AT}.{key}")
    for name in shaped(table.get("exclude-dependencies", []), list[object], f"{AT}.exclude-dependencies"):
        yield _excluded(name)
    yield ForeignProject(settings=dict(_limits(table)))
    yield from _rest(table)


def _bound(text: object, ours: str, folder: Path, at: str) -> ForeignProject:
    """A bound; uv also has tables that are for the dependencies of one project only."""
    if isinstance(text, str):
        return bound_part(text, ours, folder, at)
    return left_out(f"{at}: {text}", f"{ours} apply to a whole tree: write them for one in [tool.mvlock.trees]")


def _excluded(name: object) -> ForeignProject:
    if isinstance(name, str):
        return ForeignProject(settings={"exclude-dependencies": [name]})
    why = "exclude-dependencies apply to a whole tree: write them for one in [tool.mvlock.trees]"
    return left_out(f"{AT}.exclude-dependencies: {name}", why)


def _limits(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The settings that are one value each."""
    markers = table.get("environments", [])
    environments = shaped(markers if isinstance(markers, list) else [markers], list[str], f"{AT}.environments")
    if environments:
        yield "environments", environments
    for key in ("exclude-newer", "exclude-newer-package"):
        if table.get(key):
            yield key, table[key]
    if table.get("no-build") is True:
        yield "no-build", True
    if (prereleases := _PRERELEASES.get(str(table.get("prerelease")))) is not None:
        yield "prereleases", prereleases


def _rest(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    """What is left out; uv's defaults of ``prerelease`` and ``no-build`` are those of mvlock."""
    others = table.keys() - _READ_ELSEWHERE - _TAKEN - {"prerelease", "no-build"}
    for key in sorted(others & _WHY.keys()):
        yield left_out(f"{AT}.{key}", _WHY[key])
    if own := sorted(others - _WHY.keys()):
        yield left_out(f"{AT}: {', '.join(own)}", _OWN, concerns_lock=False)
