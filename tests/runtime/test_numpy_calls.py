"""Compiled code that an application calls finds its own modules, in two versions at once, on every Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.errors import MvlockError
from tests.compat.pairs import PAIRS, Pair, read_pairs
from tests.compat.wheels import candidate_pairs, index_wheels
from tests.support import interpreters
from tests.support.kept_projects import clean_environment

_CALLS = Path(__file__).parents[1] / "compat" / "numpy_calls.py"
_NAMES = ("numpy_old", "numpy_new")

pytestmark = pytest.mark.index


@pytest.fixture
def folder(kept: Callable[[str], Path]) -> Path:
    """Kept between runs."""
    return kept("compat")


@pytest.mark.parametrize("version", interpreters.WANTED)
def test_calls_of_two_numpys_from_the_application_give_what_each_gives_without_the_other(
    folder: Path, version: str
) -> None:
    project = folder / "numpy-calls" / version
    _make(project, interpreters.require(version), _pair(folder / "cache", version), folder / "cache")
    alone = {name: _called(project / "py_modules" / name, "numpy")["numpy"] for name in _NAMES}
    assert min(map(len, alone.values())) > 40
    for order in (_NAMES, _NAMES[::-1]):
        assert _called(project / "app", *order) == alone


def _pair(cache: Path, version: str) -> Pair:
    """Two NumPys that have wheels."""
    (pair,) = (one for one in read_pairs(PAIRS, version) if one.name == "numpy")
    try:
        with index_wheels(cache, version) as wheels:
            return candidate_pairs(pair, wheels)[0]
    except MvlockError as error:
        pytest.skip(f"the index cannot be reached: {error}")


def _make(project: Path, python: Path, pair: Pair, cache: Path) -> None:
    project.mkdir(parents=True, exist_ok=True)
    pyproject = (
        f'[project]\nname = "calls"\nversion = "1.0"\nrequires-python = "=={project.name}.*"\ndependencies = []\n'
        f'[tool.mvlock.alias]\nnumpy_old = "{pair.old}"\nnumpy_new = "{pair.new}"\n'
    )
    (project / "pyproject.toml").write_text(pyproject, "utf-8")
    tool = [sys.executable, "-m", "mvlock", "--project", str(project), "--cache-dir", str(cache), "--no-progress"]
    for command in (["resolve", "--only-host"], ["install"]):
        subprocess.run([*tool, *command, "--python", str(python)], check=True, capture_output=True, text=True)


def _called(environment: Path, *names: str) -> dict[str, dict[str, str]]:
    """What every call gives in an environment, by the names that NumPy is imported under, in their order."""
    done = subprocess.run(
        [str(environment / "bin" / "python"), str(_CALLS), *names],
        capture_output=True, text=True, check=True, env=clean_environment(),
    )  # fmt: skip
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found
