"""One refusal: a world, a pyproject.toml, a command, and what it must say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mvlock.codes import Code
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

World = Callable[[LocalIndex, ProjectFolder], None]


def nothing(index: LocalIndex, project: ProjectFolder) -> None:
    """A world without anything."""


@dataclass(frozen=True)
class Story:
    """A refusal. ``code`` is that of the error, ``dependencies`` and ``tool`` make pyproject.toml.

    ``world`` publishes what there is; ``before`` are commands that succeed first; ``after`` changes the world then.
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
    world: World = nothing
    before: tuple[tuple[str, ...], ...] = ()
    after: World = nothing
    shown: str = field(default="", compare=False)
    """A sentence of context."""
