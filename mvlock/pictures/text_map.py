"""The map as text: a column of two characters for each tree, a line for each project."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from string import ascii_letters

from mvlock.pictures.model import Picture, Row

_ABSENT, _LINE, _ONE, _MORE = "·", "─", "●", "+"


def map_lines(picture: Picture) -> Iterator[str]:
    """The names of the trees, in steps above their columns, then the rows. A letter is a module of several."""
    rows = picture.map_rows
    width = max((len(row.project) for row in rows), default=0) + 2
    for number, tree in enumerate(picture.trees):
        yield " " * width + "│ " * number + "┌ " + tree.name
    for row in rows:
        yield row.project.ljust(width) + _cells(row, len(picture.trees)) + "  " + _versions(row)


def joins(row: Row) -> set[int]:
    """The columns that are joined with the next one: from a cell to its neighbour, if both are one module."""
    return {
        number
        for cell, following in pairwise(row.cells)
        if cell.module == following.module
        for number in range(cell.tree, following.tree)
    }


def _cells(row: Row, trees: int) -> str:
    marks, joined = {cell.tree: _mark(row, cell.module) for cell in row.cells}, joins(row)
    pairs = ((marks.get(number, _LINE if number in joined else _ABSENT), number in joined) for number in range(trees))
    return "".join(mark + (_LINE if is_joined else " ") for mark, is_joined in pairs).rstrip()


def _mark(row: Row, module: int) -> str:
    if max(cell.module for cell in row.cells) == 0:
        return _ONE
    return ascii_letters[module] if module < len(ascii_letters) else _MORE


def _versions(row: Row) -> str:
    """The versions with the letters of their modules: ``a 2.0, b c 1.0``."""
    found: dict[str, dict[str, None]] = {version: {} for version in row.versions}
    for cell in sorted(row.cells, key=lambda cell: cell.module):
        found[cell.version][_mark(row, cell.module)] = None
    if list(found.values()) == [{_ONE: None}]:
        return row.versions[0]
    return ", ".join(f"{' '.join(marks)} {version}" for version, marks in found.items())
