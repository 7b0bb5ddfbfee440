"""A builder with an index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mvlock.build.builder import Builder
from mvlock.build.opening import open_builder
from mvlock.index.client import open_index
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from tests.install.world import host
from tests.support.project import ProjectFolder


@pytest.fixture
def builder(project: ProjectFolder) -> Iterator[Builder]:
    """A builder for the interpreter that runs the tests."""
    with opened(project) as made:
        yield made


@contextmanager
def opened(project: ProjectFolder, *, offline: bool = False) -> Iterator[Builder]:
    """The builder of a project."""
    described, silent = load_project(project.root), SilentReporter()
    with (
        open_index(described, cache=project.cache, reporter=silent, offline=offline) as index,
        open_builder(
            described, index, cache=project.cache, reporter=silent, interpreter=host(), offline=offline
        ) as made,
    ):
        yield made
