"""``[tool.hatch.envs]``: the dependencies of Hatch's environments, as groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from mvlock.foreign.document import shaped, table_in
from mvlock.foreign.model import ForeignProject, Place, combined, left_out
from mvlock.foreign.requirement import requirement_part

_AT = "tool.hatch.envs"


class _Environment(msgspec.Struct, frozen=True, rename="kebab"):
    dependencies: list[str] = []
    extra_dependencies: list[str] = []
    features: list[str] = []
    dependency_groups: list[str] = []


def read_hatch(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """The group ``dev`` from Hatch's default environment, and one of its own name from each of the others.

    :raises ValueError: an environment is not in the shape that Hatch reads
    """
    environments = shaped(table_in(document, *_AT.split(".")), dict[str, _Environment], _AT)
    return combined(part for name, found in environments.items() for part in _environment(name, found, folder))


def _environment(name: str, found: _Environment, folder: Path) -> Iterator[ForeignProject]:
    group = "dev" if name == "default" else name
    root = {"{root:uri}": folder.as_uri(), "{root}": folder.as_posix()}
    for text in (*found.dependencies, *found.extra_dependencies):
        for field, value in root.items():
            text = text.replace(field, value)  # noqa: PLW2901 - each field in turn
        yield requirement_part(text, Place(group=group), folder, f"{_AT}.{name}")
    yield ForeignProject(includes=tuple((group, included) for included in found.dependency_groups))
    if found.features:
        options = " ".join(f"--extra {feature}" for feature in found.features)
        yield left_out(f"{_AT}.{name}.features", f"extras are chosen at install: {options}")
