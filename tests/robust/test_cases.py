"""Every case of the tables ends as it may, with one clear message, soon, and with nothing changed that is not ours."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.command_line import files_below, run_main
from tests.robust.archive_cases import archive_cases
from tests.robust.case import Case, World
from tests.robust.file_cases import file_cases
from tests.robust.foreign_cases import foreign_cases
from tests.robust.index_cases import index_cases
from tests.support.project import ProjectFolder

_MOST_SECONDS = 10
"""Of the processor."""
_LONGEST_MESSAGE = 6000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CASES = [*index_cases(), *file_cases(), *archive_cases(), *foreign_cases()]


@pytest.fixture
def world(project: ProjectFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A project that requires ``a``, in which every request fails at once or not at all."""
    monkeypatch.setenv("MVLOCK_HTTP_RETRIES", "0")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MVLOCK_NO_CONFIG")
    monkeypatch.setenv("MVLOCK_CONFIG_FILE", str(tmp_path / "home" / "config.toml"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    project.write(["a"])
    yield World(project)


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_input_that_breaks_the_rules(case: Case, world: World, capfd: pytest.CaptureFixture[str]) -> None:
    case.prepare(world)
    root, begun = world.project.root, time.process_time()
    before = files_below(root.parent)
    ours, words = (root, world.project.cache), [word.replace("ROOT", str(root)) for word in case.command]
    capfd.readouterr()
    code = run_main("--project", str(root), "--cache-dir", str(world.project.cache), *words)
    out, err = capfd.readouterr()
    assert code in case.codes, err[-2000:]
    assert time.process_time() - begun < _MOST_SECONDS
    assert len(err) < _LONGEST_MESSAGE
    assert not _CONTROL.search(out + err)
    assert "Traceback" not in re.sub(r"^ .*", "", err, flags=re.MULTILINE)
    assert len(re.findall("^error: ", err, re.MULTILINE)) == (code != 0)
    after = files_below(root.parent)
    assert _elsewhere(after, *ours) == _elsewhere(before, *ours)
    assert code == 0 or _below(after, root) == _below(before, root)


def test_there_is_a_case_for_each_fault_that_was_found() -> None:
    names = [case.name for case in _CASES]
    assert len(names) == len(set(names)) > 400


def _elsewhere(files: dict[str, bytes], *ours: Path) -> set[str]:
    return {path for path in files if not path.startswith(tuple(f"{place.name}/" for place in ours))}


def _below(files: dict[str, bytes], place: Path) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(f"{place.name}/")}
