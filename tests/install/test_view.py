"""Tools that look at the disk find what the application may import, and imports do not notice that."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mvlock.install import view_disk
from mvlock.install.view_copy import renamed
from tests.install.world import World


def view(world: World) -> Path:
    """The folder of the view."""
    return world.root / "app" / Path(world.interpreter.layout["purelib"]).parent / ".view"


def seen(world: World, part: str) -> dict[str, str]:
    """Every link to a module in a part of the view, and the start of its content."""
    links = (path for path in (view(world) / part).rglob("*") if path.is_symlink())
    found = sorted(path for path in links if path.suffix != ".dist-info")
    return {path.relative_to(view(world) / part).as_posix(): _version(path) for path in found}


def _version(path: Path) -> str:
    file = path / "__init__.py" if path.is_dir() else path
    return file.read_text("utf-8").partition("\n")[0] if file.exists() else "a namespace"


def two_clicks(world: World) -> World:
    """An alias for an old click, and a web that needs a new one."""
    for version in ("7.0", "8.0"):
        files = {"click/__init__.py": f"# click {version}\n__version__ = '{version}'\n", "click/py.typed": ""}
        world.publish("click", version, files=files)
    world.publish("web", files={"web.py": "# web\nimport click\n", "web.pyi": "# stub of web\n"})
    alias = {"imports": (), "alias": "click_old", "module": "click"}
    lock = world.lock({"click_old": ["click 7.0"], "web": ["web 1.0", "click 8.0"]}, click_old=alias)
    world.install(lock)
    return world


def test_the_view_has_what_the_application_may_import_under_its_names(world: World) -> None:
    two_clicks(world)
    assert seen(world, "application") == {
        "click_old": "# click 7.0",
        "py_modules/click_old/click": "# click 7.0",
        "py_modules/web/click": "# click 8.0",
        "py_modules/web/web.py": "# web",
        "py_modules/web/web.pyi": "# stub of web",
        "web.py": "# web",
        "web.pyi": "# stub of web",
    }


def test_what_libraries_themselves_import_is_at_the_end_in_one_version(world: World) -> None:
    two_clicks(world)
    world.publish("again", files={"again.py": "import click\n"})
    alias = {"imports": (), "alias": "click_old", "module": "click"}
    trees = {"click_old": ["click 7.0"], "web": ["web 1.0", "click 8.0"], "again": ["again 1.0", "click 8.0"]}
    world.install(world.lock(trees, click_old=alias))
    assert seen(world, "behind") == {"click": "# click 8.0"}


def test_a_library_that_imports_itself_by_name_is_found_in_the_version_of_its_alias(world: World) -> None:
    for version in ("1.0", "2.0"):
        text = f"# {version}\nfrom lib.core import Thing as Thing\n"
        core = f"# core {version}\nimport lib\nimport lib.deep\n"
        files = {"lib/__init__.py": text, "lib/core.py": core, "lib/deep.py": f"# deep {version}\n"}
        world.publish("lib", version, files=files)
    aliases = {name: {"imports": (), "alias": name, "module": "lib"} for name in ("old", "new")}
    world.install(world.lock({"old": ["lib 1.0"], "new": ["lib 2.0"]}, **aliases))
    place = view(world) / "application/old"
    assert (place / "__init__.py").read_text("utf-8") == "# 1.0\nfrom old.core import Thing as Thing\n"
    assert (place / "core.py").read_text("utf-8") == "# core 1.0\nimport old as lib\nimport old.deep, old as lib\n"
    assert seen(world, "application") == {
        "new": "# 2.0",
        "old/deep.py": "# deep 1.0",
        "py_modules/new/lib": "# 2.0",
        "py_modules/old/lib": "# 1.0",
    }
    assert seen(world, "behind") == {"lib": "# 2.0"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from a.b import c", "from x.y.b import c"),
        ("    from a import (", "    from x.y import ("),
        ("import a", "import x.y as a"),
        ("import a as b", "import x.y as b"),
        ("import os, a.b as c  # why", "import os, x.y.b as c  # why"),
        ("import a.b", "import x.y.b, x.y as a"),
        ("from ab import a", "from ab import a"),
        ("from .a import b", "from .a import b"),
        ("import b.a", "import b.a"),
        ("text = 'from a import b'", "text = 'from a import b'"),
    ],
)
def test_imports_are_written_by_other_names_and_stay_on_their_line(line: str, expected: str) -> None:
    assert renamed(line, {"a": "x.y"}) == expected


def test_parts_of_a_namespace_come_from_all_trees_of_a_world(world: World) -> None:
    files = {"space/one/__init__.py": "# one\n", "space/hidden/__init__.py": "# hidden\n"}
    world.publish("one", files=files).publish("two", files={"space/two.py": "# two\n"})
    lock = world.lock(
        {"one": ["one 1.0"], "two": ["two 1.0"]}, one={"imports": ("space.one",)}, two={"imports": ("space.two",)}
    )
    world.install(lock)
    shown = {at: text for at, text in seen(world, "application").items() if not at.startswith("py_modules")}
    assert shown == {"space/hidden": "# hidden", "space/one": "# one", "space/two.py": "# two"}


def test_separate_stubs_are_found_next_to_what_they_describe(world: World) -> None:
    world.publish("lib", files={"lib.py": "# lib\n"})
    world.publish("types-lib", files={"lib-stubs/__init__.pyi": "", "lib-stubs/__init__.py": "# stubs\n"})
    world.install({"lib": ["lib 1.0"], "types_lib": ["types-lib 1.0"]})
    assert seen(world, "application")["lib-stubs"] == "# stubs"


def test_imports_do_not_see_the_view(world: World) -> None:
    world.publish("web", files={"web.py": "import hidden\n"}).publish("hidden", files={"hidden.py": ""})
    world.publish("part", files={"other.py": ""})
    world.install({"web": ["web 1.0", "hidden 1.0", "part 1.0"]})
    program = """
import importlib, pkgutil, sys
from importlib.machinery import PathFinder
def missing():
    importlib.invalidate_caches()
    return [PathFinder.find_spec(name) for name in ("web", "hidden", "other")]
print([path.rpartition("/")[2] for path in sys.path[-2:]], missing())
sys.path_importer_cache.clear()
print(missing(), sorted({"web", "hidden"} & {module.name for module in pkgutil.iter_modules()}))
try: import hidden
except ModuleNotFoundError: print("not the application's")
import web
print(web.__file__.rpartition("/py_modules/")[2].partition("/")[0])
"""
    assert world.python("app", program).splitlines() == [
        "['application', 'behind'] [None, None, None]",
        "[None, None, None] ['hidden', 'web']",
        "not the application's",
        "web",
    ]


def test_one_world_is_listed_by_all_that_iterate_over_sys_path(world: World) -> None:
    look = """
import marshal, pkgutil, sys
from importlib.machinery import FileFinder
from importlib.metadata import distributions

def listed():
    folders = [path for path in sys.path if isinstance(pkgutil.get_importer(path), FileFinder)]
    everywhere = [one for one in distributions(path=folders) if one.locate_file(f"{one.name}.py").exists()]
    return [sorted(one.name for one in found if "app" not in one.name) for found in (everywhere, distributions())]

def types():
    return type(sys.path), type(sys.meta_path), marshal.loads(marshal.dumps(sys.path)) == sys.path
"""
    world.publish("look", files={"look.py": look}).publish("web", files={"web.py": ""})
    world.publish("part", files={"part.py": ""})
    world.install({"look": ["look 1.0", "part 1.0"], "web": ["web 1.0", "part 1.0"]})
    program = "import look; print(*look.types(), *look.listed(), sep='\\n')"
    assert world.python("app", program).splitlines() == [
        "<class 'list'>",
        "<class 'list'>",
        "True",
        "['look', 'part', 'web']",
        "['look', 'part', 'web']",
    ]


def test_code_that_searches_the_folders_of_sys_path_finds_a_module(world: World) -> None:
    """As tools do that collect the files of an application."""
    freezer = """
import pkgutil, sys
def where(name):
    found = (pkgutil.get_importer(path).find_spec(name) for path in sys.path if pkgutil.get_importer(path))
    return [spec.loader.get_filename(name).rpartition("/py_modules/")[2] for spec in found if spec is not None]
"""
    world.publish("freezer", files={"freezer.py": freezer})
    world.publish("web", files={"web/__init__.py": ""}).publish("part", files={"part.py": ""})
    world.install({"freezer": ["freezer 1.0"], "web": ["web 1.0", "part 1.0"]})
    places = world.python("app", "import freezer; print(*map(freezer.where, ('web', 'part', 'nowhere')))")
    site = f"web/{world.site_packages('web').relative_to(world.root / 'py_modules/web').as_posix()}"
    assert places == f"['{site}/web/__init__.py'] ['{site}/part.py'] []"


def test_libraries_of_different_worlds_list_their_own(world: World) -> None:
    look = """
import pkgutil, sys
def listed():
    found = [module.name for path in sys.path for module in pkgutil.iter_modules([path])]
    return [name for name in ("one", "two", "part") if name in found]
"""
    world.publish("one", files={"one.py": look}).publish("two", files={"two.py": look})
    world.publish("part", "1.0", files={"part.py": ""}).publish("part", "2.0", files={"part.py": ""})
    world.install({"one": ["one 1.0", "part 1.0"], "two": ["two 1.0", "part 2.0"]})
    assert world.python("app", "import one, two; print(one.listed())") == "['one', 'part']"
    assert world.python("app", "import one, two; print(two.listed())") == "['two', 'part']"


def test_without_a_map_to_route_by_the_view_is_hidden_as_well(world: World) -> None:
    world.publish("web", files={"web.py": ""}).install({"web": ["web 1.0"]})
    next(world.root.glob("app/lib/*/site-packages/importshim/import_map.json")).write_text("{")
    program = "from importlib.util import find_spec; print(find_spec('web'))"
    assert world.python("app", program) == "None"


def test_an_end_of_routing_leaves_the_folders_of_the_view_as_any_others(world: World) -> None:
    world.publish("web", files={"web.py": ""}).install({"web": ["web 1.0"]})
    program = """
import importshim, sys
hooks = len(sys.path_hooks)
importshim.activate().deactivate()
from importlib.machinery import PathFinder
print(hooks - len(sys.path_hooks), PathFinder.find_spec("web") is not None)
"""
    assert world.python("app", program) == "1 True"


def test_a_type_checker_knows_the_types_of_both_aliases(world: World) -> None:
    for version, kind in (("1.0", "int"), ("2.0", "str")):
        text = "from lib.core import Thing as Thing\ndef made() -> Thing: return Thing()\n"
        core = f"class Thing:\n    value: {kind}\n"
        world.publish("lib", version, files={"lib/__init__.py": text, "lib/core.py": core, "lib/py.typed": ""})
    world.publish("web", files={"web/__init__.py": "import lib\n", "web/py.typed": ""})
    aliases = {name: {"imports": (), "alias": name, "module": "lib"} for name in ("old", "new")}
    trees = {"old": ["lib 1.0"], "new": ["lib 2.0"], "web": ["web 1.0", "lib 1.0"]}
    world.install(world.lock(trees, **aliases))
    program = """\
import importshim, missing, new, old, web
from py_modules.new import lib as one
from py_modules.web import lib as other
reveal_type(old.made())
reveal_type(new.made())
reveal_type((old.made().value, new.made().value, one.made().value, other.made().value))
"""
    main = world.folder.add_file("main.py", program)
    output = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", "app/bin/python", main.name],
        cwd=world.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.partition(": ")[2] for line in output.stdout.splitlines() if "main.py" in line]
    assert [line for line in lines if "error" in line] == [
        'error: Cannot find implementation or library stub for module named "missing"  [import-not-found]'
    ]
    assert [line.rpartition(" is ")[2] for line in lines if "Revealed" in line] == [
        '"lib.core.Thing"',
        '"new.core.Thing"',
        '"tuple[int, str, str, int]"',
    ]


def test_the_view_moves_with_the_project(world: World) -> None:
    two_clicks(world)
    before = seen(world, "application")
    moved = world.root.parent / "moved"
    shutil.move(world.root, moved)
    there = view(world).relative_to(world.root)
    assert {at: _version(moved / there / "application" / at) for at in before} == before


def test_a_changed_view_is_reported_and_made_again(world: World) -> None:
    world.publish("web", files={"web.py": "# web\n"})
    world.install({"web": ["web 1.0"]})
    assert not world.install({"web": ["web 1.0"]}).changed
    place = view(world) / "application"
    there = sorted(place.iterdir())
    (place / "web.py").unlink()
    (place / "other.py").touch()
    assert world.install({"web": ["web 1.0"]}).changed
    assert sorted(place.iterdir()) == there
    assert sorted(path.name for path in view(world).parent.iterdir()) == [".view", "site-packages"]


def test_a_view_that_is_interrupted_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(view_disk, "_tree_package", interrupted)
    with pytest.raises(KeyboardInterrupt):
        two_clicks(world)
    assert not list(world.root.rglob(".mvlock-tmp-*"))
