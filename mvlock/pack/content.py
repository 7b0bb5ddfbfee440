"""Which files of an environment go into an archive, and which must be changed for that.

What concerns only this machine is left out: receipts, where a local project came from, what the view was made from,
bytecode that Python itself has written. The rest is equal wherever and however it was installed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePath

import msgspec

from mvlock.environment.layout import Layout
from mvlock.errors import UnmetRequest
from mvlock.install.activation import WORKING_FOLDER
from mvlock.install.view import view_folder
from mvlock.install.view_disk import DESCRIPTION
from mvlock.interpreter.model import Interpreter
from mvlock.pack.bytecode import bytecode_file
from mvlock.pack.entry import Edit, Entry, File, Link
from mvlock.plan.receipt import TREE_RECEIPT

_BYTECODE = "__pycache__"
_ORIGIN = "direct_url.json"


class Environment(msgspec.Struct, frozen=True):
    """An environment in the folder ``at`` of ``project`` (POSIX), which becomes the same folder of the archive."""

    project: Path
    at: str
    interpreter: Interpreter
    bytecode: bool = True

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.project / self.at

    @property
    def layout(self) -> Layout:
        """Where things are in it."""
        return Layout.of(self.interpreter)

    def entries(self) -> Iterator[Entry]:
        """Everything that goes into the archive.

        :raises UnmetRequest: ``pack-outside``
        """
        for folder, folders, names in os.walk(self.root):
            linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118
            folders[:] = sorted(name for name in folders if name not in linked and not self._is_left_out(folder, name))
            for name in sorted([*linked, *names]):
                path = Path(folder, name)
                entry = self._entry(path, f"{self.at}/{path.relative_to(self.root).as_posix()}")
                if entry is not None:
                    yield entry

    def _is_left_out(self, folder: str, name: str) -> bool:
        return name == _BYTECODE and (not self.bytecode or Path(folder).is_relative_to(self._view))

    @property
    def _view(self) -> Path:
        return self.root / view_folder(self.layout)

    def _entry(self, path: Path, at: str) -> Entry | None:
        if path in {self.root / TREE_RECEIPT, self._view / DESCRIPTION} or _is_local_origin(path):
            return None
        if path.parent.name == _BYTECODE:
            return bytecode_file(at, path, self.interpreter.cache_tag)
        if path.is_symlink() and (link := self._link(path, at)) is not None:
            return link
        if not path.is_file():
            raise _leads_outside(at, path)
        executable = os.name != "nt" and bool(path.stat().st_mode & 0o100)
        return File(at, path, executable, self._edit(path))

    def _link(self, path: Path, at: str) -> Link | None:
        """The link unchanged if it stays in the project or leads to the interpreter; None: its file goes in instead."""
        text = path.readlink()
        target = Path(os.path.normpath(path.parent / text))
        if path.parent == self.root / self.layout.scripts and path.name in self.layout.executables:
            return Link(at, str(text))
        if target.is_relative_to(self.project):
            return Link(at, PurePath(os.path.relpath(target, path.parent)).as_posix())
        return None

    def _edit(self, path: Path) -> Edit | None:
        if path.name == "RECORD" and _is_local_origin(path.with_name(_ORIGIN)):
            return partial(_without_row, f"{path.parent.name}/{_ORIGIN}")
        if path.parent == self.root / self.layout.scripts and path.name in WORKING_FOLDER:
            return partial(
                _found_from_working_folder, str(self.root), f"{WORKING_FOLDER[path.name]}/{shlex.quote(self.at)}"
            )
        return None


def _is_local_origin(path: Path) -> bool:
    """Whether this is the origin of a distribution (PEP 610) and contains a path on this machine."""
    if path.name != _ORIGIN or not path.is_file():
        return False
    return str(json.loads(path.read_bytes()).get("url", "")).startswith("file:")


def _without_row(name: str, record: bytes) -> bytes:
    rows = [row for row in csv.reader(io.StringIO(record.decode(), newline="")) if row[:1] != [name]]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _found_from_working_folder(place: str, there: str, script: bytes) -> bytes:
    """A script whose fallback, if the shell does not tell which file it reads, becomes the current directory."""
    return script.replace(shlex.quote(place).encode(), there.encode())


def _leads_outside(at: str, path: Path) -> UnmetRequest:
    return UnmetRequest("pack-outside", f"{at} leads to {path.resolve()}, which is not in the archive")
