"""Which public applications are run, and how: applications.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

APPLICATIONS = Path(__file__).with_name("applications.json")


class Application(BaseModel):
    """One application, at one commit of its repository.

    ``dependencies`` and ``tests`` are requirements, or name the application's own lists: requirements files
    (``dev.txt``), ``[]`` for the dependencies in its pyproject.toml, ``[test]`` for an extra, ``{dev}`` for a group
    there. ``declared``: what it imports and its lists lack. ``without``: projects that both sides omit, and
    why. ``project``: replaces keys of ``[project]`` in pyproject.toml. ``settings``: ``[tool.mvlock]``.
    ``installed``: whether the plain environment gets the application itself, editable. ``command`` is started in
    ``folder``; the outcomes of its tests are read from pytest's XML, or from the output of unittest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    repository: str
    commit: str
    python: str = "3.11"
    folder: str = "."
    dependencies: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    without: dict[str, str] = {}
    project: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    installed: bool = False
    command: tuple[str, ...]
    variables: dict[str, str] = {}

    @property
    def uses_pytest(self) -> bool:
        """Whether pytest runs its tests."""
        return "pytest" in self.command


def read_applications(path: Path = APPLICATIONS) -> list[Application]:
    """All of them, in the order of the file.

    :raises pydantic.ValidationError: the file has another content (a ValueError)
    """
    return TypeAdapter(list[Application]).validate_json(path.read_text("utf-8"))
