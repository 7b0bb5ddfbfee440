"""Fixtures of all tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

os.environ["MVLOCK_NO_PROGRESS"] = "1"
"""Whether a step is slow enough to be shown depends on the machine; tests of progress remove this."""

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""The time of an example depends on the load of the machine."""


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Folders by name that are kept between runs, with mvlock's cache, so that only the first run downloads."""
    cache = getattr(request.config, "cache", None)
    if cache is None:
        pytest.skip("without pytest's cache there is no place to keep what was downloaded")
    return cache.mkdir  # type: ignore[no-any-return]


@pytest.fixture
def make_index() -> Iterator[Callable[[], LocalIndex]]:
    """Creates running indexes."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(LocalIndex())


@pytest.fixture
def index(make_index: Callable[[], LocalIndex]) -> LocalIndex:
    """A running index without projects."""
    return make_index()


@pytest.fixture
def project(tmp_path: Path, index: LocalIndex) -> ProjectFolder:
    """A project without dependencies that knows ``index`` only; ``project.write([...])`` gives it some."""
    root = tmp_path / "my_app"
    root.mkdir()
    return ProjectFolder(root, tmp_path / "cache", index).write()


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration of whoever runs the tests does not count; a test of it sets these variables itself."""
    monkeypatch.setenv("MVLOCK_NO_CONFIG", "1")
