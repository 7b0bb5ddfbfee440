"""What an index offers of one project: releases, newest first; a set of them is an int.

Bit i stands for release i of the table. A specifier becomes a mask once per project, so that combining the
requirements of a solve is integer arithmetic, and no version is parsed or compared twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.index.model import IndexFile
from mvlock.resolver.grid import Grid
from mvlock.resolver.ports import DirectSource


@dataclass(frozen=True, eq=False, slots=True)
class Release:
    """One version of one project: files of an index, or a direct source. Identity is equality.

    ``wheels`` are sorted by file name. ``yanked`` (PEP 592) only if every file of the version is.
    """

    project: NormalizedName
    version: Version
    wheels: tuple[IndexFile, ...] = ()
    sdist: IndexFile | None = None
    yanked: bool = False
    source: DirectSource | None = None

    def __str__(self) -> str:
        return f"{self.project} {self.version}"

    @property
    def files(self) -> tuple[IndexFile, ...]:
        """All files, wheels first."""
        return (*self.wheels, self.sdist) if self.sdist else self.wheels

    @property
    def index(self) -> str | None:
        """The name of the index that has the files."""
        return next((file.index for file in self.files), None)

    def speaker(self) -> IndexFile | None:
        """The wheel whose metadata and member names speak for the release, or None if it has no wheel.

        All wheels of a release are taken to agree (as uv does), so one choice serves every target: one with a
        metadata file of its own (PEP 658) before one without, pure before compiled, then the smallest name.
        """
        return min(self.wheels, key=_readability, default=None)


def _readability(wheel: IndexFile) -> tuple[bool, bool, str]:
    return wheel.metadata_hashes is None, not wheel.filename.endswith("-none-any.whl"), wheel.filename


class ReleaseTable:
    """The usable releases of one project, newest first, and why other versions were left out.

    ``left_out`` maps versions without any usable file to a reason: ``newer`` (than exclude-newer), ``hash``
    (no secure hash), ``build`` (an sdist only, and building is off). ``exists`` is False where no index has
    the project.
    """

    def __init__(
        self,
        project: NormalizedName,
        releases: Iterable[Release],
        left_out: Mapping[Version, str] | None = None,
        *,
        exists: bool = True,
    ) -> None:
        self.project = project
        self.releases = tuple(sorted(releases, key=lambda r: r.version, reverse=True))
        self.left_out = dict(left_out or {})
        self.exists = exists
        self.all = (1 << len(self.releases)) - 1
        self._matches: dict[str, int] = {"": self.all}
        self._fits: dict[int, int] = {}
        self._numbers = {release.version: n for n, release in enumerate(self.releases)}

    def matching(self, specifier: SpecifierSet, text: str) -> int:
        """The releases in ``specifier`` (its text is ``text``), pre-releases included."""
        known = self._matches.get(text)
        if known is None:
            inside = specifier.filter(self._numbers, prereleases=True)
            known = self._matches[text] = sum(1 << self._numbers[version] for version in inside)
        return known

    def numbered(self, version: Version) -> int | None:
        """The number of the release of a version."""
        return self._numbers.get(version)

    @cached_property
    def prereleases(self) -> int:
        """The pre-releases (PEP 440); one of a direct source counts as final, nothing else can be meant."""
        return sum(1 << n for n, r in enumerate(self.releases) if r.version.is_prerelease and not r.source)

    @cached_property
    def yanked(self) -> int:
        """The releases of which every file is yanked."""
        return sum(1 << n for n, r in enumerate(self.releases) if r.yanked)

    def where(self, number: int, grid: Grid) -> int:
        """The targets that can install a release: a wheel with their tags or an sdist, for their Python."""
        known = self._fits.get(number)
        if known is None:
            release = self.releases[number]
            known = grid.everywhere if release.source else _where_files(release, grid)
            self._fits[number] = known
        return known

    def where_python(self, number: int, grid: Grid) -> int:
        """The targets whose Python at least one file of a release admits, whatever its tags."""
        release = self.releases[number]
        where = grid.everywhere if release.source else 0
        for file in release.files:
            where |= grid.where_python(file.requires_python or "")
        return where


def _where_files(release: Release, grid: Grid) -> int:
    where = grid.where_python(release.sdist.requires_python or "") if release.sdist else 0
    for wheel in release.wheels:
        if where == grid.everywhere:
            break
        where |= grid.where_wheel(wheel.filename) & grid.where_python(wheel.requires_python or "")
    return where


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest (newest) first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
