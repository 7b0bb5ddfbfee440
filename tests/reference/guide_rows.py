"""What the guide's tables say of a key or a variable, for pages in another folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tests.e2e.markdown import read_page

_GUIDE = read_page("docs/guide.md")
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\((?!\w+:)([^)]+)\)")


def meanings(section: str) -> Mapping[str, str]:
    """The last cell of each row below a heading of the guide, by every piece of code in the first cell."""
    return dict(_rows(_GUIDE.section(section).prose))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in _CELL.split(line.strip().strip("|"))]
        if line.startswith("| `"):
            yield from ((name, _LINK.sub(_from_reference, cells[-1])) for name in _CODE.findall(cells[0]))


def _from_reference(match: re.Match[str]) -> str:
    """A link of the guide, as it is written in docs/reference."""
    path, hash_sign, anchor = match[1].partition("#")
    return f"]({PurePosixPath('..', path or 'guide.md')}{hash_sign}{anchor})"
