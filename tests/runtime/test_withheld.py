"""With ``peers = false``, what libraries miss silently is reported, with the line that adds it."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_LINE = (
    "importshim: tree a looked for other, which the application has; peers = false hides it. "
    'To make it visible: [tool.mvlock.trees] a = ["…", "other"]\n'
)
_OPTIONAL = """
import importlib.util, sys
def has_other():
    try:
        {way}
    except ImportError:
        return False
"""
_WAYS = (
    "import other; return True",
    "from other.part import value; return True",
    "return importlib.util.find_spec('other') is not None",
    "import importlib.metadata; importlib.metadata.version('other'); return True",
)


def careful(world: TreeWorld, way: str, version: str = "1.0") -> TreeWorld:
    """Tree a has code that does without other, which the application has from tree b."""
    world.tree("a", {"lib.py": _OPTIONAL.format(way=way), "common.py": ""}, version=version)
    world.tree("b", {"other/__init__.py": "", "other/part.py": "value = 1", "common.py": ""})
    return world.expose(lib="a", other="b")


@pytest.mark.parametrize("way", _WAYS)
def test_what_a_library_does_without_is_reported_once_at_the_end(world: TreeWorld, way: str) -> None:
    done = careful(world, way).isolate("a", "b").start("import lib, sys\nprint(lib.has_other(), lib.has_other())")
    assert (done.stdout, done.stderr) == ("False False\n", _LINE)


def test_an_adopted_name_is_reported_by_its_project(world: TreeWorld) -> None:
    registering = "import sys\nsys.modules['hook'] = sys.modules[__name__]"
    world.tree("a", {"lib.py": _OPTIONAL.format(way="import hook")}).isolate("a")
    world.tree("other", {"another.py": "", "other.py": registering}).expose(lib="a", other="other")
    assert world.start("import other, lib\nlib.has_other()").stderr == _LINE


def test_nothing_is_reported_where_no_setting_hides_it(world: TreeWorld) -> None:
    done = careful(world, _WAYS[0]).start("import lib\nprint(lib.has_other())")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_nothing_is_reported_where_versions_would_not_agree_anyway(world: TreeWorld) -> None:
    done = careful(world, _WAYS[0], version="2.0").isolate("a").start("import lib\nprint(lib.has_other())")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_plug_ins_that_a_framework_does_not_see_are_reported(world: TreeWorld) -> None:
    listing = "from importlib.metadata import entry_points\ndef found(): return len(entry_points(group='lib.themes'))\n"
    careful(world, _WAYS[0]).tree("a", {"lib.py": listing})
    points = "[lib.themes]\ndark = other:dark\n"
    (world.site("b") / "other-1.0.dist-info" / "entry_points.txt").write_text(points, "utf-8")
    assert world.start("import lib\nprint(lib.found())").stderr == ""
    done = world.isolate("a").start("import lib\nprint(lib.found())")
    assert (done.stdout, done.stderr) == ("0\n", _LINE)


def test_an_error_through_one_of_two_equal_copies_reports_the_other(world: TreeWorld) -> None:
    core = "patched = False\ndef send():\n    if not patched: raise OSError('no network')\n"
    world.tree("a", {"client.py": "import core\nsend = core.send", "core.py": core})
    world.tree("b", {"mock.py": "import core\ncore.patched = True", "core.py": core})
    world.isolate("a", "b").expose(client="a", mock="b")
    output = world.start("import client, mock\nclient.send()").stderr.splitlines()
    assert output[-2:] == [
        "OSError: no network",
        "importshim: the error came through core 1.0 of tree a; tree b loaded its own copy, because peers = false "
        'keeps them apart. To have only one: [tool.mvlock.trees] a = ["…", "mock"]',
    ]
    assert world.start("import client, mock").stderr == ""
