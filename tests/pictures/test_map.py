"""The map: which rows come first, and the same map as text and as an image."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from mvlock.pictures.svg_map import map_svg
from mvlock.pictures.text_map import map_lines
from tests.pictures.pictures import picture

_SVG = "{http://www.w3.org/2000/svg}"
_MAP = picture(
    alpha="numpy 1.26.4 x, six 1.17.0 all, only 1.0 x",
    beta="numpy 2.4.6 y, six 1.17.0 all, idna 3.20 one",
    gamma="six 1.17.0 all",
    delta="numpy 2.4.6 y, six 1.17.0 all, idna 3.20 other",
)


def test_several_versions_come_first_then_what_more_trees_have() -> None:
    assert [row.project for row in _MAP.map_rows] == ["numpy", "six", "idna"]
    assert [row.project for row in _MAP.rows][-1] == "only"
    assert _MAP.rows[0].versions == ("2.4.6", "1.26.4")


def test_the_map_as_text_joins_what_is_one_module() -> None:
    assert list(map_lines(_MAP)) == [
        "       ┌ alpha",
        "       │ ┌ beta",
        "       │ │ ┌ gamma",
        "       │ │ │ ┌ delta",
        "numpy  b a───a  a 2.4.6, b 1.26.4",
        "six    ●─●─●─●  1.17.0",
        "idna   · a · b  a b 3.20",
    ]


def test_versions_are_ordered_as_versions_are_and_not_as_text() -> None:
    found = picture(a="x 1.10 1", b="x 1.9 2", c="x 1.9.dev1 3")
    assert list(map_lines(found))[-1] == "x  a b c  a 1.10, b 1.9, c 1.9.dev1"


def test_a_map_of_many_modules_has_a_mark_for_each_tree() -> None:
    trees = {f"t{number}": f"x {number} m{number}" for number in range(60)}
    line = list(map_lines(picture(**trees)))[-1]
    assert line.startswith("x  + + + + + + + + Z Y")
    assert "a 59, b 58" in line


def test_a_map_without_trees_is_empty() -> None:
    assert list(map_lines(picture())) == []
    assert fromstring(map_svg(picture())).tag == f"{_SVG}svg"


def test_the_image_has_a_bar_for_each_stretch_of_one_module() -> None:
    image = fromstring(map_svg(_MAP))
    bars = [(bar[0].get("class"), bar[0].get("width"), bar[1].text) for bar in image.iter(f"{_SVG}g")]
    assert bars == [
        ("v1", "48", "1.26.4"),
        ("v0", "48", "2.4.6"),
        ("v0", "48", "2.4.6"),
        ("same", "204", "1.17.0"),
        ("same", "48", "3.20"),
        ("same", "48", "3.20"),
    ]
    assert len([path for path in image.iter(f"{_SVG}path") if path.get("class") == "gap"]) == 1


def test_names_from_a_hostile_lock_are_text_in_the_image() -> None:
    found = picture(**{"</text><script>alert(1)</script>\x07": "a 1.0 x", "b": "a 1.0 x"})
    image = fromstring(map_svg(found))
    assert [one.text for one in image.iter(f"{_SVG}text")][2:4] == ["</text><script>alert(1)</script>\ufffd", "b"]
    assert list(image.iter(f"{_SVG}script")) == []
