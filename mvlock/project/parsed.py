"""Projects as they were last read, kept in the cache: checking pyproject.toml takes longer than a whole small install.

A record counts while everything that decided its content is the same. Otherwise, and in any doubt, the file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from mvlock import __version__
from mvlock.base import atomic
from mvlock.project.document import read_text
from mvlock.project.folders import has_src
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project

_FOLDER = "projects-1"


class _Record(msgspec.Struct):
    inputs: str
    project: Project


def read_project(directory: Path, cache: Path) -> Project:
    """The project whose pyproject.toml lies in ``directory``: as ``load_project``, and at once if that is known.

    :raises LocalError: see ``load_project``
    """
    root = directory.resolve()
    text = read_text(root / FILE_NAME)
    inputs = _hash_of_inputs(root, text)
    path = cache / _FOLDER / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:32]}.json"
    known = _read(path)
    if known is not None and known.inputs == inputs:
        return known.project
    return _load(root, text, path, inputs)


def _load(root: Path, text: str, path: Path, inputs: str) -> Project:
    from mvlock.project.load import load_project

    project = load_project(root, text=text)
    # Whether a source on the disk exists, and as what, is part of the answer: such a project is read every time.
    if not any(isinstance(source, PathSource) for source in project.sources.values()):
        _write(path, _Record(inputs, project))
    return project


def _hash_of_inputs(root: Path, text: str) -> str:
    parts = [__version__, os.fsencode(root).hex(), has_src(root), text]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(path: Path) -> _Record | None:
    """The record, if it is as it was written."""
    with suppress(OSError, ValueError, msgspec.MsgspecError):
        digest, _, content = path.read_bytes().partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() == digest:
            return msgspec.json.decode(content, type=_Record, dec_hook=_decoded)
    return None


def _write(path: Path, record: _Record) -> None:
    """Keep a record; if it cannot be written, the file is read again next time."""
    content = msgspec.json.encode(record, enc_hook=str)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content, mode=atomic.OWNER_ONLY)


def _decoded(kind: type, text: Any) -> Any:
    return kind(text)
