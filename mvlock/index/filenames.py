"""File names of wheels (PEP 427) and sdists (PEP 625), split cheaply.

A big page has thousands of names, and few of them are ever looked at again: whatever can be parsed on demand
is not parsed here. Tags stay text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+!~-]*", re.ASCII)
_RUNS = re.compile(r"[-_.]+")
_NUMBER = r"(?:0|[1-9][0-9]*)"
_CANONICAL = re.compile(rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?")
_SDIST_ENDINGS = (".tar.gz", ".zip")


class SplitName(NamedTuple):
    """What a file name says. ``version`` is normalised text (PEP 440)."""

    version: str
    kind: Literal["wheel", "sdist"]


def split_filename(filename: str, project: NormalizedName) -> SplitName | None:
    """The version and kind of a file of ``project``; None if unsafe, of another project or not valid."""
    if not _SAFE.fullmatch(filename):
        return None
    if filename.endswith(".whl"):
        version = _wheel_version(filename[:-4].split("-"), project)
        return None if version is None else SplitName(version, "wheel")
    version = _sdist_version(filename, project)
    return None if version is None else SplitName(version, "sdist")


@lru_cache(maxsize=65536)
def normalised_version(text: str) -> str | None:
    """``text`` as PEP 440 normalises it; None if it is no version."""
    if _CANONICAL.fullmatch(text):
        return text
    try:
        return str(Version(text))
    except InvalidVersion:
        return None


def wheel_tags(filename: str) -> tuple[str, str, str]:
    """The compressed python, abi and platform tags (PEP 425) of a name that ``split_filename`` accepted."""
    python, abi, platform = filename[:-4].rsplit("-", 3)[1:]
    return python, abi, platform


def _wheel_version(parts: list[str], project: NormalizedName) -> str | None:
    if len(parts) not in {5, 6} or not all(parts) or _normalised(parts[0]) != project:
        return None
    if len(parts) == 6 and not parts[2][0].isdigit():
        return None
    return normalised_version(parts[1].replace("_", "-"))


def _sdist_version(filename: str, project: NormalizedName) -> str | None:
    for ending in _SDIST_ENDINGS:
        if filename.endswith(ending):
            return _version_after(filename[: -len(ending)], project)
    return None


def _version_after(stem: str, project: NormalizedName) -> str | None:
    """Old sdists have dashes in names and versions, so each dash is tried."""
    start = stem.find("-")
    while start != -1:
        if _normalised(stem[:start]) == project and (version := normalised_version(stem[start + 1 :])):
            return version
        start = stem.find("-", start + 1)
    return None


@lru_cache(maxsize=4096)
def _normalised(name: str) -> str:
    return _RUNS.sub("-", name).lower()
