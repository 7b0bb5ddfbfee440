"""Each example of the demo passes, and the demo installs mvlock itself."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.markdown import ROOT
from tests.support.real import skip_without_index

pytestmark = [
    pytest.mark.index,
    pytest.mark.skipif(sys.platform == "win32", reason="the examples run on POSIX"),
]
_EXAMPLES = list(runpy.run_path(str(ROOT / "demo" / "run.py"))["EXAMPLES"])
_NOT_KEPT = shutil.ignore_patterns("__pycache__", ".venv*", "app", "py_modules")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what a clone has of the demo, and of what the demo installs."""
    for part in (".ci", "mvlock", "importshim", "demo"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=_NOT_KEPT)
    for part in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def run_demo(clone: Path, cache: Path, *words: str) -> str:
    """What the demo prints; skips the test where the index, or a Python for the demo's applications, is not there."""
    done = subprocess.run(
        [sys.executable, clone / "demo" / "run.py", *words],
        capture_output=True, text=True, check=False, env=os.environ | {"MVLOCK_CACHE_DIR": str(cache)},
    )  # fmt: skip
    if "`mvlock resolve` failed with exit code 2" in done.stderr:
        pytest.skip(f"there is no Python for the demo's applications: {done.stderr}")
    skip_without_index(3 if "failed with exit code 3" in done.stderr else 0, done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("example", _EXAMPLES)
def test_each_example_passes(clone: Path, kept: Callable[[str], Path], example: str) -> None:
    mvlock = Path(sys.executable).with_name("mvlock")
    output = run_demo(clone, kept("demo"), "--mvlock", str(mvlock), example)
    assert output.endswith("The demo has passed.\n")


def test_the_demo_installs_mvlock_itself(clone: Path, kept: Callable[[str], Path]) -> None:
    output = run_demo(clone, kept("demo"), "migration")
    assert output.startswith("Installing mvlock into demo/.venv\n")
    assert (clone / "demo" / ".venv" / "bin" / "mvlock").exists()


def test_an_unknown_example_is_refused(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, clone / "demo" / "run.py", "nowhere"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "there is no example nowhere" in done.stderr) == (2, True)
