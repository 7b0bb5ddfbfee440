"""The standard tables of a pyproject.toml: ``[project]`` (PEP 621) and ``[dependency-groups]`` (PEP 735)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from mvlock.foreign.document import optional_text, shaped, table_in
from mvlock.foreign.model import ForeignProject, Omission, Place, combined
from mvlock.foreign.requirement import requirement_part

_FILE = "pyproject.toml"
_NEEDED = ("dependencies", "optional-dependencies", "requires-python")
_TO_DO = "only the build backend knows; write it into [project], and no longer into `dynamic`"


class _Include(msgspec.Struct, frozen=True, rename="kebab"):
    include_group: str


def read_standard(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What they say.

    :raises ValueError: they are not as the PEPs want them
    """
    table = table_in(document, "project")
    extras = shaped(table.get("optional-dependencies", {}), dict[str, list[str]], "project.optional-dependencies")
    return combined(
        [
            ForeignProject(
                name=optional_text(table.get("name"), "project.name"),
                version=optional_text(table.get("version"), "project.version"),
                requires_python=optional_text(table.get("requires-python"), "project.requires-python"),
                scripts=shaped(table.get("scripts", {}), dict[str, str], "project.scripts"),
            ),
            *_parts(shaped(table.get("dependencies", []), list[str], "project.dependencies"), Place(), folder),
            *(part for name, texts in extras.items() for part in _parts(texts, Place(extra=name), folder)),
            *_groups(document, folder),
            *_dynamic(document),
        ]
    )


def _dynamic(document: Mapping[str, object]) -> Iterator[ForeignProject]:
    """What only the build backend knows; that of Poetry has it from Poetry's own tables."""
    dynamic = shaped(table_in(document, "project").get("dynamic", []), list[str], "project.dynamic")
    fields = [field for field in _NEEDED if field in dynamic]
    for field in fields if not table_in(document, "tool", "poetry", "dependencies") else ():
        names = _files_of_dependencies(document) if field == "dependencies" else []
        command = " ".join(["mvlock init", *(f"--from {name}" for name in (_FILE, *names))])
        why = f"{_TO_DO}, or let `{command}` do it" if names else _TO_DO
        yield ForeignProject(left_out=(Omission(f"project.dynamic: {field}", why, is_essential=True),))


def _files_of_dependencies(document: Mapping[str, object]) -> list[str]:
    """The requirements files from which setuptools has the dependencies."""
    found = table_in(document, "tool", "setuptools", "dynamic").get("dependencies")
    files = found.get("file") if isinstance(found, Mapping) else None
    return [str(file) for file in files] if isinstance(files, list) else [files] if isinstance(files, str) else []


def _parts(texts: list[str], place: Place, folder: Path) -> Iterator[ForeignProject]:
    for text in texts:
        yield requirement_part(text, place, folder, _FILE)


def _groups(document: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    groups = shaped(document.get("dependency-groups", {}), dict[str, list[str | _Include]], "dependency-groups")
    for name, items in groups.items():
        yield from _parts([item for item in items if isinstance(item, str)], Place(group=name), folder)
        yield ForeignProject(includes=tuple((name, item.include_group) for item in items if isinstance(item, _Include)))
