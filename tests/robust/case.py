"""A case of the tables, and the world in which it happens: a project, an index, and a folder that nobody may touch."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.index import JSON_TYPE
from tests.support.project import ProjectFolder
from tests.support.release import Release, metadata, wheel, zip_archive

NINES = "9" * 5000
"""A number that ``int`` does not read."""
DEEP = 60_000
"""Brackets within brackets."""


@dataclass(frozen=True, slots=True)
class World:
    """What a case prepares: ``project`` requires ``a``, which its index has in version 0.9 unless a case says more."""

    project: ProjectFolder

    def page(self, *rows: Mapping[str, object], **top: object) -> None:
        """The page of ``a``, with the right row of 0.9 behind those that are given."""
        page = {"meta": {"api-version": "1.1"}, "name": "a", "files": [*rows, self.row("0.9")]} | top
        self.raw_page(json.dumps(page).encode())

    def raw_page(self, content: bytes, kind: str = JSON_TYPE) -> None:
        """The page of ``a``, byte by byte."""
        self.project.index.publish_page("a", content, kind)

    def row(self, version: str = "1.0", **changes: Any) -> dict[str, Any]:
        """The right row of a right wheel; a change to ``...`` removes a key."""
        filename, content = wheel(Release("a", version))
        file = self.project.index.publish_file("a", filename, content)
        row = {"filename": filename, "url": file.path, "hashes": {"sha256": file.sha256}, "size": len(content)}
        changed = row | {key.replace("_", "-"): value for key, value in changes.items()}
        return {key: value for key, value in changed.items() if value is not ...}

    def file(self, filename: str, content: bytes, described: bytes | None = None) -> None:
        """A file of ``a``, with its metadata beside it if that is given, and the right wheel of 0.9."""
        self.project.index.publish("a", "0.9")
        self.project.index.publish_file("a", filename, content, metadata=described)

    def described(self, text: str | bytes) -> None:
        """A wheel of ``a`` 1.0 whose metadata is ``text``, and the right wheel of 0.9."""
        content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        files = {"a.py": b"", "a-1.0.dist-info/METADATA": content, "a-1.0.dist-info/WHEEL": WHEEL}
        record = "a-1.0.dist-info/RECORD"
        self.file("a-1.0-py3-none-any.whl", zip_archive(files | {record: record_of(files, record)}), content)

    def lock(self, *changes: tuple[str, str]) -> None:
        """A right lock of ``a`` 0.9, with some texts replaced."""
        (file,) = self.project.index.publish("a", "0.9")
        text = LOCK.replace("DIGEST", file.sha256).replace("SIZE", str(len(file.content)))
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        self.project.add_file("mv.lock", text)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it prepares, the command, and the exit codes that it may end with. ``ROOT`` is the project."""

    name: str
    prepare: Callable[[World], object]
    codes: frozenset[int]
    command: tuple[str, ...] = ("resolve",)

    def __str__(self) -> str:
        return self.name


WHEEL = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
LOCK = """lock-version = "1.0"
created-by = "mvlock"
requires-python = ">=3.10"
inputs = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

[[trees]]
name = "a"
requires = ["a"]
imports = ["a"]

[[trees.packages]]
name = "a"
version = "0.9"
dependencies = []

[[packages]]
name = "a"
version = "0.9"
index = "local"
wheels = [{ name = "a-0.9-py3-none-any.whl", size = SIZE, hashes = { sha256 = "DIGEST" } }]
"""


def headers(*lines: str) -> str:
    """The metadata of ``a`` 1.0 with some more lines."""
    return metadata(Release("a", "1.0")).decode().replace("\n\n", "\n" + "".join(f"{line}\n" for line in lines) + "\n")


def record_of(files: Mapping[str, bytes], own: str) -> bytes:
    """The RECORD of these files."""
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in files.items()]
    return "\n".join([*rows, f"{own},,", ""]).encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
