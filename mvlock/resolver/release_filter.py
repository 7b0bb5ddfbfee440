"""Which of the files that an index offers are used, and which releases they form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.base.digests import strong_hashes
from mvlock.index.filenames import version_of
from mvlock.index.model import IndexFile, ProjectPage
from mvlock.project.index_address import local_path
from mvlock.project.model import Age, Moment, Project
from mvlock.resolver.ports import DirectReference
from mvlock.resolver.release import Release, ReleaseTable


class Rules(msgspec.Struct, frozen=True):
    """The settings of the project that decide which files exist at all, and which releases count in a tree.

    ``newest`` is the time (aware) after which uploaded files do not exist; ``newest_of`` replaces it for some projects
    (None: no limit). ``newest_in`` is the time after which releases do not count in a tree: the files of a release are
    the same in all trees, so the first of them decides.
    ``own``: the name by which dependencies require the project itself. It satisfies them in any version.
    """

    sources: dict[NormalizedName, DirectReference]
    newest: datetime | None = None
    no_build: bool = False
    no_build_of: frozenset[NormalizedName] = frozenset()
    own: NormalizedName | None = None
    newest_of: Mapping[NormalizedName, datetime | None] = {}
    newest_in: Mapping[str, datetime] = {}
    kept: frozenset[str] = frozenset()
    """Names of files that may be newer."""
    undated: frozenset[str] = frozenset()
    """The indexes that cannot say when a file was uploaded: folders, and pages of links."""
    requires_python: str = ""
    """What the project itself says, for messages: the targets are made from it."""

    @property
    def has_limits(self) -> bool:
        """Whether any upload time is limited."""
        return bool(self.newest or self.newest_in or any(self.newest_of.values()))

    def is_undated(self, file: IndexFile) -> bool:
        """Whether no limit applies to a file: it was never uploaded, or its index cannot say when (as in uv)."""
        return file.upload_time is None and (file.index in self.undated or file.url.startswith("file:"))

    def may_build(self, name: NormalizedName) -> bool:
        """Whether sdists of a project from an index may be built."""
        return not self.no_build and name not in self.no_build_of

    def exclusion_in(self, tree: str, release: Release) -> str | None:
        """Why a release does not count in a tree, or nowhere: see ``Release.exclusion``."""
        if release.exclusion or release.source or tree not in self.newest_in:
            return release.exclusion
        if all(map(self.is_undated, release.files)):
            return None
        uploads = [file.upload_time for file in release.files if file.upload_time is not None]
        return _too_new(min(uploads, default=None), self.newest_in[tree])

    def limit_text(self, tree: str, release: Release) -> str:
        """The setting by which a release is too new for a tree."""
        if not release.exclusion:
            return f"exclude-newer of tree {tree}"
        return f"exclude-newer-package.{release.project}" if release.project in self.newest_of else "exclude-newer"


def rules_of(project: Project, sources: dict[NormalizedName, DirectReference], now: datetime) -> Rules:
    """The rules of a project; for ``sources`` see ``direct_references``. Durations count back from ``now``."""

    def time(limit: Moment | None) -> datetime | None:
        return now - limit.length if isinstance(limit, Age) else limit

    newest_in = {tree.name: newest for tree in project.trees if (newest := time(tree.exclude_newer)) is not None}
    newest_of = {name: time(limit) for name, limit in project.exclude_newer_of.items()}
    return Rules(
        sources=sources,
        newest=time(project.exclude_newer),
        no_build=project.no_build,
        no_build_of=project.no_build_of,
        own=project.own_name,
        newest_of=newest_of,
        newest_in=newest_in,
        requires_python=str(project.requires_python),
        undated=frozenset(index.name for index in project.indexes if index.format == "flat" or local_path(index.url)),
    )


def table_of(project: NormalizedName, page: ProjectPage | None, rules: Rules) -> ReleaseTable:
    """The releases of a project, from the page that its index has."""
    texts: dict[Version, list[str]] = {}
    for text in page.versions if page else ():
        texts.setdefault(version_of(text), []).append(text)

    def release(version: Version) -> Release:
        files = [file for text in texts[version] for file in (page.files_of(text) if page else ())]
        return _release(project, version, files, rules)

    return ReleaseTable(project, texts, release, left_out=page.left_out if page else "")


def _release(project: NormalizedName, version: Version, files: list[IndexFile], rules: Rules) -> Release:
    """One release from its usable files; yanked ones are used only if there are no others."""
    newest = rules.newest_of.get(project, rules.newest)
    usable = [file for file in files if _exclusion(file, newest, rules) is None]
    if not usable:
        return Release(project, version, exclusion=_exclusion(files[0], newest, rules))
    not_yanked = [file for file in usable if file.yanked is None]
    chosen = not_yanked or usable
    wheels = tuple(sorted((file for file in chosen if file.kind == "wheel"), key=lambda file: file.filename))
    sdist = min((file for file in chosen if file.kind == "sdist"), key=_sdist_order, default=None)
    return Release(project, version, wheels, sdist, yanked=not not_yanked)


def _exclusion(file: IndexFile, newest: datetime | None, rules: Rules) -> str | None:
    """Why a file is not used: see ``Release.exclusion``."""
    is_limited = file.filename not in rules.kept and not rules.is_undated(file)
    if newest is not None and is_limited and (too_new := _too_new(file.upload_time, newest)):
        return too_new
    if not strong_hashes(file.hashes):
        return "hash"
    return "build" if file.kind == "sdist" and not rules.may_build(file.project) else None


def _too_new(uploaded: datetime | None, newest: datetime) -> str | None:
    if uploaded is None:
        return "no-upload-time"
    return "newer" if uploaded > newest else None


def _sdist_order(file: IndexFile) -> tuple[bool, str]:
    """PEP 625 names one sdist format; older releases have several."""
    return not file.filename.endswith(".tar.gz"), file.filename
