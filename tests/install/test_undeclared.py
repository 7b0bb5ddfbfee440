"""Undeclared imports of the application are reported once, with a hint."""

from __future__ import annotations

import pytest

from mvlock.importmap.file import installed_map
from mvlock.install.application_imports import application_imports
from mvlock.install.undeclared import Undeclared, is_new_report, missing_message, undeclared, undeclared_message
from mvlock.interpreter.query import standard_library
from tests.install.world import World

REFUSED = "try:\n    import lib\nexcept ModuleNotFoundError as error:\n    print(error)"


def imported(world: World) -> list[tuple[str, int, str]]:
    """What the application's modules import."""
    return [(one.file, one.line, one.name) for one in application_imports(world.project)]


def found(world: World, trees: dict[str, list[str]], **values: object) -> list[Undeclared]:
    """What is not declared after an install of ``trees``."""
    lock = world.lock(trees, **values)
    world.install(lock)
    value = installed_map(world.root / "app")
    assert value is not None
    return undeclared(application_imports(world.project), value, lock, standard_library(world.interpreter))


def test_imports_are_found_wherever_they_stand(world: World) -> None:
    world.folder.add_file("src/shop/__init__.py", "import a\nfrom b.c import d, e\nfrom . import own\n")
    world.folder.add_file("src/shop/own.py", "def late():\n    import f.g\nclass A:\n    if late:\n        import h\n")
    world.folder.add_file("main.py", "import os, shop.own\ntry:\n    import i\nfinally:\n    import j\n")
    assert imported(world) == [
        ("main.py", 1, "os"),
        ("main.py", 3, "i"),
        ("main.py", 5, "j"),
        ("src/shop/__init__.py", 1, "a"),
        ("src/shop/__init__.py", 2, "b.c.d"),
        ("src/shop/__init__.py", 2, "b.c.e"),
        ("src/shop/own.py", 2, "f.g"),
        ("src/shop/own.py", 5, "h"),
    ]


def test_unindented_imports_of_a_file_in_newer_syntax_are_found(world: World) -> None:
    text = "import a\n'''\nimport no\n'''\nfrom b import (\n    c,\n    d,\n)\n"
    text += "soon new statement\nif d:\n    import no\nimport e; f()\n"
    world.folder.add_file("main.py", text)
    assert imported(world) == [
        ("main.py", 1, "a"),
        ("main.py", 5, "b.c"),
        ("main.py", 5, "b.d"),
        ("main.py", 12, "e"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import typing\nexcept ImportError:\n    import b\n",
        "import typing\nif typing.TYPE_CHECKING:\n    import a\n",
        "if sys.version_info < (3, 11):\n    import a\nelse:\n    import b\n",
        "if sys.platform == 'win32':\n    import a\n",
        "import a b\n",
        "\0",
    ],
)
def test_imports_under_other_conditions_do_not_count(world: World, code: str) -> None:
    world.folder.add_file("main.py", code)
    assert [one for one in imported(world) if one[2] != "typing.TYPE_CHECKING" and one[2] != "typing"] == []


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import a\nexcept ImportError:\n    import b\nelse:\n    import c\n",
        "try:\n    import a, c\nexcept (ValueError, ModuleNotFoundError):\n    pass\n",
        "try:\n    if a:\n        import a\n    import c\nexcept:\n    pass\n",
        "with suppress(ImportError):\n    import a, c\n",
    ],
)
def test_optional_imports_are_reported_only_if_a_tree_has_them(world: World, code: str) -> None:
    """In one virtual environment they would be found; without a word the application would do something else."""
    world.publish("web").publish("c", files={"c.py": ""})
    world.folder.add_file("main.py", code)
    there = found(world, {"web": ["web 1.0", "c 1.0"]})
    line = 2 if ", c" in code else 4 if "if a" in code else 6
    assert (
        undeclared_message(there)
        == f"1 import is not declared: c (main.py:{line}, in a try, from web); run `mvlock add c`"
    )
    assert missing_message(there) is None


def test_an_import_that_is_required_somewhere_is_reported_as_required(world: World) -> None:
    world.publish("web").publish("c", files={"c.py": ""})
    world.folder.add_file("main.py", "try:\n    import c\nexcept ImportError:\n    pass\n")
    world.folder.add_file("other.py", "import c\n")
    assert (undeclared_message(found(world, {"web": ["web 1.0", "c 1.0"]})) or "").startswith(
        "1 import is not declared: c (other.py:1,"
    )


@pytest.mark.parametrize("place", ["app/x.py", "py_modules/x.py", ".tox/x.py", "env/x.py", "other/x.py", "build.txt"])
def test_folders_of_others_are_not_read(world: World, place: str) -> None:
    world.folder.add_file("env/pyvenv.cfg", "")
    world.folder.add_file("other/pyproject.toml", "")
    world.folder.add_file(place, "import a\n")
    assert imported(world) == []


def test_modules_beside_a_script_are_the_applications(world: World) -> None:
    world.folder.add_file("tools/make.py", "import helper\nimport missing\n")
    world.folder.add_file("tools/helper.py", "")
    assert imported(world) == [("tools/make.py", 2, "missing")]


def test_an_import_that_will_fail_is_reported_with_its_tree_and_the_command(world: World) -> None:
    for version in ("1.0", "2.0"):
        world.publish("lib", version, files={"lib.py": f"# {version}\n"})
    world.publish("web").publish("werk-zeug", files={"werkzeug.py": ""}).publish("api")
    program = (
        "import json, web, api, click_old, importshim, py_modules.web\nimport werkzeug.x\nimport lib\nimport none\n"
    )
    world.folder.add_file("main.py", program)
    alias = {"imports": (), "alias": "click_old", "module": "lib"}
    trees = {"web": ["web 1.0", "werk-zeug 1.0", "lib 1.0"], "api": ["api 1.0"], "click_old": ["lib 2.0"]}
    there = found(world, trees, click_old=alias)
    assert undeclared_message(there) == (
        "2 imports are not declared: werkzeug (main.py:2, from web), "
        "lib (main.py:3, 2.0 from click_old, 1.0 from web); "
        'run `mvlock add "lib==1.0.*" werk-zeug`'
    )
    assert missing_message(there) == "no tree provides none (main.py:4); add the project that does"
    assert 'Add "lib==1.0.*" to the dependencies' in world.python("app", REFUSED)


def test_parts_of_a_namespace_that_a_world_has_are_not_reported(world: World) -> None:
    world.publish("one", files={"space/one.py": ""}).publish("two", files={"space/two.py": "", "space/more.py": ""})
    world.folder.add_file("main.py", "from space import one\nimport space.two\nfrom space.more import x\n")
    names = {"one": {"imports": ("space.one",)}, "two": {"imports": ("space.two",)}}
    there = found(world, {"one": ["one 1.0"], "two": ["two 1.0"]}, **names)
    assert there == []
    assert world.python("app", "import space.more; print(space.more.__name__)") == "space.more"


def test_all_that_has_one_version_can_be_exposed(world: World) -> None:
    world.publish("web").publish("lib", files={"lib.py": "x = 1\n"})
    world.folder.write(tool='expose = "all"')
    world.folder.add_file("main.py", "import lib\n")
    assert found(world, {"web": ["web 1.0", "lib 1.0"]}) == []
    assert world.python("app", "import lib; print(lib.x)") == "1"


def test_the_same_import_is_reported_once(world: World) -> None:
    folder = world.root
    assert [is_new_report(folder, text) for text in (None, "a", "a", "b", None, None)] == [
        False,
        True,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(("version", "wanted"), [("1!2.3.4", "1!2.3.*"), ("2.0rc1", "2.0rc1"), ("3+cpu", "3.*")])
def test_of_several_versions_the_newest_and_its_bug_fixes_are_proposed(version: str, wanted: str) -> None:
    item = Undeclared(
        "lib", "main.py:1", {"a": ("lib", "1.0"), "b": ("lib", version), "c": ("lib", "9!1")}, frozenset("c")
    )
    assert (undeclared_message([item]) or "").endswith(f'run `mvlock add "lib=={wanted}"`')
    nameless = Undeclared("lib", "main.py:1", {"a": ("lib", "")})
    assert (undeclared_message([nameless]) or "").endswith("run `mvlock add lib`")
