"""A project's environments are made, changed and removed as the lock says, and nothing else is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from mvlock.errors import LocalError, NetworkFailure, UnmetRequest
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.plan.model import Action
from tests.install.world import World, run
from tests.support.interpreters import WANTED, require


def import_map(world: World) -> dict[str, Any]:
    """The map beside importshim."""
    (path,) = world.root.glob("app/lib/*/site-packages/importshim/import_map.json")
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_a_second_install_touches_nothing(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    before = world.snapshot()
    report = world.install({"x": ["a 1.0"]})
    assert not report.changed
    assert report.plan.is_empty
    assert world.snapshot() == before


def test_a_second_install_does_not_query_the_index(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    world.folder.index.clear_requests()
    shutil.rmtree(world.root / "py_modules")
    assert world.install({"x": ["a 1.0"]}).changed
    assert world.folder.index.requests == []


def test_only_the_tree_that_changed_is_replaced(world: World) -> None:
    world.publish("a").publish("a", "2.0").publish("b")
    world.install({"x": ["a 1.0"], "y": ["b 1.0"]})
    kept = (world.tree("y") / "pyvenv.cfg").stat().st_ino
    report = world.install({"x": ["a 2.0"], "y": ["b 1.0"]})
    assert report.plan.of(Action.REPLACE) == ("x",)
    assert (world.tree("y") / "pyvenv.cfg").stat().st_ino == kept
    assert world.python("py_modules/x", "import a; print(a.__version__)") == "2.0"


def test_a_tree_that_is_no_longer_locked_goes(world: World) -> None:
    world.publish("a").publish("b").install({"x": ["a 1.0"], "y": ["b 1.0"]})
    world.install({"x": ["a 1.0"]})
    assert not world.tree("y").exists()
    assert [domain["name"] for domain in import_map(world)["domains"]] == ["x"]


def test_a_dry_run_says_what_would_happen_and_does_nothing(world: World) -> None:
    world.publish("a")
    before = world.snapshot()
    report = world.install({"x": ["a 1.0"]}, dry_run=True)
    assert list(report.plan.lines()) == ["create x", "  + a 1.0", "create the application's environment"]
    assert not report.changed
    assert world.snapshot() == before


def test_only_some_trees_on_request(world: World) -> None:
    world.publish("a").publish("b").install({"x": ["a 1.0"], "y": ["b 1.0"]})
    shutil.rmtree(world.tree("x"))
    world.install({"x": ["a 1.0"], "y": ["b 1.0"]}, only=frozenset({"x"}))
    assert world.tree("x").is_dir()
    assert world.tree("y").is_dir()
    assert [domain["name"] for domain in import_map(world)["domains"]] == ["x+y"]
    with pytest.raises(LocalError, match="no tree z"):
        world.install({"x": ["a 1.0"]}, only=frozenset({"z"}))


def test_the_development_group_comes_by_default_where_it_exists(world: World) -> None:
    world.folder.write(extra='[dependency-groups]\ndev = ["b"]\n')
    world.publish("a").publish("b")
    lock = world.lock({"x": ["a 1.0"], "y": ["b 1.0"]}, y={"always": False, "groups": ("dev",)})
    world.install(lock)
    assert world.tree("y").is_dir()
    world.install(lock, groups=frozenset())
    assert not world.tree("y").exists()


def test_the_application_finds_its_own_code_and_starts_importshim(world: World) -> None:
    world.folder.write(tool='source = ["src", "."]')
    world.folder.add_file("src/my_lib.py", "where = 'src'\n")
    world.folder.add_file("my_main.py", "import my_lib; print('main', my_lib.where)\n")
    world.publish("a").install({"x": ["a 1.0"]})
    assert run(world.root / "app/bin/python", world.root / "my_main.py") == "main src"
    assert world.python("app", "import sys; print('importshim' in sys.modules)") == "True"


def test_importshim_starts_from_bytecode_wherever_it_is_copied(world: World, tmp_path: Path) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(world.root, elsewhere, symlinks=True, copy_function=shutil.copyfile)  # times are lost
    output = run(elsewhere / "app/bin/python", "-v", "-B", "-c", "", errors=True)
    assert f"matches {elsewhere}/app/" in output
    assert f"code object from {elsewhere}/app/" not in output
    assert "bytecode is stale" not in output


def test_the_application_imports_from_its_trees(world: World) -> None:
    world.publish("a").publish("b", "2.0").install({"x": ["a 1.0"], "y": ["b 2.0"]})
    assert world.python("app", "import a, b; print(a.__version__, b.__version__)") == "1.0 2.0"


def test_the_project_works_at_another_place(world: World, tmp_path: Path) -> None:
    world.folder.add_file("mine.py", "import a; print(a.__version__)\n")
    world.publish("a").install({"x": ["a 1.0"]})
    elsewhere = tmp_path / "else where"
    shutil.copytree(world.root, elsewhere, symlinks=True)
    shutil.rmtree(world.root)
    shutil.rmtree(world.folder.cache)  # trees need no store: a container gets the project alone
    assert run(elsewhere / "app/bin/python", "-c", "import mine") == "1.0"


def test_an_alias_and_the_exposed_names_are_in_the_map(world: World) -> None:
    world.publish("a").publish("a", "2.0")
    lock = world.lock({"x": ["a 1.0"], "a_old": ["a 2.0"]}, a_old={"imports": (), "alias": "a_old", "module": "a"})
    world.install(lock)
    made = import_map(world)
    assert made["root"] == {"a": "x"}
    assert made["aliases"] == {"a_old": {"domain": "a_old", "module": "a"}}


def test_lines_that_python_executes_at_start_are_in_the_map_but_those_of_namespaces(world: World) -> None:
    namespace = "import sys, types, os; has_mfs = sys.version_info > (3, 5)"
    files = {"a/__init__.py": "", "a.pth": "import a; a.go()\n../else\n# no\n", "a-1.0-nspkg.pth": namespace}
    world.publish("a", files=files).install({"x": ["a 1.0"]})
    (domain,) = import_map(world)["domains"]
    site = "../../../../../py_modules/x/" + world.interpreter.layout["purelib"]
    assert domain["startup"] == [{"folder": site, "file": "a.pth", "line": "import a; a.go()"}]
    assert domain["paths"] == [site, site.removesuffix("site-packages") + "else"]


@pytest.mark.parametrize("version", WANTED)
def test_what_runs_at_start_is_what_this_python_runs_in_an_environment_of_its_own(world: World, version: str) -> None:
    """``.start`` files take the place of lines from 3.15 on (PEP 829); the tree's own Python is the oracle."""
    other = find_interpreter(SpecifierSet(), str(require(version)), search=Search())
    source = "import sys\ndef log(what): vars(sys).setdefault('log', []).append(what)\ndef go(): log('go')\n"
    lines = {"a.pth": "line", "b.pth": "covered", "c.pth": "covered by nothing", "d.pth": "uncovered", "z.pth": "last"}
    files = {"a/__init__.py": source, **{name: f"import a; a.log({line!r})\n" for name, line in lines.items()}}
    starts = {"b.start": "# a comment\n\n a:go \n", "c.start": "", "d.start": b"\xff", "e.start": "a:go\na:gone\n"}
    world.publish("a", files={**files, **starts}).install({"x": ["a 1.0"]}, interpreter=other)
    program = "import sys, a; print(*dict.fromkeys(sys.log))"  # before 3.15, site reads them twice
    assert world.python("app", program) == world.python("py_modules/x", program)
    assert ("go" in world.python("app", program)) == (other.environment["python_version"] == "3.15")


def test_a_folder_of_somebody_else_is_never_replaced(world: World) -> None:
    world.publish("a")
    mine = world.folder.add_file("app/views.py", "precious = True\n")
    with pytest.raises(LocalError) as caught:
        world.install({"x": ["a 1.0"]})
    assert caught.value.code == "folder-not-ours"
    assert '`app = ".venv"`' in (caught.value.hint or "")
    assert mine.read_text() == "precious = True\n"
    shutil.rmtree(world.root / "app")
    world.folder.add_file("py_modules/x/mine.py", "")
    with pytest.raises(LocalError, match="was not made by mvlock"):
        world.install({"x": ["a 1.0"]})


def test_a_file_that_the_index_no_longer_has_is_reported_by_name(world: World) -> None:
    lock = world.publish("a").lock({"x": ["a 1.0"]})
    world.folder.index.remove_project("a")
    with pytest.raises(NetworkFailure, match=r"a-1\.0-py3-none-any\.whl of a 1\.0 is locked"):
        world.install(lock)


def test_what_a_killed_run_left_is_cleared_away(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    left = [world.folder.add_file(f"{folder}.mvlock-tmp-x-1/file", "") for folder in ("py_modules/", "")]
    world.install({"x": ["a 1.0"]})
    assert not any(path.exists() for path in left)


def test_an_interrupted_replacement_leaves_the_old_tree(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    lock = world.publish("a", "2.0").lock({"x": ["a 2.0"]})
    world.folder.index.fail("a-2.0", "drop")
    with pytest.raises(NetworkFailure):
        world.install(lock)
    assert world.python("app", "import a; print(a.__version__)") == "1.0"
    assert not [path for path in world.root.rglob("*") if "tmp" in path.name]


def test_an_interpreter_the_lock_does_not_allow_is_refused(world: World) -> None:
    lock = replace(world.publish("a").lock({"x": ["a 1.0"]}), requires_python=">=3.99")
    with pytest.raises(UnmetRequest) as caught:
        world.install(lock)
    assert caught.value.code == "python-not-admitted"
