"""The Python that a project asks for in ``.python-version``, a file of pyenv and uv."""

from __future__ import annotations

import re
from pathlib import Path

from mvlock.interpreter.version_file import version_file

_VERSION = re.compile(r"(?:cpython[-@])?(\d+(?:\.\d+){0,2})(?:-.*)?")


def pinned_version(root: Path, top: Path) -> str | None:
    """The version in the nearest file, as ``--python`` takes it; None: there is none.

    It is the first entry, and may have a platform (``cpython-3.12.4-linux-x86_64-gnu``). What is no version of CPython
    (``system``, ``pypy3.10-7.3.12``, the name of an environment) does not count.
    """
    file = version_file(root, top)
    try:
        text = Path(file).read_text("utf-8") if file is not None else ""
    except (OSError, UnicodeDecodeError):
        return None
    entries = (line.partition("#")[0].split() for line in text.splitlines())
    first = next((words[0] for words in entries if words), "")
    found = _VERSION.fullmatch(first)
    return found[1] if found else None
