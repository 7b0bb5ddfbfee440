"""Scripts with metadata of their own: a block of TOML in comments (PEP 723). Light to import: a run begins here."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from mvlock.base.bounded import read_bounded
from mvlock.errors import LocalError

_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""As in PEP 723."""
_OPENING = re.compile(r"(?m)^# /// script$")
_HEAD = re.compile(r"(#!.*(\n|$))?(#.*coding[:=].*(\n|$))?")
"""What must stay in the first two lines: for the system (``#!``), and the encoding (PEP 263)."""


class Script(NamedTuple):
    """A script; ``path`` is absolute, without links. ``text`` has ``\\n`` as line ends.

    ``block``: the TOML of its block, None if it has none. ``newline``: the line ends of the file; ``encoding``: with a
    byte order mark, or without.
    """

    path: Path
    text: str
    block: str | None
    newline: str = "\n"
    encoding: str = "utf-8"

    @property
    def lock_path(self) -> Path:
        """Where its lock is, if it is locked: beside it, with ``.lock`` after its name."""
        return self.path.with_name(f"{self.path.name}.lock")

    def with_block(self, toml: str) -> "Script":
        """The script with this TOML as its block, which is put at the beginning if there was none."""
        lines = "".join(f"# {line}\n" if line else "#\n" for line in toml.rstrip("\n").split("\n"))
        found = next(_blocks(self.text), None)
        if found is not None:
            text = self.text[: found.start("content")] + lines + self.text[found.end("content") :]
            return self._replace(text=text, block=toml)
        head = _HEAD.match(self.text)
        start = head.end() if head is not None else 0
        gap = "" if start == 0 or self.text[start - 1] == "\n" else "\n"
        rest = self.text[start:]
        block = f"{gap}# /// script\n{lines}# ///\n" + ("\n" if rest[:1] not in ("", "\n") else "")
        return self._replace(text=self.text[:start] + block + rest, block=toml)

    @property
    def content(self) -> bytes:
        """The file as it is written."""
        return self.text.replace("\n", self.newline).encode(self.encoding, "surrogateescape")


def read_script(path: Path) -> Script:
    """The script at ``path``; one that is not UTF-8 can have a block that is.

    :raises LocalError: ``file-unreadable``, ``script-invalid``
    """
    try:
        return script_of(path.resolve(), read_bounded(path))
    except OSError as error:
        raise LocalError("file-unreadable", f"{path} cannot be read: {error.strerror}") from error


def script_of(path: Path, content: bytes) -> Script:
    """A script with this content.

    :raises LocalError: ``script-invalid``
    """
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    text = content.decode(encoding, "surrogateescape")
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    return Script(path, text, _block_in(text, path.name), newline, encoding)


def _blocks(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _BLOCK.finditer(text) if found["type"] == "script")


def _block_in(text: str, name: str) -> str | None:
    if "# /// script" not in text:
        return None
    found = list(_blocks(text))
    if len(found) > 1:
        lines = " and ".join(str(_line(text, block.start())) for block in found[:2])
        raise LocalError("script-invalid", f"{name}: two `# /// script` blocks, in lines {lines}; there may be one")
    if found:
        return _toml(found[0], name)
    opening = _OPENING.search(text)
    if opening is not None:
        _raise_unclosed(text, opening.start(), name)
    return None


def _toml(block: re.Match[str], name: str) -> str:
    toml = re.sub("(?m)^# ?", "", block["content"])
    try:
        toml.encode()
    except UnicodeEncodeError as error:
        raise LocalError("script-invalid", f"{name}: the `# /// script` block is not UTF-8") from error
    return toml


def _raise_unclosed(text: str, start: int, name: str) -> NoReturn:
    raise LocalError(
        "script-invalid",
        f"{name}: the `# /// script` block in line {_line(text, start)} is not closed by `# ///`",
        hint="each line of it must be `#`, or begin with `# `; a line `# ///` ends it",
    )


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
