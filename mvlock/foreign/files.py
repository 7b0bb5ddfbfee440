"""Which files of other tools say what a project requires. Light to import: errors of every command name them."""

from __future__ import annotations

from pathlib import Path

FILES = (
    *("Pipfile", "requirements.txt", "requirements.in", "environment.yml", "environment.yaml"),
    *("pylock.toml", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock"),
)
"""Beside pyproject.toml; the first that is there says most."""


def foreign_files(folder: Path) -> list[str]:
    """The names of those in ``folder``."""
    return [name for name in FILES if (folder / name).is_file()]
