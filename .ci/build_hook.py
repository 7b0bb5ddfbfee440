"""What a build adds to the package: the address of the public index, and the manual page.

No file of the project names a registry. distlib has the address as a constant, but is large and slow to import. So the
build asks it, and writes the answer beside the code that reads it. The manual page is what help says; in a wheel it is
where ``man`` looks for the programs of an environment.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from distlib.index import DEFAULT_INDEX
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FILE = "mvlock/index/default_index.txt"
_MANUAL = "build/mvlock.1"


class BuildHook(BuildHookInterface[Any]):
    """Writes the URL of the Simple API (PEP 503) of the public index; for wheels also the manual page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build; ``version`` may be ``editable``, which reads the file where it is written."""
        Path(self.root, _FILE).write_text(urljoin(DEFAULT_INDEX, "/simple/") + "\n", encoding="utf-8")
        build_data["artifacts"].append(_FILE)
        if self.target_name == "wheel":
            self._write_manual()
            build_data["shared_data"][_MANUAL] = "share/man/man1/mvlock.1"

    def _write_manual(self) -> None:
        sys.path.insert(0, self.root)  # the sources that are built
        from mvlock.commands.manual import manual

        Path(self.root, _MANUAL).parent.mkdir(exist_ok=True)
        Path(self.root, _MANUAL).write_text(manual(), encoding="utf-8")
