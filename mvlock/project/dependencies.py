"""What is required: every requirement of ``[project]`` and ``[dependency-groups]``, flattened.

Includes of groups (PEP 735) and references of a project to its own extras (``my-app[test]``) are expanded
here, so that later steps see plain requirements, each with its group or extra.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import Declaration, Origin
from mvlock.project.fields import plain_requirement
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.settings import GroupItem, Settings


class _RequirementList(msgspec.Struct, frozen=True):
    """The requirements of one extra or group, under its name as written."""

    written: str
    declarations: tuple[Declaration, ...] = ()
    includes: tuple[tuple[Origin, NormalizedName], ...] = ()


class _RequirementTables(msgspec.Struct, frozen=True):
    """All requirements, groups and extras, before references are expanded."""

    project: NormalizedName
    extras: Mapping[NormalizedName, _RequirementList]
    groups: Mapping[NormalizedName, _RequirementList]
    problems: Problems


def collect_requirements(settings: Settings, main: tuple[str, ...], problems: Problems) -> list[Declaration]:
    """All requirements in the order of the file, expanded; a reference that cannot be expanded is a problem.

    ``main``: the keys of the array with the requirements that always apply.
    """
    tables = _read_tables(settings, problems)
    declarations = _declarations(settings.project.dependencies, main)
    found = list(_expand_self_references(tables, declarations))
    for name, extra in tables.extras.items():
        found += [
            replace(declaration, extra=name)
            for declaration in _expand_self_references(tables, extra.declarations, (name,))
        ]
    for name in tables.groups:
        found += [
            replace(declaration, group=name)
            for declaration in _expand_self_references(tables, _group_declarations(tables, name, ()))
        ]
    return _deduplicated(found)


def _read_tables(settings: Settings, problems: Problems) -> _RequirementTables:
    extras = _requirement_lists(settings.project.optional_dependencies, ("project", "optional-dependencies"), problems)
    groups = _requirement_lists(settings.groups, ("dependency-groups",), problems)
    return _RequirementTables(canonicalize_name(settings.project.name), extras, groups, problems)


def _requirement_lists(
    tables: Mapping[str, Sequence[Requirement | GroupItem]], at: tuple[str, ...], problems: Problems
) -> dict[NormalizedName, _RequirementList]:
    found: dict[NormalizedName, _RequirementList] = {}
    for written, items in tables.items():
        name = canonicalize_name(written)
        if name in found:
            problems.add(
                "name-clash",
                key_path([*at, written]),
                f"has the same normalised name as '{found[name].written}'",
            )
            continue
        path = (*at, written)
        found[name] = _RequirementList(written, tuple(_declarations(items, path)), tuple(_includes(items, path)))
    return found


def _declarations(items: Sequence[Requirement | GroupItem], at: tuple[str, ...]) -> Iterator[Declaration]:
    for index, item in enumerate(items):
        requirement = item.requirement if isinstance(item, GroupItem) else item
        if requirement is not None:
            yield Declaration(requirement, Origin(at, index))


def _includes(items: Sequence[Requirement | GroupItem], at: tuple[str, ...]) -> Iterator[tuple[Origin, NormalizedName]]:
    for index, item in enumerate(items):
        if isinstance(item, GroupItem) and item.include is not None:
            yield Origin(at, index), canonicalize_name(item.include.include_group)


def _group_declarations(
    tables: _RequirementTables, name: NormalizedName, path: tuple[NormalizedName, ...]
) -> Iterator[Declaration]:
    yield from tables.groups[name].declarations
    for origin, included in tables.groups[name].includes:
        if included not in tables.groups:
            text = f"there is no dependency group '{included}'{did_you_mean(included, tables.groups)}"
            tables.problems.add("group-missing", str(origin), text)
        elif included in (*path, name):
            _report_cycle(tables, origin, (*path, name), included)
        else:
            yield from _group_declarations(tables, included, (*path, name))


def _report_cycle(
    tables: _RequirementTables, origin: Origin, path: tuple[NormalizedName, ...], included: NormalizedName
) -> None:
    """A cycle is found from every group that leads to it, but reported only from its alphabetically first group."""
    if included == path[0] == min(path):
        text = "groups include each other: " + " -> ".join([*path, included])
        tables.problems.add("group-cycle", str(origin), text)


def _expand_self_references(
    tables: _RequirementTables,
    declarations: Iterator[Declaration] | Sequence[Declaration],
    seen: tuple[NormalizedName, ...] = (),
) -> Iterator[Declaration]:
    """Replace a reference of the project to its own extras with what these extras require."""
    for declaration in declarations:
        if declaration.project != tables.project:
            yield declaration
        elif not declaration.requirement.extras and declaration.origin.keys[0] == "project":
            tables.problems.add("self-reference", str(declaration.origin), f"'{tables.project}' depends on itself")
        else:
            yield from _extra_declarations(tables, declaration, seen)


def _extra_declarations(
    tables: _RequirementTables, declaration: Declaration, seen: tuple[NormalizedName, ...]
) -> Iterator[Declaration]:
    for written in sorted(declaration.requirement.extras):
        extra = canonicalize_name(written)
        if extra not in tables.extras:
            text = f"'{tables.project}' has no extra '{extra}'{did_you_mean(extra, tables.extras)}"
            tables.problems.add("extra-missing", str(declaration.origin), text)
        elif extra not in seen:
            for inner in _expand_self_references(tables, tables.extras[extra].declarations, (*seen, extra)):
                yield replace(inner, requirement=_with_marker(inner.requirement, declaration.requirement.marker))


def _with_marker(requirement: Requirement, marker: Marker | None) -> Requirement:
    if marker is None:
        return requirement
    narrowed = plain_requirement(str(requirement))
    narrowed.marker = marker if requirement.marker is None else requirement.marker & marker
    return narrowed


def _deduplicated(declarations: list[Declaration]) -> list[Declaration]:
    first: dict[tuple[str, NormalizedName | None, NormalizedName | None], Declaration] = {}
    for declaration in declarations:
        first.setdefault((str(declaration.requirement), declaration.group, declaration.extra), declaration)
    return list(first.values())
