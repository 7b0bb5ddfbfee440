"""Which of the files that an index offers are used, and which releases they form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from mvlock.base.digests import strong_hashes
from mvlock.index.model import IndexFile
from mvlock.resolver.ports import DirectSource
from mvlock.resolver.release import Release, ReleaseTable


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the project that decide which files exist at all. ``newest`` is an aware time.

    ``own``: the name by which dependencies require the project itself. It satisfies them in any version.
    """

    sources: dict[NormalizedName, DirectSource]
    newest: datetime | None = None
    no_build: bool = False
    own: NormalizedName | None = None


def table_of(project: NormalizedName, files: Iterable[IndexFile], rules: Rules) -> ReleaseTable:
    """The releases of a project, from all files that its index has."""
    by_version = _by_version(files)
    return ReleaseTable(project, by_version, lambda version: _release(project, version, by_version[version], rules))


def _by_version(files: Iterable[IndexFile]) -> dict[Version, list[IndexFile]]:
    """Texts are grouped first: a page has far fewer versions than files."""
    by_text: dict[str, list[IndexFile]] = {}
    for file in files:
        by_text.setdefault(file.version, []).append(file)
    by_version: dict[Version, list[IndexFile]] = {}
    for text, found in by_text.items():
        version = _version(text)
        if version is not None:
            by_version.setdefault(version, []).extend(found)
    return by_version


@lru_cache(maxsize=65536)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _release(project: NormalizedName, version: Version, files: list[IndexFile], rules: Rules) -> Release:
    """One release from its usable files; yanked ones are used only if there are no others."""
    usable = [file for file in files if _exclusion(file, rules) is None]
    if not usable:
        return Release(project, version, exclusion=_exclusion(files[0], rules))
    not_yanked = [file for file in usable if file.yanked is None]
    chosen = not_yanked or usable
    wheels = tuple(sorted((file for file in chosen if file.kind == "wheel"), key=lambda file: file.filename))
    sdist = min((file for file in chosen if file.kind == "sdist"), key=_sdist_order, default=None)
    return Release(project, version, wheels, sdist, yanked=not not_yanked)


def _exclusion(file: IndexFile, rules: Rules) -> str | None:
    """Why a file is not used: see ``Release.exclusion``."""
    if rules.newest is not None and file.upload_time is None:
        return "undated"
    if rules.newest is not None and file.upload_time is not None and file.upload_time > rules.newest:
        return "newer"
    if not strong_hashes(file.hashes):
        return "hash"
    return "build" if rules.no_build and file.kind == "sdist" else None


def _sdist_order(file: IndexFile) -> tuple[bool, str]:
    """PEP 625 names one sdist format; older releases have several."""
    return not file.filename.endswith(".tar.gz"), file.filename
