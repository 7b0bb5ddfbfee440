"""Commands that are no console entry points: files of wheels (PEP 427, ``.data/scripts``), and gui scripts."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from mvlock.install.options import InstallOptions
from mvlock.install.project import verify_project
from tests.install.world import World, run

TOOL = """#!python
import sys
import pickle
import helper, mine
class Local: pass
print(helper.__version__, mine.told(), __name__, sys.argv[1:], type(pickle.loads(pickle.dumps(Local()))) is Local)
sys.exit("os" in globals())
"""
SHELL = '#!/bin/sh\necho "$(basename "$(dirname "$(dirname "$0")")")" "$@"\n'


def scripts(world: World) -> World:
    """Tree x has a Python script, which imports a helper of its own and the application, and a shell script."""
    world.folder.add_file("mine.py", "import helper\ndef told(): return helper.__version__\n")
    files = {"tool.py": "", "tool-1.0.data/scripts/my tool": TOOL, "tool-1.0.data/scripts/shell": SHELL}
    world.publish("tool", files=files).publish("helper", files=helper("1.0")).publish("helper", "2.0")
    world.install({"x": ["tool 1.0", "helper 1.0"], "helper": ["helper 2.0"]})
    return world


def helper(version: str) -> dict[str, str]:
    """A dependency with a script of its own."""
    return {
        "helper/__init__.py": f"__version__ = '{version}'",
        f"helper-{version}.data/scripts/hidden": "#!python\n",
    }


def test_a_script_for_python_runs_in_the_routed_process_as_code_of_its_tree(world: World) -> None:
    scripts(world)
    assert run(world.root / "app/bin/my tool", "a b") == "1.0 2.0 __main__ ['a b'] True"


def test_functions_of_a_script_go_to_workers(world: World) -> None:
    text = """#!python
import multiprocessing
def work(number):
    import helper
    return helper.__version__, number
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, [1]))
"""
    world.publish("tool", files={"tool.py": "", "tool-1.0.data/scripts/pools": text})
    world.publish("helper").publish("helper", "2.0")
    world.install({"x": ["tool 1.0", "helper 1.0"], "helper": ["helper 2.0"]})
    assert run(world.root / "app/bin/pools") == "[('1.0', 1)]"


def test_another_program_is_started_where_it_is(world: World) -> None:
    scripts(world)
    assert run(world.root / "app/bin/shell", "a b") == "x a b"


def test_scripts_of_indirect_dependencies_are_only_in_their_tree(world: World) -> None:
    scripts(world)
    assert (world.tree("x") / "bin/hidden").exists()
    assert not (world.root / "app/bin/hidden").exists()


def test_scripts_move_with_the_project_and_work_through_links(world: World, tmp_path: Path) -> None:
    world.folder.write(tool='app = "the app"\nmodules = "the trees"')
    scripts(world)
    moved = tmp_path / "some where"
    shutil.move(world.root, moved)
    for name, expected in (("my tool", "1.0 2.0 __main__ [] True"), ("shell", "x")):
        link = tmp_path / name
        link.symlink_to(moved / "the app/bin" / name)
        assert run(link) == expected


def test_a_script_that_is_missing_in_the_application_is_noticed_and_made_again(world: World) -> None:
    scripts(world)
    lock = world.lock({"x": ["tool 1.0", "helper 1.0"], "helper": ["helper 2.0"]})
    (world.root / "app/bin/shell").unlink()
    options = InstallOptions(world.interpreter, world.folder.cache)
    found = verify_project(world.project, lock, options=options)
    assert found.trees == {"": ("bin/shell is missing or was changed",)}
    world.install(lock)
    assert run(world.root / "app/bin/shell") == "x"


def test_a_file_goes_before_an_entry_point_of_its_name(world: World) -> None:
    files = {"a.py": "def main(): print('entry')\n", "a-1.0.data/scripts/go": "#!python\nprint('file')\n"}
    world.publish("a", files=files, scripts={"go": "a:main"}).install({"x": ["a 1.0"]})
    assert run(world.tree("x") / "bin/go") == run(world.root / "app/bin/go") == "file"
    record = (world.site_packages("x") / "a-1.0.dist-info/RECORD").read_text().splitlines()
    assert len([row for row in record if "bin/go" in row]) == 1
    assert world.reporter.notes == []


@pytest.mark.parametrize("environment", ["py_modules/x", "app"])
def test_gui_scripts_start(world: World, environment: str) -> None:
    points = "[gui_scripts]\nwindow = a:main\n"
    files = {"a.py": "def main(): print('window')\n", "a-1.0.dist-info/entry_points.txt": points}
    world.publish("a", files=files).install({"x": ["a 1.0"]})
    assert run(world.root / environment / "bin/window") == "window"


def test_gui_scripts_are_in_record(world: World) -> None:
    points = "[gui_scripts]\nwindow = a:main\n"
    world.publish("a", files={"a.py": "", "a-1.0.dist-info/entry_points.txt": points}).install({"x": ["a 1.0"]})
    with (world.site_packages("x") / "a-1.0.dist-info/RECORD").open() as record:
        assert "../../../bin/window" in {row[0] for row in csv.reader(record)}


def test_gui_scripts_of_the_project_start_and_are_in_record(world: World) -> None:
    world.folder.write(project='[project.gui-scripts]\nmy-window = "mine:main"\n')
    world.folder.add_file("mine.py", "def main(): print('mine')\n")
    world.install({})
    assert run(world.root / "app/bin/my-window") == "mine"
    files = "import importlib.metadata as m; print([f.name for f in m.files('my-app') if 'window' in f.name])"
    assert world.python("app", files) == "['my-window']"
