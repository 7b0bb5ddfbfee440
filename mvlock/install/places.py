"""The paths of a project's environments."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mvlock.environment.layout import Layout, TreePlace
from mvlock.importmap.file import MAP_FILE
from mvlock.install.view import view_folder
from mvlock.interpreter.model import Interpreter
from mvlock.project.model import Project


class Places(msgspec.Struct, frozen=True):
    """Absolute paths: the home of a ``project``, its folder of trees, its application's environment.

    All have one ``layout``.
    """

    project: Path
    modules: Path
    app: TreePlace
    layout: Layout

    @classmethod
    def of(cls, project: Project, interpreter: Interpreter) -> Places:
        """The places of a project whose environments are for ``interpreter``."""
        layout = Layout.of(interpreter)
        home = project.home
        app = TreePlace(home / project.app, home, project.movable, layout)
        return cls(home, home / project.modules, app, layout)

    @property
    def import_map(self) -> Path:
        """Where importshim looks for its map."""
        return self.app.site_packages / "importshim" / MAP_FILE

    @property
    def view(self) -> Path:
        """The links for tools that look for libraries on disk."""
        return self.app.root / view_folder(self.layout)

    def tree(self, name: str) -> TreePlace:
        """Where a tree is, or will be."""
        return TreePlace(self.modules / name, self.project, self.app.movable, self.layout)
