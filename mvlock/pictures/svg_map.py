"""The map as an image (SVG), in the page's colours: light or dark, as its reader has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mvlock.pictures.model import Cell, Picture, Row
from mvlock.pictures.page import part
from mvlock.pictures.text_map import joins

_LEFT, _TOP, _COLUMN, _ROW, _MARGIN = 190, 164, 52, 22, 12
_COLORS = 6
_STYLE = """
text { font: 11.5px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
text.bold { font-weight: 600; } text.dim { fill: var(--dim); }
rect.paper { fill: var(--paper); } path.grid { stroke: var(--line); } path.gap { stroke: var(--edge); stroke-width: 2; }
g text { fill: var(--bar-ink); }
"""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def map_svg(picture: Picture) -> str:
    """The map of a picture; equal pictures, equal images."""
    rows, columns = picture.map_rows, len(picture.trees)
    width, height = _LEFT + columns * _COLUMN + 100, _TOP + len(rows) * _ROW + _MARGIN + 24
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    image = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size})
    SubElement(image, "style").text = part("palette.css") + _STYLE
    SubElement(image, "rect", {"class": "paper", "width": str(width), "height": str(height)})
    _text(image, picture.project, _MARGIN, 24, "bold")
    _text(image, picture.python, _MARGIN, 42, "dim")
    for number, tree in enumerate(picture.trees):
        x = _x(number)
        _path(image, "grid", f"M{x},{_TOP - 6} V{_TOP + len(rows) * _ROW}")
        _text(image, tree.name, 0, 0, transform=f"translate({x + 26},{_TOP - 10}) rotate(-58)")
    for number, row in enumerate(rows):
        _draw_row(image, row, _TOP + number * _ROW, width)
    text = "joined: one module at run time" if picture.installed else "joined: one module at run time, by the lock"
    _text(image, text, _MARGIN, height - _MARGIN, "dim")
    indent(image, " ")
    return tostring(image, encoding="unicode") + "\n"


def _draw_row(image: Element, row: Row, y: int, width: int) -> None:
    _path(image, "grid", f"M{_MARGIN},{y + _ROW} H{width - _MARGIN}")
    _text(image, row.project, _MARGIN, y + 15, "bold" if row.is_conflict else "")
    for first, last in _gaps(row):
        _path(image, "gap", f"M{_x(first) - 2},{y + _ROW // 2} H{_x(last) + 2}")
    for cells in _bars(row):
        color = f"v{row.versions.index(cells[0].version) % _COLORS}" if row.is_conflict else "same"
        bar = SubElement(image, "g")
        place = {"x": str(_x(cells[0].tree) + 2), "y": str(y + 2), "width": str(len(cells) * _COLUMN - 4)}
        SubElement(bar, "rect", {"class": color, **place, "height": str(_ROW - 4), "rx": "4"})
        _text(bar, _cut(cells[0].version, len(cells)), _x(cells[0].tree) + 5, y + 15)


def _bars(row: Row) -> Iterator[list[Cell]]:
    """The cells, in stretches of neighbouring columns that are one module."""
    for _, cells in groupby(enumerate(row.cells), lambda pair: (pair[1].module, pair[1].tree - pair[0])):
        yield [cell for _, cell in cells]


def _gaps(row: Row) -> Iterator[tuple[int, int]]:
    """The first column and the one after the last where a module reaches across trees that lack it."""
    joined = joins(row)
    for cell, following in pairwise(row.cells):
        if cell.tree in joined and following.tree > cell.tree + 1:
            yield cell.tree + 1, following.tree


def _cut(version: str, columns: int) -> str:
    """A version that fits into a bar, whatever font there is: a digit has about 7 pixels."""
    fitting = (columns * _COLUMN - 8) // 7
    return version if len(version) <= fitting else version[: fitting - 1] + "…"


def _x(column: int) -> int:
    return _LEFT + column * _COLUMN


def _text(parent: Element, text: str, x: int, y: int, kind: str = "", *, transform: str = "") -> None:
    place = {"transform": transform} if transform else {"x": str(x), "y": str(y)}
    SubElement(parent, "text", {**place, **({"class": kind} if kind else {})}).text = _NOT_XML.sub("\ufffd", text)


def _path(parent: Element, kind: str, line: str) -> None:
    SubElement(parent, "path", {"class": kind, "d": line})
