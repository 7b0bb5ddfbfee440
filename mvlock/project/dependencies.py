"""What is required: every requirement line of ``[project]`` and ``[dependency-groups]``, flattened.

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

from mvlock.project.declared import Declared, Origin
from mvlock.project.fields import plain_requirement
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.settings import GroupItem, Settings


class _Named(msgspec.Struct, frozen=True):
    """The lines of one extra or group, under its name as written."""

    written: str
    lines: tuple[Declared, ...] = ()
    includes: tuple[tuple[Origin, NormalizedName], ...] = ()


class _Book(msgspec.Struct, frozen=True):
    """All requirements, groups and extras, before references are expanded."""

    project: NormalizedName
    extras: Mapping[NormalizedName, _Named]
    groups: Mapping[NormalizedName, _Named]
    problems: Problems


def gather(settings: Settings, problems: Problems) -> list[Declared]:
    """All requirement lines in the order of the file, expanded; a reference that cannot be expanded is a problem."""
    book = _open_book(settings, problems)
    lines = _lines(settings.project.dependencies, ("project", "dependencies"))
    found = list(_without_self(book, lines))
    for name, extra in book.extras.items():
        found += [replace(line, extra=name) for line in _without_self(book, extra.lines, (name,))]
    for name in book.groups:
        found += [replace(line, group=name) for line in _without_self(book, _group_lines(book, name, ()))]
    return _once(found)


def _open_book(settings: Settings, problems: Problems) -> _Book:
    extras = _named(settings.project.optional_dependencies, ("project", "optional-dependencies"), problems)
    groups = _named(settings.groups, ("dependency-groups",), problems)
    return _Book(canonicalize_name(settings.project.name), extras, groups, problems)


def _named(
    tables: Mapping[str, Sequence[Requirement | GroupItem]], at: tuple[str, ...], problems: Problems
) -> dict[NormalizedName, _Named]:
    found: dict[NormalizedName, _Named] = {}
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
        found[name] = _Named(written, tuple(_lines(items, path)), tuple(_includes(items, path)))
    return found


def _lines(items: Sequence[Requirement | GroupItem], at: tuple[str, ...]) -> Iterator[Declared]:
    for place, item in enumerate(items):
        requirement = item.requirement if isinstance(item, GroupItem) else item
        if requirement is not None:
            yield Declared(requirement, Origin(at, place))


def _includes(items: Sequence[Requirement | GroupItem], at: tuple[str, ...]) -> Iterator[tuple[Origin, NormalizedName]]:
    for place, item in enumerate(items):
        if isinstance(item, GroupItem) and item.include is not None:
            yield Origin(at, place), canonicalize_name(item.include.include_group)


def _group_lines(book: _Book, name: NormalizedName, trail: tuple[NormalizedName, ...]) -> Iterator[Declared]:
    yield from book.groups[name].lines
    for origin, included in book.groups[name].includes:
        if included not in book.groups:
            text = f"there is no dependency group '{included}'{did_you_mean(included, book.groups)}"
            book.problems.add("group-missing", str(origin), text)
        elif included in (*trail, name):
            _report_circle(book, origin, (*trail, name), included)
        else:
            yield from _group_lines(book, included, (*trail, name))


def _report_circle(book: _Book, origin: Origin, trail: tuple[NormalizedName, ...], included: NormalizedName) -> None:
    """A cycle is found from every group that leads to it, but reported only from its alphabetically first group."""
    if included == trail[0] == min(trail):
        text = "groups include each other: " + " -> ".join([*trail, included])
        book.problems.add("group-cycle", str(origin), text)


def _without_self(
    book: _Book, lines: Iterator[Declared] | Sequence[Declared], seen: tuple[NormalizedName, ...] = ()
) -> Iterator[Declared]:
    """Replace a reference of the project to its own extras with what these extras require."""
    for line in lines:
        if line.project != book.project:
            yield line
        elif not line.requirement.extras and line.origin.keys[0] == "project":
            book.problems.add("self-reference", str(line.origin), f"'{book.project}' depends on itself")
        else:
            yield from _extra_lines(book, line, seen)


def _extra_lines(book: _Book, line: Declared, seen: tuple[NormalizedName, ...]) -> Iterator[Declared]:
    for written in sorted(line.requirement.extras):
        extra = canonicalize_name(written)
        if extra not in book.extras:
            text = f"'{book.project}' has no extra '{extra}'{did_you_mean(extra, book.extras)}"
            book.problems.add("extra-missing", str(line.origin), text)
        elif extra not in seen:
            for inner in _without_self(book, book.extras[extra].lines, (*seen, extra)):
                yield replace(inner, requirement=_narrowed(inner.requirement, line.requirement.marker))


def _narrowed(requirement: Requirement, marker: Marker | None) -> Requirement:
    if marker is None:
        return requirement
    narrowed = plain_requirement(str(requirement))
    narrowed.marker = marker if requirement.marker is None else requirement.marker & marker
    return narrowed


def _once(lines: list[Declared]) -> list[Declared]:
    first: dict[tuple[str, NormalizedName | None, NormalizedName | None], Declared] = {}
    for line in lines:
        first.setdefault((str(line.requirement), line.group, line.extra), line)
    return list(first.values())
