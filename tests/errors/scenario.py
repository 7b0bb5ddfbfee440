"""One expected error: a setup, a pyproject.toml, a command, and the error that it must print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mvlock.codes import Code
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

Setup = Callable[[LocalIndex, ProjectFolder], None]


def nothing(index: LocalIndex, project: ProjectFolder) -> None:
    """No setup."""


@dataclass(frozen=True)
class Scenario:
    """An expected error. ``code`` is that of the error, ``dependencies`` and ``tool`` make pyproject.toml.

    ``setup`` publishes releases; ``before`` are commands that succeed first; ``after`` runs after them.
    """

    title: str
    code: Code
    exit_code: int
    dependencies: tuple[str, ...] = ()
    tool: str = ""
    project: str = ""
    """Further lines of ``[project]``."""
    python: str = ">=3.12,<3.13"
    command: tuple[str, ...] = ("resolve",)
    setup: Setup = nothing
    before: tuple[tuple[str, ...], ...] = ()
    after: Setup = nothing
    context: str = field(default="", compare=False)
    """A sentence of context."""
