"""What a build adds to the package: the address of the public index.

No file of the project names a registry. distlib has the address as a constant, but is large and slow to import. So the
build asks it, and writes the answer beside the code that reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from distlib.index import DEFAULT_INDEX
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FILE = "mvlock/index/default_index.txt"


class DefaultIndexHook(BuildHookInterface[Any]):
    """Writes the URL of the Simple API (PEP 503) of the public index."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build; ``version`` may be ``editable``, which reads the file where it is written."""
        Path(self.root, _FILE).write_text(urljoin(DEFAULT_INDEX, "/simple/") + "\n", encoding="utf-8")
        build_data["artifacts"].append(_FILE)
