"""From the lists that an application has to the requirements that both sides get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.public.applications import Application


def requirements_of(
    application: Application, lists: tuple[str, ...], folder: Path, pyproject: Mapping[str, Any]
) -> list[str]:
    """What ``lists`` ask for, in their order, each line once."""
    lines = dict.fromkeys(line for name in lists for line in _lines(name, folder, pyproject))
    left_out = {canonicalize_name(name) for name in application.without}
    return [line for line in lines if canonicalize_name(Requirement(line).name) not in left_out]


def _lines(name: str, folder: Path, pyproject: Mapping[str, Any]) -> Iterable[str]:
    if name.endswith(".txt"):
        return _file(folder / name)
    if name == "[]":
        return list(pyproject["project"]["dependencies"])
    if name.startswith("["):
        return list(pyproject["project"]["optional-dependencies"][name.strip("[]")])
    if name.startswith("{"):
        return _group(pyproject["dependency-groups"], name.strip("{}"))
    return [name]


def _group(groups: Mapping[str, Any], name: str) -> Iterator[str]:
    for line in groups[name]:
        if isinstance(line, str):
            yield line
        else:
            yield from _group(groups, line["include-group"])


def _file(path: Path) -> Iterator[str]:
    """The requirements of a requirements file, and of those that it names."""
    for line in path.read_text("utf-8").splitlines():
        text = line.partition(" #")[0].partition(" --hash")[0].strip().rstrip("\\").strip()
        if text.startswith("-r "):
            yield from _file(path.parent / text.removeprefix("-r ").strip())
        elif text and text[0] not in "#-":
            yield text
