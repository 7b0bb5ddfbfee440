"""One archive of app/ and py_modules/ that runs elsewhere, and is the same wherever it is made."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from mvlock.pack.archive import FORMATS, TIME
from tests.commands.command_line import Mvlock, run_main
from tests.support.index import LocalIndex
from tests.support.interpreters import require_other
from tests.support.project import ProjectFolder
from tests.support.release import Release

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VERSION = "{}.{}".format(*sys.version_info)
ALIASES = """[tool.mvlock.alias]
old = { requirement = "lib<2", module = "lib" }
new = { requirement = "lib>=2", module = "lib" }
"""
MAIN = "import old, new, sys; print(old.__version__, new.__version__, sys.executable)\n"


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A library in two versions, under aliases; a project with a command. Installed."""
    index.publish("lib", "1.0")
    index.publish("lib", "2.0")
    index.publish("tool", "1.0", scripts={"go": "tool:main"}, files={"tool.py": "def main(): print('gone')\n"})
    project.write(["tool"], extra=ALIASES, files={"main.py": MAIN})
    prepare(mvlock)


def prepare(mvlock: Mvlock, *words: str) -> None:
    assert mvlock("resolve").code == 0
    assert mvlock("install", *words).code == 0


def pack(mvlock: Mvlock, target: Path, *words: str) -> Path:
    """The archive that ``mvlock pack`` makes at ``target``."""
    outcome = mvlock("pack", "--output", str(target), *words)
    assert outcome.code == 0, outcome.err
    return target


def open_tar(archive: Path) -> tarfile.TarFile:
    if archive.name.endswith(".gz"):
        return tarfile.open(archive, "r:gz")
    stream: IO[bytes] = zstd.open(archive, "rb")  # type: ignore[assignment]  # it reads like a file
    return tarfile.open(fileobj=stream, mode="r|")


def unpack(archive: Path, folder: Path) -> Path:
    """As ``tar`` and ``unzip`` do it: with links and modes."""
    folder.mkdir(parents=True)
    if archive.suffix != ".zip":
        with open_tar(archive) as members:
            members.extraction_filter = staticmethod(lambda member, _: member)  # older Pythons know no ``filter``
            members.extractall(folder)
        return folder
    with zipfile.ZipFile(archive) as members_of_zip:
        for info in members_of_zip.infolist():
            _unzip(members_of_zip, info, folder)
    return folder


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> None:
    target, mode = folder / info.filename, info.external_attr >> 16
    if stat.S_ISLNK(mode):
        target.symlink_to(archive.read(info).decode())
        return
    archive.extract(info, folder)
    target.chmod(stat.S_IMODE(mode))


def names(archive: Path) -> list[str]:
    """Every member's path."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as members:
            return members.namelist()
    with open_tar(archive) as tar:
        return tar.getnames()


def contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """What is in each file."""
    with open_tar(archive) as members:
        for member in members:
            stream = members.extractfile(member) if member.isfile() else None
            yield member.name, stream.read() if stream else member.linkname.encode()


def run(folder: Path, *words: str) -> str:
    """What a command in the unpacked folder prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_unpacked_elsewhere_starts(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path, kind: str) -> None:
    there = unpack(pack(mvlock, tmp_path / f"a.{kind}"), tmp_path / "else where")
    shutil.copy(project.root / "main.py", there)
    shutil.rmtree(project.root)
    shutil.rmtree(project.cache)
    assert run(there, "app/bin/python", "main.py") == f"1.0 2.0 {there}/app/bin/python\n"
    assert run(there, "app/bin/go") == "gone\n"


def test_unpacked_bytecode_is_used(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    there = unpack(pack(mvlock, tmp_path / "a.tar.gz"), tmp_path / "there")
    shutil.copy(project.root / "main.py", there)
    before = {path: path.stat().st_mtime_ns for path in there.rglob("*.pyc")}
    assert any("/old/" in path.as_posix() for path in before)
    run(there, "app/bin/python", "main.py")
    assert {path: path.stat().st_mtime_ns for path in there.rglob("*.pyc")} == before
    (library,) = there.glob("py_modules/old/lib/*/*/lib/__init__.py")
    library.write_text("__version__ = 'mine'\n")
    assert run(there, "app/bin/python", "main.py").startswith("mine 2.0")


def test_bytecode_is_what_the_install_has_compiled(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    first = pack(mvlock, tmp_path / "first.zip").read_bytes()
    (library,) = project.root.glob("py_modules/old/lib/*/*/lib/__init__.py")
    assert run(project.root, "app/bin/python", "-OO", "main.py").startswith("1.0 2.0")
    assert list(library.parent.glob("__pycache__/*.opt-2.pyc"))
    assert pack(mvlock, tmp_path / "second.zip").read_bytes() == first
    bare = names(pack(mvlock, tmp_path / "bare.zip", "--no-bytecode"))
    assert [name for name in bare if "__pycache__" in name] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_content_makes_equal_bytes(
    mvlock: Mvlock, project: ProjectFolder, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another place, another cache, another link mode, another umask, at another time."""
    first = pack(mvlock, tmp_path / f"first.{kind}", "--no-bytecode").read_bytes()
    other = tmp_path / "other" / "place"
    other.mkdir(parents=True)
    for name in ("pyproject.toml", "mv.lock", "main.py"):
        shutil.copy(project.root / name, other)
    place = ("--project", str(other), "--cache-dir", str(tmp_path / "other-cache"))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    umask = os.umask(0o077)
    try:
        assert run_main(*place, "install", "--link-mode", "symlink") == 0
    finally:
        os.umask(umask)
    second = tmp_path / f"second.{kind}"
    assert run_main(*place, "pack", "--no-bytecode", "--output", str(second)) == 0
    assert second.read_bytes() == first


def test_members_have_one_time_one_owner_and_two_modes(mvlock: Mvlock, tmp_path: Path) -> None:
    with open_tar(pack(mvlock, tmp_path / "a.tar.gz")) as archive:
        members = archive.getmembers()
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in members} == {(TIME, 0, 0, "", "")}
    assert {one.mode for one in members if one.isfile()} == {0o644, 0o755}
    assert [one.name.split("/") for one in members] == sorted(one.name.split("/") for one in members)


def test_files_of_the_store_are_packed_themselves(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    prepare(mvlock, "--link-mode", "symlink")
    (library,) = project.root.glob("py_modules/old/lib/*/*/lib/__init__.py")
    assert library.is_symlink()
    with open_tar(pack(mvlock, tmp_path / "a.tar.gz")) as archive:
        members = {one.name: one for one in archive.getmembers()}
    assert members[library.relative_to(project.root).as_posix()].isfile()
    links = [one.linkname for one in members.values() if one.issym() and "/bin/python" not in one.name]
    assert [link for link in links if link.startswith("/")] == []


def test_nothing_depends_on_the_place(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    project.add_source("libs/local", Release("local", "1.0"))
    source = '[tool.mvlock.sources]\nlocal = { path = "libs/local" }'
    project.write(["tool", "local"], extra=f"{ALIASES}\n{source}")
    prepare(mvlock)
    found = dict(contents(pack(mvlock, tmp_path / "a.tar.zst")))
    assert [name for name, content in found.items() if str(tmp_path).encode() in content] == []
    (record,) = [text.decode() for name, text in found.items() if name.endswith("local-1.0.dist-info/RECORD")]
    assert "local/__init__.py" in record
    assert "direct_url.json" not in record


@pytest.mark.parametrize(
    ("shell", "line"),
    [("sh", ". ./app/bin/activate"), ("fish", "source app/bin/activate.fish"), ("tcsh", "source app/bin/activate.csh")],
)
def test_a_shell_finds_the_unpacked_environment(mvlock: Mvlock, tmp_path: Path, shell: str, line: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    there = unpack(pack(mvlock, tmp_path / "a.tar.gz"), tmp_path / "there")
    assert run(there, shell, "-c", f"{line}; go; echo $VIRTUAL_ENV") == f"gone\n{there}/app\n"


# Another interpreter


@pytest.fixture
def moved(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> Path:
    """An unpacked project whose interpreter is not where it was."""
    there = unpack(pack(mvlock, tmp_path / "a.tar.gz"), tmp_path / "there")
    shutil.copy(project.root / "main.py", there)
    for link in there.glob("*/bin/python*"), there.glob("py_modules/*/bin/python*"):
        for path in link:
            path.unlink()
            path.symlink_to("/nowhere/bin/python")
    for config in [there / "app/pyvenv.cfg", *there.glob("py_modules/*/pyvenv.cfg")]:
        config.write_text("home = /nowhere/bin\n")
    return there


def test_an_interpreter_of_the_same_version_elsewhere_will_do(moved: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "opt" / "python"
    elsewhere.parent.mkdir()
    elsewhere.symlink_to(sys.base_prefix)
    python = elsewhere / "bin" / f"python{VERSION}"
    output = run(moved, str(python), "app/unpack.py")
    assert output == f"{moved}/app/bin/python now points to {python}\n"
    assert run(moved, "app/bin/python", "main.py") == f"1.0 2.0 {moved}/app/bin/python\n"
    program = "import sys; print(sys.base_prefix)"
    assert run(moved, "app/bin/python", "-c", program) == f"{elsewhere}\n"
    assert run(moved, "py_modules/old/bin/python", "-c", program) == f"{elsewhere}\n"
    run(moved, "app/bin/python", "app/unpack.py")
    assert run(moved, "app/bin/python", "-c", program) == f"{elsewhere}\n"


def test_folders_may_have_other_names(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    project.write(["tool"], tool='app = "made/env"\nmodules = "made/trees"', extra=ALIASES)
    prepare(mvlock)
    outcome = mvlock("pack", "--output", str(tmp_path / "a.tar.gz"))
    assert f"`python{VERSION} made/env/unpack.py`" in outcome.err
    there = unpack(tmp_path / "a.tar.gz", tmp_path / "there")
    shutil.copy(project.root / "main.py", there)
    run(there, sys.executable, "made/env/unpack.py")
    assert run(there, "made/env/bin/python", "main.py").startswith("1.0 2.0")
    assert run(there, "made/trees/old/bin/python", "-c", "import lib; print(lib.__version__)") == "1.0\n"


def test_an_interpreter_of_another_version_will_not(moved: Path) -> None:
    version, python = require_other(VERSION)
    done = subprocess.run([python, "app/unpack.py"], cwd=moved, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: this archive is for Python {VERSION} on ")
    assert f", not for Python {version} on " in done.stderr
    assert (moved / "app/bin/python").readlink() == Path("/nowhere/bin/python")


# Errors


def _damage(project: ProjectFolder) -> None:
    (library,) = project.root.glob("py_modules/old/lib/*/*/lib/__init__.py")
    library.unlink()


def _edit(project: ProjectFolder) -> None:
    project.write(["tool<1"])


def _remove(project: ProjectFolder) -> None:
    shutil.rmtree(project.root / "app")


@pytest.mark.parametrize(
    ("spoil", "message", "hint"),
    [
        (_damage, "py_modules/old does not match mv.lock", "`mvlock install --repair` fixes it"),
        (_remove, "app/ does not match mv.lock", "`mvlock install` fixes it"),
        (_edit, "mv.lock is stale", "run `mvlock resolve`"),
    ],
)
def test_what_is_not_as_locked_is_not_packed(
    mvlock: Mvlock, project: ProjectFolder, spoil: Callable[[ProjectFolder], None], message: str, hint: str
) -> None:
    spoil(project)
    outcome = mvlock("pack")
    assert outcome.code == 1
    assert message in outcome.err
    assert hint in outcome.err
    assert list(project.root.glob("*.tar.zst")) == []


def test_editable_sources_outside_the_project_are_named(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("../far", Release("far", "1.0"))
    source = '[tool.mvlock.sources]\nfar = { path = "../far", editable = true }'
    project.write(["far"], extra=source)
    prepare(mvlock)
    outcome = mvlock("pack")
    assert outcome.code == 1
    assert "\n  tree far: far 1.0, editable source ../far\n" in outcome.err
    assert "hint: set `editable = false` for far in [tool.mvlock.sources]" in outcome.err
    project.write(["far"], extra=source.replace("true", "false"))
    prepare(mvlock)
    assert mvlock("pack").code == 0


def test_folders_that_a_library_adds_to_the_path_are_named(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("adds", "1.0", files={"adds.py": "", "adds.pth": "/nowhere/else\n"})
    project.write(["adds"])
    prepare(mvlock)
    outcome = mvlock("pack")
    assert (outcome.code, "tree adds: adds 1.0, path /nowhere/else of a .pth file" in outcome.err) == (1, True)


def test_folders_of_the_workspace_that_a_library_adds_to_the_path_are_named(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    root = f'[tool.mvlock.workspace]\nmembers = ["{project.root.name}"]\n'
    (project.root.parent / "pyproject.toml").write_text(root, encoding="utf-8")
    index.publish("adds", "1.0", files={"adds.py": "", "adds.pth": f"{project.root.parent}/else\n"})
    project.write(["adds"])
    prepare(mvlock)
    outcome = mvlock("pack")
    assert (outcome.code, "../../../../../../else of a .pth file" in outcome.err) == (1, True)


def test_an_editable_source_that_is_found_by_its_absolute_path_is_named(mvlock: Mvlock, project: ProjectFolder) -> None:
    """As some backends do it: with a line of code instead of a folder."""
    near = project.add_source("libs/near", Release("near", "1.0"))
    backend = next(path for path in near.rglob("*.py") if "def build_editable" in path.read_text("utf-8"))
    line = """f"{Path('src').resolve()}\\n\""""
    code = """f"import sys; sys.path.append({str(Path('src').resolve())!r})\\n\""""
    text = backend.read_text("utf-8")
    assert line in text
    backend.write_text(text.replace(line, code), "utf-8")
    source = '[tool.mvlock.sources]\nnear = { path = "libs/near", editable = true }'
    project.write(["near"], extra=source)
    prepare(mvlock)
    outcome = mvlock("pack")
    assert (outcome.code, "editable source libs/near, which is installed by its absolute path" in outcome.err) == (
        1,
        True,
    )


def test_source_folders_outside_the_project_are_named(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    project.write(["tool"], tool='source = [".", "../common"]')
    prepare(mvlock)
    outcome = mvlock("pack")
    assert (outcome.code, "the application: source ../common" in outcome.err) == (1, True)


def test_editable_sources_of_the_project_go_with_the_applications_own(
    mvlock: Mvlock, project: ProjectFolder, tmp_path: Path
) -> None:
    project.add_source("libs/near", Release("near", "1.0"))
    source = '[tool.mvlock.sources]\nnear = { path = "libs/near", editable = true }'
    project.write(["near"], extra=source, files={"main.py": "import near; print(near.__file__)\n"})
    prepare(mvlock)
    outcome = mvlock("pack", "--output", str(tmp_path / "a.zip"))
    assert (outcome.code, "editable sources are not in the archive" in outcome.err) == (0, True)
    assert "libs/near" in outcome.err
    there = unpack(tmp_path / "a.zip", tmp_path / "there")
    for name in ("main.py", "libs"):
        (project.root / name).rename(there / name)
    (near,) = (there / "libs").rglob("near/__init__.py")
    assert run(there, "app/bin/python", "main.py") == f"{near}\n"


# Names


def test_the_archive_says_what_it_is_for(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    outcome = mvlock("pack")
    (archive,) = project.root.glob("my-app-*.tar.zst")
    assert f"files into {archive} (" in outcome.err
    assert archive.name.startswith(f"my-app-{sys.implementation.cache_tag}-")
    assert mvlock("pack", "--format", "zip", "--output", str(tmp_path)).code == 0
    assert (tmp_path / archive.name.replace(".tar.zst", ".zip")).is_file()
    assert zipfile.is_zipfile(pack(mvlock, tmp_path / "environment", "--format", "zip"))


def test_an_archive_without_a_known_format_is_refused(mvlock: Mvlock, tmp_path: Path) -> None:
    outcome = mvlock("pack", "--output", str(tmp_path / "a.rar"))
    assert outcome.code == 2
    assert outcome.err.startswith("error: the format of 'a.rar' is not known\n")
    assert "--format" in outcome.err


def test_an_archive_that_cannot_be_written_is_an_error(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outcome = mvlock("pack", "--output", str(tmp_path / "file" / "a.zip"))
    assert (outcome.code, "Traceback" in outcome.err) == (2, False)


def test_an_archive_does_not_go_into_itself(mvlock: Mvlock, project: ProjectFolder) -> None:
    outcome = mvlock("pack", "--output", str(project.root / "app" / "a.zip"))
    assert (outcome.code, "cannot be in app/" in outcome.err) == (2, True)
    assert mvlock("verify").code == 0
