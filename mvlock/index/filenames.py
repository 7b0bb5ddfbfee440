"""File names of wheels (PEP 427) and sdists (PEP 625), split cheaply.

A big page has thousands of names, and few of them are ever looked at again: whatever can be parsed on demand
is not parsed here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import LONGEST_FILE_NAME, LONGEST_NUMBER
from mvlock.base.pep508 import parse_version

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+!~-]*", re.ASCII)
_PART = r"[A-Za-z0-9_.+!~]+"
_WHEEL = re.compile(
    rf"(?=[A-Za-z0-9])({_PART})-({_PART})(?:-[0-9][A-Za-z0-9_.+!~]*)?-{_PART}-{_PART}-{_PART}\.whl", re.ASCII
)
_RUNS = re.compile(r"[-_.]+")
_NUMBER = r"(?:0|[1-9][0-9]*)"
_CANONICAL = re.compile(rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?")
_SDIST_ENDINGS = (".tar.gz", ".zip")


def file_version(filename: str, project: NormalizedName) -> str | None:
    """The normalised version (PEP 440) of a wheel or sdist of ``project``; None if it is none, or no safe file name."""
    if len(filename) > LONGEST_FILE_NAME:
        return None
    wheel = _WHEEL.fullmatch(filename)
    if wheel:
        name, version = wheel[1], wheel[2]
        return normalised_version(version.replace("_", "-")) if _normalised(name) == project else None
    return _sdist_version(filename, project) if _SAFE.fullmatch(filename) else None


class FileVersions:
    """``file_version`` for one project after another name of it: wheels of a version follow each other.

    They begin alike, and what follows, the tags, is the same in most versions.
    """

    def __init__(self, project: NormalizedName) -> None:
        self._project = project
        self._beginning, self._version = "\n", ""
        self._tags: set[str] = set()

    def of(self, filename: str) -> str | None:
        """The version in a file name; None if it is none of the project."""
        beginning = self._beginning
        if (
            filename.startswith(beginning)
            and filename[len(beginning) :] in self._tags
            and len(filename) <= LONGEST_FILE_NAME
        ):
            return self._version
        version = file_version(filename, self._project)
        if version is not None and filename.endswith(".whl"):
            name, number, tags = filename.split("-", 2)
            self._beginning, self._version = f"{name}-{number}-", version
            self._tags.add(tags)
        return version


@lru_cache(maxsize=65536)
def normalised_version(text: str) -> str | None:
    """``text`` as PEP 440 normalises it; None if it is no version."""
    if _CANONICAL.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        return text
    try:
        return str(version_of(text))
    except InvalidVersion:
        return None


@lru_cache(maxsize=65536)
def version_of(text: str) -> Version:
    """``text`` as a version; a page has thousands, which are sorted when it is read, and looked at when it is used.

    :raises packaging.version.InvalidVersion: it is none
    """
    return parse_version(text)


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
