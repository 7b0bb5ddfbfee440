"""What a file said when it was last read, kept in the cache: parsing and checking it takes longer than many commands.

A record counts for exactly the same inputs, and as it was written. Otherwise, and in any doubt, the file is read.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from mvlock import __version__
from mvlock.base import drafts
from mvlock.base.freshness import note_name
from mvlock.base.urls import has_login

T = TypeVar("T")

_FOLDER = "parsed-2"


def hash_of_inputs(*parts: object) -> str:
    """A hash of everything that decides what a file says, and of this version of mvlock."""
    return hashlib.sha256(json.dumps([__version__, *map(str, parts)]).encode()).hexdigest()


def read_parsed(cache: Path, file: Path, inputs: str, kind: type[T]) -> T | None:
    """What ``file``, an absolute path, said when its inputs had this hash; None if that is not known."""
    with suppress(OSError, ValueError, msgspec.MsgspecError):
        digest, _, content = _place(cache, file).read_bytes().partition(b"\n")
        if digest == _digest(inputs, content):
            return msgspec.json.decode(content, type=kind, dec_hook=_from_text)
    return None


def write_parsed(cache: Path, file: Path, inputs: str, value: msgspec.Struct) -> None:
    """Keep what ``file`` says; if that cannot be written, or has a login, it is read again next time."""
    content, place = msgspec.json.encode(value, enc_hook=str), _place(cache, file)
    if has_login(content):
        return
    with suppress(OSError):
        drafts.write(place.parent, place, _digest(inputs, content) + b"\n" + content)


def _place(cache: Path, file: Path) -> Path:
    return cache / _FOLDER / f"{note_name(file)}.json"


def _digest(inputs: str, content: bytes) -> bytes:
    return hashlib.sha256(inputs.encode() + content).hexdigest().encode()


def _from_text(kind: type, text: Any) -> Any:
    return kind(text)
