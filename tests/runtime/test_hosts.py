"""A host: a program of another environment that activates a project by its path, and its plugins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.trees import TreeWorld


@pytest.fixture
def version(python: Path) -> str:
    """The version of the interpreter under test, as ``3.11``."""
    done = subprocess.run(
        [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def plugins(world: TreeWorld) -> TreeWorld:
    """Two plugins that need different versions of lib."""
    for name, number in (("red", "1.0"), ("blue", "2.0")):
        files = {f"{name}.py": "import lib\ndef seen(): return lib.v\n", "lib.py": f"v = '{number}'\n"}
        world.tree(name, files, version=number)
    return world.expose(red="red", blue="blue")


def _as_host(world: TreeWorld, program: str, site: Path | None = None) -> str:
    """What a host prints that has ``site`` on its path, or importshim in its own environment."""
    head = f"import sys; PROJECT = {str(world.root)!r}\n"
    if site is not None:
        others = ("", str(world.importshim_folder()))
        head += f"sys.path[:] = [one for one in sys.path if one not in {others!r}]; sys.path.append({str(site)!r})\n"
    done = world.start_inactive(head + program)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


_SEEN = """
import importshim
importshim.activate(PROJECT)
import red, blue
print(red.seen(), blue.seen())
"""


def test_a_host_activates_a_project_by_its_folder_with_the_importshim_of_the_project(
    plugins: TreeWorld, version: str
) -> None:
    site = plugins.install(version)
    program = f"{_SEEN}print(importshim.__file__.startswith(PROJECT))"
    assert _as_host(plugins, program, site) == "1.0 2.0\nTrue"


def test_a_host_activates_a_project_by_its_folder_with_an_importshim_of_its_own(
    plugins: TreeWorld, version: str
) -> None:
    plugins.install(version)
    program = f"{_SEEN}print(importshim.__file__.startswith(PROJECT))"
    assert _as_host(plugins, program) == "1.0 2.0\nFalse"


def test_the_folder_of_the_application_and_the_map_itself_name_a_project_as_well(
    plugins: TreeWorld, version: str
) -> None:
    map_path = plugins.install(version) / "importshim" / "import_map.json"
    program = f"""
import importshim, pathlib
handle = importshim.activate(PROJECT + "/app")
print(handle is importshim.activate(pathlib.Path(PROJECT)), handle is importshim.activate({str(map_path)!r}))
"""
    assert _as_host(plugins, program) == "True True"


def test_another_project_beside_an_active_one_is_refused(plugins: TreeWorld, version: str, tmp_path: Path) -> None:
    plugins.install(version)
    other = TreeWorld(tmp_path / "other", plugins.python).tree("green", {"green.py": ""})
    other.install(version)
    program = f"""
import importshim
importshim.activate(PROJECT)
try: importshim.activate({str(other.root)!r})
except ImportError as error: print(str(error).rpartition(": ")[2])
"""
    assert _as_host(plugins, program) == "a process has one project"


@pytest.mark.parametrize(
    ("folder", "message"),
    [("nowhere", "name the folder of a project"), ("empty", "run `mvlock install` there")],
)
def test_a_path_without_a_project_is_refused_with_what_to_do(plugins: TreeWorld, folder: str, message: str) -> None:
    (plugins.root / "empty").mkdir()
    program = f"""
import importshim
try: importshim.activate(PROJECT + "/{folder}")
except ImportError as error: print({message!r} in str(error))
"""
    assert _as_host(plugins, program) == "True"


def test_a_project_that_was_installed_for_another_python_is_refused_with_what_to_do(
    plugins: TreeWorld, version: str
) -> None:
    plugins.install("3.9")
    program = """
import importshim
try: importshim.activate(PROJECT)
except ImportError as error: print(error)
"""
    output = _as_host(plugins, program)
    assert (
        f"is installed for Python 3.9, and this is Python {version}; run `mvlock install --python {version}`" in output
    )


@pytest.mark.parametrize("exposed", [False, True], ids=["not exposed", "exposed"])
@pytest.mark.parametrize("module", ["lib", "sole"])
def test_what_the_host_has_loaded_stays_the_hosts_and_is_no_plugins(
    plugins: TreeWorld, version: str, module: str, *, exposed: bool
) -> None:
    """Its submodules too, and its state; a plugin gets its own version, whether one tree has the name or several."""
    plugins.tree("third", {"third.py": "import sole.part\nv = sole.v, sole.part.v\n", "sole/__init__.py": "v = '3'\n"})
    plugins.file("py_modules/third/sole/part.py", "v = 'tree'").expose(third="third")
    if exposed:
        plugins.expose(sole="third", lib="red")
    for path in (f"host/{module}/__init__.py", f"host/{module}/part.py", f"host/{module}/late.py"):
        plugins.file(path, "v = 'host'\n")
    plugins.install(version)
    program = f"""
sys.path.append(PROJECT + "/host")
import {module}.part
before = sys.modules["{module}"]
import importshim
handle = importshim.activate(PROJECT)
import red, blue, third, {module} as after, {module}.late as late
print(before is after, after.part.v, late.v, red.seen(), blue.seen(), third.v)
handle.deactivate()
import {module} as last
print(last is before)
"""
    assert _as_host(plugins, program) == "True host host 1.0 2.0 ('3', 'tree')\nTrue"


def test_what_a_host_has_taken_from_pickle_before_names_trees_as_well(plugins: TreeWorld, version: str) -> None:
    """Its own picklers, those of multiprocessing, and functions that modules of it have; and plain ones in the end."""
    for name in ("red", "blue"):
        plugins.tree(name, {"lib.py": f"class Thing: who = {name!r}\nv = 1\n"}, version="1.0")
    plugins.install(version)
    program = """
import io, multiprocessing.connection, multiprocessing.reduction, pickle
from pickle import Pickler, dumps
class Own(Pickler): pass
class Picky(pickle._Pickler):
    def reducer_override(self, thing): return NotImplemented
import importshim
handle = importshim.activate(PROJECT)
import red, blue
def by(kind, thing):
    file = io.BytesIO()
    kind(file).dump(thing)
    return file.getvalue()
def each(thing):
    yield dumps(thing)
    yield bytes(multiprocessing.reduction.ForkingPickler.dumps(thing))
    yield from (by(kind, thing) for kind in (Pickler, Own, Picky, multiprocessing.reduction.ForkingPickler))
    a, b = multiprocessing.Pipe()
    a.send(thing)
    yield b.recv_bytes()
print({pickle.loads(data).who for data in each(red.lib.Thing())}, {pickle.loads(data).who for data in each(blue.lib.Thing())})
handle.deactivate()
import _pickle
print(dumps is pickle.dumps is _pickle.dumps, Pickler is pickle.Pickler is _pickle.Pickler, "reducer_override" in vars(Own))
"""
    assert _as_host(plugins, program) == "{'red'} {'blue'}\nTrue True False"


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_what_workers_of_a_host_give_back_is_what_it_was(plugins: TreeWorld, version: str, method: str) -> None:
    """multiprocessing is loaded in a worker before the host's main module is, which activates the project."""
    for name in ("red", "blue"):
        plugins.tree(name, {"lib.py": f"class Thing: who = {name!r}\nv = 1\n"}, version="1.0")
    plugins.install(version)
    host = f"""
import importshim, sys
importshim.activate({str(plugins.root)!r})
import red, blue
def work(thing): return thing.who, thing
if __name__ == "__main__":
    import multiprocessing
    with multiprocessing.get_context({method!r}).Pool(1) as pool:
        for name, thing in (("red", red.lib.Thing()), ("blue", blue.lib.Thing())):
            who, back = pool.apply_async(work, (thing,)).get(30)
            print(who == name, type(back) is type(thing))
"""
    plugins.file("host.py", host)
    done = subprocess.run(
        [str(plugins.python), str(plugins.root / "host.py")],
        capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": str(plugins.importshim_folder())},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("True True\n" * 2, "")
