"""What text from outside may be that becomes a path, an argument or a request: names, commits, paths, URLs.

Whoever reads a file or a page asks here, once; after that the text is used as it is. Nothing that passes contains a
control character, which could end a line of a file or of the terminal. Versions and markers are in ``pep508``, digests
in ``digests``.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from functools import lru_cache
from urllib.parse import urlsplit

from mvlock.base.limits import LONGEST_FILE_NAME, LONGEST_NAME, LONGEST_URL

_PROJECT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TREE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+!~-]*", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.+!~-]")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DRIVE = re.compile(r"[A-Za-z]:")
_WEB = ("https://", "http://")
_OWN_FOLDERS = frozenset({".git", ".hg", ".svn", ".bzr"})


def is_project_name(text: str) -> bool:
    """Whether this is the normalised name of a project (PEP 503)."""
    return len(text) <= LONGEST_NAME and _PROJECT.fullmatch(text) is not None


def is_tree_name(text: str) -> bool:
    """Whether a tree, and so its folder, may be called like this."""
    return len(text) <= LONGEST_NAME and _TREE.fullmatch(text) is not None


def is_file_name(text: str) -> bool:
    """Whether a wheel or sdist may be called like this (PEP 427, 625)."""
    return len(text) <= LONGEST_FILE_NAME and _FILE.fullmatch(text) is not None


def safe_file_name(text: str) -> str:
    """A name for a file that is called like this elsewhere: with the same ending, and as ``is_file_name`` wants it."""
    name = _UNSAFE.sub("_", text)[-LONGEST_NAME:]
    return name if is_file_name(name) else f"archive{name}"


def is_commit(text: str) -> bool:
    """Whether this is the whole hash of a commit, and not a name that may come to mean another one."""
    return _COMMIT.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Whether this can be a path, anywhere."""
    names = text.split("/")
    return bool(text) and text.isprintable() and max(len(name.encode()) for name in names) <= LONGEST_FILE_NAME


def is_relative(text: str) -> bool:
    """Whether this is a relative POSIX path, on every platform."""
    return is_path(text) and not ("\\" in text or text.startswith("/") or _DRIVE.match(text))


def is_inside(text: str) -> bool:
    """Whether this is the relative path of something below a folder."""
    parts = text.split("/")
    return is_relative(text) and ".." not in parts and any(part not in {"", "."} for part in parts)


def is_of_version_control(path: str) -> bool:
    """Whether a POSIX path leads into what a version control system keeps of the project."""
    return not _OWN_FOLDERS.isdisjoint(path.casefold().split("/"))


def is_web_url(text: str) -> bool:
    """Whether this is a URL of http or https that can be requested."""
    is_plain = len(text) <= LONGEST_URL and text.startswith(_WEB) and text.isprintable()
    return is_plain and _is_origin("/".join(text.split("/", 3)[:3]))


def is_repository(text: str) -> bool:
    """Whether git may be given this as the place of a repository: a URL, a path, or ``user@host:path``."""
    is_plain = 0 < len(text) <= LONGEST_URL and text.isprintable() and not text.startswith("-")
    return is_plain and _is_split(text)


def in_utc(time: datetime) -> datetime | None:
    """A moment in UTC, which one without a zone is in already; None if it is beyond the calendar there."""
    try:
        return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)
    except OverflowError:
        return None


@lru_cache(maxsize=1024)
def _is_origin(text: str) -> bool:
    """A page has thousands of URLs, of one or two hosts."""
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _is_split(text: str) -> bool:
    try:
        return bool(urlsplit(text))
    except ValueError:
        return False
