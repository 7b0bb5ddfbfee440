"""The application's version, where pyproject.toml leaves it to a build backend."""

from __future__ import annotations

import shutil
from pathlib import Path

from mvlock.install.options import InstallOptions
from mvlock.install.project import verify_project
from tests.install.world import World, run

BACKEND = """
from pathlib import Path

def build_wheel(*arguments):
    raise RuntimeError("the application is not built")

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    with Path("asked").open("a") as log:
        log.write("x")
    version = Path("VERSION").read_text()
    info = Path(folder, f"my_app-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: my-app\\nVersion: {version}\\n")
    return info.name
"""
EDITABLE = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = prepare_metadata_for_build_wheel(folder)
    version = Path("VERSION").read_text()
    Path("_version.py").write_text(f"version = {version!r}")
    wheel = f"my_app-{version}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, wheel), "w") as archive:
        archive.write(Path(folder, name, "METADATA"), f"{name}/METADATA")
        archive.writestr(f"{name}/entry_points.txt", "[console_scripts]\\nbuilt = backend:main\\n")
    return wheel
"""
SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def dynamic(world: World, version: str | None = "3.4", system: str = SYSTEM) -> World:
    """A project whose backend reads its version in a file, which None leaves out."""
    text = world.folder.write(extra=system).pyproject.read_text()
    world.folder.pyproject.write_text(text.replace('version = "0.1"', 'dynamic = ["version"]'))
    world.folder.add_file("backend.py", BACKEND)
    if version is not None:
        world.folder.add_file("VERSION", version)
    return world


def building(world: World) -> World:
    """A project as ``dynamic``, whose backend writes the version into a module of the project when it builds."""
    dynamic(world).folder.add_file("backend.py", BACKEND + EDITABLE)
    return world


def shown(world: World) -> str:
    """The version that the application sees of itself."""
    return world.python("app", "import importlib.metadata as m; print(m.version('my-app'))")


def backend_runs(world: World) -> int:
    """How often the backend has run."""
    path = world.root / "asked"
    return len(path.read_text()) if path.exists() else 0


def test_a_dynamic_version_is_read_from_the_backend_once(world: World) -> None:
    dynamic(world).install({})
    assert shown(world) == "3.4"
    assert not world.install({}).changed
    assert backend_runs(world) == 1


def test_it_is_read_again_when_a_build_file_changed_and_by_a_repair(world: World) -> None:
    dynamic(world).install({})
    world.folder.add_file("VERSION", "3.5")
    assert not world.install({}).changed
    assert world.install({}, repair=True).changed
    assert shown(world) == "3.5"
    world.folder.add_file("VERSION", "3.6")
    world.folder.add_file("setup.cfg", "")
    assert world.install({}).changed
    assert shown(world) == "3.6"


def test_files_that_steer_the_build_are_looked_at_where_there_is_nothing_to_do(world: World) -> None:
    left = dynamic(world).install({}).state
    assert left is not None
    assert {"setup.py", "setup.cfg"} <= set(left.files)


def test_a_failing_backend_is_reported_and_the_version_is_0(world: World) -> None:
    dynamic(world, version=None).install({})
    assert shown(world) == "0"
    assert world.reporter.notes[0].startswith("the version of my-app is shown as 0, because it could not be built: ")
    assert "VERSION" in world.reporter.details[-1]
    world.folder.add_file("VERSION", "1")
    assert world.install({}).changed
    assert shown(world) == "1"


def test_without_a_build_system_no_backend_runs(world: World) -> None:
    dynamic(world, system="").install({})
    assert (shown(world), backend_runs(world), world.reporter.notes) == ("0", 0, [])


def test_verify_takes_the_version_that_was_installed(world: World, tmp_path: Path) -> None:
    dynamic(world).install({})
    options = InstallOptions(world.interpreter, tmp_path / "another cache")
    found = verify_project(world.project, world.lock({}), options=options)
    assert (found.trees, backend_runs(world)) == ({}, 1)


def test_what_an_editable_build_writes_into_the_sources_is_there(world: World) -> None:
    building(world).install({})
    assert world.python("app", "import _version; print(_version.version)") == "3.4"
    assert (shown(world), backend_runs(world), world.reporter.notes) == ("3.4", 1, [])


def test_it_is_built_again_where_no_environment_is_yet_whatever_the_cache_knows(world: World) -> None:
    building(world).install({})
    for name in ("app", "py_modules"):
        shutil.rmtree(world.root / name, ignore_errors=True)
    (world.root / "_version.py").unlink()
    world.install({})
    assert (world.root / "_version.py").exists()
    assert not world.install({}).changed
    assert backend_runs(world) == 2


def test_a_dry_run_builds_nothing(world: World) -> None:
    building(world).install({}, dry_run=True)
    assert not (world.root / "_version.py").exists()


def test_a_build_that_fails_is_reported_and_the_metadata_is_used(world: World) -> None:
    dynamic(world).install({})
    assert shown(world) == "3.4"
    assert world.reporter.notes[0].startswith("my-app has its version, but not the files that a build writes")


def test_commands_that_are_left_to_the_backend_are_those_of_its_build(world: World) -> None:
    text = building(world).folder.pyproject.read_text()
    world.folder.pyproject.write_text(text.replace('["version"]', '["version", "scripts"]'))
    world.folder.add_file("backend.py", BACKEND + EDITABLE + "def main():\n    print('ran')\n")
    world.install({})
    assert run(world.root / "app/bin/built") == "ran"
    assert not world.install({}).changed
    options = InstallOptions(world.interpreter, world.folder.cache)
    assert verify_project(world.project, world.lock({}), options=options).trees == {}
