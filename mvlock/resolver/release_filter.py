"""Which of the files that an index offers are used, and which releases they form."""

from __future__ import annotations

from datetime import datetime

import msgspec
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.base.digests import strong_hashes
from mvlock.index.filenames import version_of
from mvlock.index.model import IndexFile, ProjectPage
from mvlock.resolver.ports import DirectReference
from mvlock.resolver.release import Release, ReleaseTable


class Rules(msgspec.Struct, frozen=True):
    """The settings of the project that decide which files exist at all. ``newest`` is an aware time.

    ``own``: the name by which dependencies require the project itself. It satisfies them in any version.
    """

    sources: dict[NormalizedName, DirectReference]
    newest: datetime | None = None
    no_build: bool = False
    own: NormalizedName | None = None


def table_of(project: NormalizedName, page: ProjectPage | None, rules: Rules) -> ReleaseTable:
    """The releases of a project, from the page that its index has."""
    texts: dict[Version, list[str]] = {}
    for text in page.versions if page else ():
        texts.setdefault(version_of(text), []).append(text)

    def release(version: Version) -> Release:
        files = [file for text in texts[version] for file in (page.files_of(text) if page else ())]
        return _release(project, version, files, rules)

    return ReleaseTable(project, texts, release)


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
        return "no-upload-time"
    if rules.newest is not None and file.upload_time is not None and file.upload_time > rules.newest:
        return "newer"
    if not strong_hashes(file.hashes):
        return "hash"
    return "build" if rules.no_build and file.kind == "sdist" else None


def _sdist_order(file: IndexFile) -> tuple[bool, str]:
    """PEP 625 names one sdist format; older releases have several."""
    return not file.filename.endswith(".tar.gz"), file.filename
