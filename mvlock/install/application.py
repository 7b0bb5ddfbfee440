"""The application's environment: importshim, what starts it, and the application's folders on the path."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from mvlock.environment.content import TreeContent, WrittenFile
from mvlock.environment.layout import TreePlace
from mvlock.errors import UsageError
from mvlock.importmap import MAP_FILE
from mvlock.plan import InstalledDistribution, TreeReceipt
from mvlock.project.model import Project

_ACTIVATION = b"import importshim; importshim.activate()\n"
_MANNER = b"compiled"
_SUFFIXES = {".py", ".pyi", ".typed"}


def application_content(project: Project, place: TreePlace) -> TreeContent:
    """Everything the environment at ``place`` consists of but the import map, which changes on its own."""
    site_packages = place.layout.site_packages
    content = TreeContent()
    for path, data in _importshim_files():
        content.written[f"{site_packages}/importshim/{path}"] = WrittenFile(data)
    content.written[f"{site_packages}/mvlock-importshim.pth"] = WrittenFile(_ACTIVATION)
    content.written[f"{site_packages}/mvlock-sources.pth"] = WrittenFile(_source_lines(project, place).encode())
    content.written[".gitignore"] = WrittenFile(b"*\n")
    return content


def application_receipt(content: TreeContent, python: str) -> TreeReceipt:
    """The receipt that goes with ``content``: its identity is a hash of all of it.

    ``_MANNER`` changes with what is done to the files later on (compiling).
    """
    digest = hashlib.sha256(_MANNER)
    for path, file in sorted(content.written.items()):
        digest.update(f"{path}\0{len(file.content)}\0".encode() + file.content)
    shim = InstalledDistribution("importshim", "", f"files sha256:{digest.hexdigest()}")
    return TreeReceipt(tree="", python=python, distributions=(shim,))


def map_path(place: TreePlace) -> Path:
    """Where importshim looks for its map."""
    return place.site_packages / "importshim" / MAP_FILE


def _source_lines(project: Project, place: TreePlace) -> str:
    """The application's folders; ``site`` joins relative lines with the folder of the .pth file."""
    folders = (os.path.relpath(project.root / folder, place.site_packages) for folder in project.source_folders)
    return "".join(f"{PurePath(folder).as_posix()}\n" for folder in folders)


def _importshim_files() -> Iterator[tuple[str, bytes]]:
    spec = importlib.util.find_spec("importshim")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            "importshim-missing",
            "this installation of mvlock is incomplete: it has no importshim",
            hint="reinstall mvlock",
        )
    folder = Path(next(iter(spec.submodule_search_locations)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
