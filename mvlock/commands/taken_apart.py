"""Files whose requirements on one project exclude each other: the first keeps the name, the others get aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement

from mvlock.commands.manifest import Manifest
from mvlock.foreign.model import ForeignProject, ForeignRequirement, Omission, combined
from mvlock.project.tree_names import tree_name


class Conflict(msgspec.Struct, frozen=True):
    """Two requirements that no version meets, the second with the ``alias`` that it gets."""

    first: ForeignRequirement
    second: ForeignRequirement
    alias: str

    def write(self, manifest: Manifest) -> None:
        """Add the alias, unless it is there."""
        manifest.toml.table(("tool", "mvlock", "alias")).setdefault(self.alias, str(self.second.requirement))

    def __str__(self) -> str:
        first, second = self.first, self.second
        name = first.requirement.name
        return (
            f"conflict: {first.origin} needs '{first.requirement}', {second.origin} '{second.requirement}': "
            f"`import {tree_name(name)}` is the first, `import {self.alias}` the second (tool.mvlock.alias)"
        )


def taken_apart(projects: Sequence[ForeignProject]) -> tuple[list[ForeignProject], list[Conflict]]:
    """The projects without what conflicts with an earlier one, and these conflicts."""
    kept: list[ForeignRequirement] = []
    conflicts: list[Conflict] = []
    parts: list[ForeignProject] = []
    for project in projects:
        apart = list(_conflicts(kept, project, {conflict.alias for conflict in conflicts}))
        seconds = {id(conflict.second) for conflict in apart}
        rest = tuple(one for one in project.requirements if id(one) not in seconds)
        conflicts += apart
        kept += rest
        parts.append(replace(project, requirements=rest, left_out=(*project.left_out, *_other_sources(parts, project))))
    return parts, conflicts


def _other_sources(earlier: list[ForeignProject], project: ForeignProject) -> Iterator[Omission]:
    """The sources of which an earlier file has another one."""
    for name, source in combined(earlier).sources.items():
        if project.sources.get(name, source) != source:
            yield Omission(f"the source of {name} in {project.files[0]}", "an earlier file has another one")


def _conflicts(kept: list[ForeignRequirement], project: ForeignProject, taken: set[str]) -> Iterator[Conflict]:
    for one in project.requirements:
        first = next((other for other in kept if _exclude_each_other(other.requirement, one.requirement)), None)
        if first is not None:
            alias = _alias(one, taken)
            taken.add(alias)
            yield Conflict(first, one, alias)


def _exclude_each_other(one: Requirement, other: Requirement) -> bool:
    """Whether no version meets both, where both apply; different markers may mean different places."""
    alike = one.name == other.name and str(one.marker) == str(other.marker)
    return alike and (one.specifier & other.specifier).is_unsatisfiable()


def _alias(found: ForeignRequirement, taken: set[str]) -> str:
    """``numpy_legacy`` for what legacy.txt requires; with a number if that is taken."""
    stem = re.sub(r"\W+", "_", found.origin.rpartition("/")[2].split(".")[0]).strip("_").lower()
    base = f"{tree_name(found.requirement.name)}_{stem or 'other'}"
    numbered = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return next(name for name in chain([base], numbered) if name not in taken)
