"""Fixtures of install tests."""

from __future__ import annotations

import pytest

from mvlock.interpreter.model import Interpreter
from tests.install.world import World, host
from tests.support.project import ProjectFolder


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """The details of the Python that runs the tests, read once."""
    return host()


@pytest.fixture
def world(project: ProjectFolder, interpreter: Interpreter) -> World:
    """A project without trees, and its index."""
    return World(project, interpreter)
