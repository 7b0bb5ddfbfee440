"""The map as importshim reads it: the parts that it reads when they are needed are the same as read at once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from importshim._folder import Folder
from importshim._map import ImportMap, MapError, read_map
from mvlock.importmap.file import map_text
from mvlock.importmap.model import ImportMap as WrittenMap


def _written(*sites: str) -> dict[str, Any]:
    """A map with a tree in each of ``sites``, and a domain that all share."""
    domains: list[dict[str, Any]] = [
        {
            "name": f"t{number}",
            "trees": [f"t{number}"],
            "paths": [site],
            "distributions": [],
            "routes": {"common": "all"},
        }
        for number, site in enumerate(sites)
    ]
    shared = [{"name": "common", "version": "1", "imports": ["common"]}]
    trees: list[str] = [one["trees"][0] for one in domains]
    everyone = {
        "name": "all",
        "trees": trees,
        "paths": list(sites),
        "distributions": shared,
        "routes": {"common": "all"},
    }
    return {
        "version": 3,
        "domains": [*domains, everyone],
        "root": {"common": "all"},
        "trees": {f"t{number}": {"domain": f"t{number}", "site": site} for number, site in enumerate(sites)},
        "aliases": {},
        "contested": [],
        "sole": {"all": ["common"]},
    }


@pytest.mark.parametrize(
    "sites",
    [
        ("../../py_modules/a/site-packages", "../../py_modules/b/site-packages"),
        ("../../py_modules/a/site-packages", "../../../elsewhere/b/site-packages"),
        ("../../../elsewhere/a/site-packages", "../../py_modules/b/site-packages"),
        ("../../py_modules/a/../a/site-packages", "../../py_modules/b/site-packages"),
        ("../../py_modules/a/site-packages", "../.."),
        ("../..", "../../py_modules/a/site-packages"),
        ("../../..", ".."),
        ("py_modules/a/site-packages", "../py_modules/b/site-packages"),
        ("/py_modules/a/site-packages", "../py_modules/b/site-packages"),
    ],
)
@pytest.mark.parametrize("folder", ["importshim", "with space", 'a "name"', "näme"])
def test_a_map_is_the_same_read_in_parts_and_at_once(tmp_path: Path, sites: tuple[str, ...], folder: str) -> None:
    data = _written(*sites)
    path = tmp_path / folder / "site" / "importshim" / "import_map.json"
    path.parent.mkdir(parents=True)
    path.write_text(map_text(msgspec.convert(data, WrittenMap)), "utf-8")
    found = read_map(str(path))
    expected = ImportMap(json.loads(path.read_text("utf-8")), str(path.parent))
    assert found.trees == expected.trees
    for one, other in zip(found.domains, expected.domains, strict=True):
        assert (one.paths, one.trees, one.routes, one.distributions) == (
            other.paths, other.trees, other.routes, other.distributions,
        )  # fmt: skip
        assert list(one.paths) == [os.path.normpath(place) for place in one.paths]
    assert (found.root, found.sole, found.contested) == (expected.root, expected.sole, expected.contested)


def test_a_map_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    """No path may have one: the functions that use it would raise a ValueError while Python starts."""
    path = tmp_path / "import_map.json"
    path.write_text(json.dumps(_written("../a\0b")))
    with pytest.raises(MapError, match="zero byte"):
        read_map(str(path))


@pytest.mark.parametrize("path", ["/a\0b", "/\ud800"])
def test_a_path_that_no_system_has_is_that_of_an_empty_folder(path: str) -> None:
    folder = Folder(path, cast("Any", None), cast("Any", None))
    assert folder.names() == frozenset()
