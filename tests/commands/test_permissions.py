"""Who may read and write what mvlock makes, whatever umask it was started with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

ROOT = Path(__file__).parents[2]
_COMMAND = "import os, runpy; os.umask({umask}); runpy.run_module('mvlock', run_name='__main__', alter_sys=True)"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")


def mvlock(umask: int, project: ProjectFolder, *words: str) -> str:
    """The output of a command that is started with this umask."""
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    command = [sys.executable, "-c", _COMMAND.format(umask=umask), *place, *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("umask", "refused"), [(0o000, 0o022), (0o002, 0o002), (0o022, 0o022), (0o027, 0o027), (0o077, 0o077)], ids=oct
)
def test_others_get_no_more_than_the_umask_gives(
    index: LocalIndex, project: ProjectFolder, umask: int, refused: int
) -> None:
    index.publish("a", "1.0", scripts={"a": "a:main"})
    index.publish("b", "1.0", wheel_tags=(), sdist=True)
    project.write(["a", "b"])
    for words in (("resolve",), ("install",), ("verify",)):
        mvlock(umask, project, *words)
    made = [project.cache, project.root / "app", project.root / "py_modules", project.root / "mv.lock"]
    folders = [folder for folder in made if folder.is_dir()]
    modes = {path: path.stat().st_mode for one in folders for path in (one, *one.rglob("*")) if not path.is_symlink()}
    assert [path for path, mode in modes.items() if mode & refused & 0o022] == []
    assert [folder for folder in folders if modes[folder] & refused] == []
    assert (project.root / "mv.lock").stat().st_mode & refused == 0
    assert os.access(project.root / "app/bin/a", os.X_OK)


def test_a_command_that_is_run_has_the_umask_of_the_caller(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert mvlock(0, project, "run", "python", "-c", "import os; print(os.umask(0))") == "0\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_cache_of_another_user_is_used_only_if_it_is_named(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "mvlock"
    cache.mkdir(parents=True)
    os.chown(cache, 65534, 65534)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache.parent)}
    command = [sys.executable, "-m", "mvlock", "cache", "size"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "belongs to another user" in done.stderr) == (2, True)
    subprocess.run([*command, "--cache-dir", str(cache)], env=environment, capture_output=True, check=True)


def test_no_module_names_a_shared_folder() -> None:
    """What is temporary gets a name from ``tempfile``, or is next to its place."""
    shared = re.compile(r"gettempdir\(\)\)? /|mktemp\(|[\"']/(?:var/)?tmp|/dev/shm")
    files = [path for folder in ("mvlock", "importshim") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in files if shared.search(path.read_text(encoding="utf-8"))] == []
