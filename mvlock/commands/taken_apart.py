"""Requirements on one project that exclude each other: the first keeps the name, the others get aliases.

Those that one version meets share an alias. They are from several files, or from groups and extras of one that another
tool never installs together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.commands.manifest import Manifest, Section
from mvlock.foreign.model import ForeignProject, ForeignRequirement, Omission, combined
from mvlock.project.fields import plain_requirement
from mvlock.project.tree_names import tree_name


class Conflict(msgspec.Struct, frozen=True):
    """Two requirements that no version meets, the second with the ``alias`` that it gets.

    ``needed``: what the alias requires, for all that share it.
    """

    first: ForeignRequirement
    second: ForeignRequirement
    alias: str
    needed: Requirement

    def write(self, manifest: Manifest) -> None:
        """Add the alias, unless it is there; the requirement goes from where the file has it."""
        place = self.second.place
        manifest.toml.table(("tool", "mvlock", "alias")).setdefault(self.alias, str(self.needed))
        if _is_in_one_file(self.first, self.second):
            manifest.drop(canonicalize_name(self.needed.name), Section(place.group, place.extra))

    def __str__(self) -> str:
        first, second = self.first, self.second
        name = first.requirement.name
        return (
            f"conflict: {_where(first, second)} needs '{first.requirement}', "
            f"{_where(second, first)} '{second.requirement}': "
            f"`import {tree_name(name)}` is the first, `import {self.alias}` the second (tool.mvlock.alias)"
        )


def taken_apart(projects: Sequence[ForeignProject]) -> tuple[list[ForeignProject], list[Conflict]]:
    """The projects without what conflicts with an earlier one, and these conflicts."""
    kept: list[ForeignRequirement] = []
    conflicts: list[Conflict] = []
    aliases: dict[str, Requirement] = {}
    parts: list[ForeignProject] = []
    for project in projects:
        apart = list(_conflicts(kept, project, aliases))
        seconds = {id(conflict.second) for conflict in apart}
        rest = tuple(one for one in project.requirements if id(one) not in seconds)
        conflicts += apart
        kept += rest
        parts.append(replace(project, requirements=rest, left_out=(*project.left_out, *_other_sources(parts, project))))
    return parts, [replace(conflict, needed=aliases[conflict.alias]) for conflict in conflicts]


def _other_sources(earlier: list[ForeignProject], project: ForeignProject) -> Iterator[Omission]:
    """The sources of which an earlier file has another one."""
    for name, source in combined(earlier).sources.items():
        if project.sources.get(name, source) != source:
            yield Omission(f"the source of {name} in {project.files[0]}", "an earlier file has another one")


def _conflicts(
    kept: list[ForeignRequirement], project: ForeignProject, aliases: dict[str, Requirement]
) -> Iterator[Conflict]:
    """What conflicts in a project, or with what is ``kept`` of earlier ones; ``aliases`` gets what each needs."""
    own: list[ForeignRequirement] = []
    for one in project.requirements:
        elsewhere = (*kept, *(other for other in own if other.place != one.place))
        first = next((other for other in elsewhere if _exclude_each_other(other.requirement, one.requirement)), None)
        if first is None:
            own.append(one)
        else:
            alias = next((name for name, needed in aliases.items() if _meet(needed, one.requirement)), None)
            alias = alias or _new_alias(one, aliases)
            aliases[alias] = _both(aliases.get(alias, one.requirement), one.requirement)
            yield Conflict(first, one, alias, aliases[alias])


def _is_in_one_file(one: ForeignRequirement, other: ForeignRequirement) -> bool:
    return one.origin == other.origin


def _place(one: ForeignRequirement) -> str:
    return one.place.extra or one.place.group or ""


def _where(one: ForeignRequirement, other: ForeignRequirement) -> str:
    """The file of a requirement, or its group or extra, if the other one is in the same file."""
    if not _is_in_one_file(one, other):
        return one.origin
    return (
        f"extra {one.place.extra}" if one.place.extra else f"group {one.place.group}" if one.place.group else one.origin
    )


def _exclude_each_other(one: Requirement, other: Requirement) -> bool:
    """Whether no version meets both, where both apply; different markers may mean different places."""
    return _are_alike(one, other) and (one.specifier & other.specifier).is_unsatisfiable()


def _meet(one: Requirement, other: Requirement) -> bool:
    """Whether one version may meet both."""
    return _are_alike(one, other) and not (one.specifier & other.specifier).is_unsatisfiable()


def _are_alike(one: Requirement, other: Requirement) -> bool:
    return one.name == other.name and str(one.marker) == str(other.marker)


def _both(one: Requirement, other: Requirement) -> Requirement:
    found = plain_requirement(str(one))
    found.specifier &= other.specifier
    found.extras |= other.extras
    return found


def _new_alias(found: ForeignRequirement, taken: Collection[str]) -> str:
    """``numpy_legacy`` for what legacy.txt, or the extra ``legacy``, requires; with a number if that is taken."""
    stem = re.sub(r"\W+", "_", _place(found) or found.origin.rpartition("/")[2].split(".")[0]).strip("_").lower()
    base = f"{tree_name(found.requirement.name)}_{stem or 'other'}"
    numbered = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return next(name for name in chain([base], numbered) if name not in taken)
