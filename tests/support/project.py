"""A project in a folder whose pyproject.toml points at a local index."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.index import LocalIndex
from tests.support.release import Content, Release, write_source


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """A folder with a pyproject.toml; ``cache`` is a cache directory of its own."""

    root: Path
    cache: Path
    index: LocalIndex

    @property
    def pyproject(self) -> Path:
        """The path of pyproject.toml."""
        return self.root / "pyproject.toml"

    def write(
        self,
        dependencies: Sequence[str] = (),
        *,
        python: str = ">=3.10",
        tool: str = "",
        project: str = "",
        extra: str = "",
        files: Mapping[str, Content] | None = None,
    ) -> ProjectFolder:
        """Write pyproject.toml and ``files``.

        ``tool`` is TOML under ``[tool.mvlock]`` (its own sub-tables spelled out), ``project`` under
        ``[project]``, ``extra`` whole tables at the end.
        """
        self.pyproject.write_text(
            f"[project]\n"
            f'name = "my-app"\nversion = "0.1"\nrequires-python = "{python}"\n'
            f"dependencies = {json.dumps(list(dependencies))}\n{project}\n"
            f"[tool.mvlock]\n{tool}\n"
            f'[[tool.mvlock.index]]\nname = "local"\nurl = "{self.index.url}"\ndefault = true\n'
            f"{extra}\n",
            encoding="utf-8",
        )
        for path, content in (files or {}).items():
            self.add_file(path, content)
        return self

    def add_file(self, path: str, content: Content) -> Path:
        """Write one file of the project, folders included."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def add_source(self, path: str, release: Release) -> Path:
        """Write a local distribution, for ``[tool.mvlock.sources]`` with ``path``."""
        return write_source(self.root / path, release)
