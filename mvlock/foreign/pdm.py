"""``[tool.pdm]``: development dependencies, sources and overrides of PDM."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mvlock.foreign.document import shaped, table_in
from mvlock.foreign.model import ForeignProject, Place, combined, left_out
from mvlock.foreign.requirement import (
    default_groups,
    find_links_part,
    index_name,
    index_part,
    requirement_part,
    source_of_url,
)

_AT = "tool.pdm"
_TAKEN = frozenset({"dev-dependencies", "source", "resolution"})
_EDITABLE = re.compile(r"(?:-e|--editable)\s+(.+)")
_EGG = re.compile(r"[#&]egg=([^&\[]+)(\[[^\]]*\])?")


class _Source(msgspec.Struct, frozen=True):
    url: str
    name: str | None = None
    type: str = "index"
    include_packages: list[str] = []
    exclude_packages: list[str] = []


def read_pdm(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What ``[tool.pdm]`` says.

    :raises ValueError: it is not in the shape that PDM reads
    """
    table = table_in(document, "tool", "pdm")
    return combined([*_groups(table, folder), *_indexes(table, folder), *_resolution(table, folder), *_rest(table)])


def _groups(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    groups = shaped(table.get("dev-dependencies", {}), dict[str, list[str]], f"{_AT}.dev-dependencies")
    for group, texts in groups.items():
        for text in texts:
            yield _requirement(text, Place(group=group), folder, f"{_AT}.dev-dependencies.{group}")
    yield from default_groups(_AT, "PDM", groups)


def _requirement(text: str, place: Place, folder: Path, at: str) -> ForeignProject:
    """A requirement; an editable one is a URL that says which project it is (``#egg=``)."""
    editable = _EDITABLE.fullmatch(text.strip())
    if editable is None:
        return requirement_part(text, place, folder, at)
    egg = _EGG.search(editable[1])
    if egg is None:
        return left_out(f"{at}: '{text}'", "does not say which project it is (#egg=NAME)")
    part = requirement_part(f"{egg[1]}{egg[2] or ''}", place, folder, at)
    source = source_of_url(editable[1], folder)
    editable_source = msgspec.structs.replace(source, editable=source.path is not None)
    return combined([part, ForeignProject(sources={part.requirements[0].requirement.name: editable_source})])


def _indexes(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    """The sources; one that is called ``pypi`` replaces the public index."""
    for number, source in enumerate(shaped(table.get("source", []), list[_Source], f"{_AT}.source")):
        at = f"{_AT}.source[{number}]"
        if source.type != "index":
            yield find_links_part(source.url, folder, source.name)
            continue
        yield index_part(source.name, source.url, folder)
        if source.exclude_packages:
            yield left_out(f"{at}.exclude_packages", "mvlock asks an index for every project, or, if explicit, by name")
        name = index_name(source.name, source.url)
        for pattern in source.include_packages:
            rows = f'{pattern} = {{ index = "{name}" }}'
            yield left_out(f"{at}.include_packages", f"write a source for each project: {rows}")


def _resolution(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    resolution = table_in(table, "resolution")
    overrides = shaped(resolution.get("overrides", {}), dict[str, str], f"{_AT}.resolution.overrides")
    for name, text in overrides.items():
        if "://" in text:
            yield ForeignProject(sources={name: source_of_url(text, folder)})
        else:
            yield ForeignProject(settings={"overrides": [f"{name}{_specifier(text)}"]})
    excluded = shaped(resolution.get("excludes", []), list[str], f"{_AT}.resolution.excludes")
    if excluded:
        yield ForeignProject(settings={"exclude-dependencies": excluded})
    if resolution.get("allow-prereleases") is True:
        yield ForeignProject(settings={"prereleases": "allow"})
    for key in sorted(resolution.keys() - {"overrides", "excludes", "allow-prereleases"}):
        yield left_out(f"{_AT}.resolution.{key}", "a setting of PDM that mvlock does not have")


def _specifier(text: str) -> str:
    """A version means exactly that one."""
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        return str(SpecifierSet(f"=={text}"))


def _rest(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    if own := sorted(table.keys() - _TAKEN):
        yield left_out(f"{_AT}: {', '.join(own)}", "for PDM's own commands and builds", concerns_lock=False)
