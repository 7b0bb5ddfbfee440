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

from mvlock.base.limits import MOST_REQUIREMENTS
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
            for declaration in _expand_self_references(tables, extra.declarations, name)
        ]
    for name in tables.groups:
        found += [
            replace(declaration, group=name)
            for declaration in _expand_self_references(tables, _group_declarations(tables, name))
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


def _group_declarations(tables: _RequirementTables, name: NormalizedName) -> Iterator[Declaration]:
    """What a group and those that it includes require; a group that is reached on several ways counts once."""
    yield from tables.groups[name].declarations
    path, seen = [(name, iter(tables.groups[name].includes))], {name}
    while path:
        origin, included = next(path[-1][1], (None, name))
        if origin is None:
            path.pop()
        elif included not in tables.groups:
            text = f"there is no dependency group '{included}'{did_you_mean(included, tables.groups)}"
            tables.problems.add("group-missing", str(origin), text)
        elif included == name:
            _report_cycle(tables, origin, [group for group, _ in path])
        elif included not in seen:
            seen.add(included)
            yield from tables.groups[included].declarations
            path.append((included, iter(tables.groups[included].includes)))


def _report_cycle(tables: _RequirementTables, origin: Origin, path: Sequence[NormalizedName]) -> None:
    """A cycle is found from each of its groups, but reported only from the alphabetically first."""
    if path[0] == min(path):
        text = "groups include each other: " + " -> ".join([*path, path[0]])
        tables.problems.add("group-cycle", str(origin), text)


def _expand_self_references(
    tables: _RequirementTables,
    declarations: Iterator[Declaration] | Sequence[Declaration],
    extra: NormalizedName | None = None,
) -> Iterator[Declaration]:
    """Replace a reference of the project to its own extras with what these extras require.

    An extra that is reached again under the same marker requires nothing more. ``extra``: whose declarations they are.
    """
    seen = {(extra, "")}
    pending: list[tuple[Iterator[Declaration], Marker | None]] = [(iter(declarations), None)]
    while pending:
        declaration = next(pending[-1][0], None)
        if declaration is None:
            pending.pop()
            continue
        requirement = _with_marker(declaration.requirement, pending[-1][1])
        if declaration.project != tables.project:
            yield replace(declaration, requirement=requirement)
        elif not requirement.extras and declaration.origin.keys[0] == "project":
            tables.problems.add("self-reference", str(declaration.origin), f"'{tables.project}' depends on itself")
        else:
            marker = requirement.marker
            new = [name for name in _own_extras(tables, declaration) if (name, str(marker or "")) not in seen]
            seen.update((name, str(marker or "")) for name in new)
            pending += [(iter(tables.extras[name].declarations), marker) for name in reversed(new)]
        if len(seen) > MOST_REQUIREMENTS:
            text = "the extras of the project refer to each other in too many ways"
            tables.problems.add("extras-excessive", str(declaration.origin), text)
            tables.problems.raise_if_any()


def _own_extras(tables: _RequirementTables, declaration: Declaration) -> Iterator[NormalizedName]:
    """The extras of the project that a declaration refers to, sorted; one that does not exist is a problem."""
    for written in sorted(declaration.requirement.extras):
        extra = canonicalize_name(written)
        if extra in tables.extras:
            yield extra
        else:
            text = f"'{tables.project}' has no extra '{extra}'{did_you_mean(extra, tables.extras)}"
            tables.problems.add("extra-missing", str(declaration.origin), text)


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
