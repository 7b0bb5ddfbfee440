"""What an index offers of one project: releases, newest first; a set of them is an int.

Bit i stands for release i of the table. A specifier becomes a mask once per project, so that combining the
requirements of a solve is integer arithmetic, and no version is parsed or compared twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.index.model import IndexFile
from mvlock.resolver.ports import DirectReference
from mvlock.resolver.target_set import TargetMatrix


class Release(msgspec.Struct, frozen=True, eq=False):
    """One version of one project: files of an index, or a direct reference. Identity is equality.

    ``wheels`` are sorted by file name. ``yanked`` (PEP 592) only if every usable file of the version is.
    ``exclusion`` says why there is no file at all: ``newer`` (than exclude-newer), ``no-upload-time`` (none to
    compare with it), ``hash`` (no secure hash) or ``build`` (an sdist only, and building is off).
    """

    project: NormalizedName
    version: Version
    wheels: tuple[IndexFile, ...] = ()
    sdist: IndexFile | None = None
    yanked: bool = False
    source: DirectReference | None = None
    exclusion: str | None = None

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

    def metadata_wheel(self) -> IndexFile | None:
        """The wheel whose metadata and files stand for the release, or None if it has no wheel.

        All wheels of a release are assumed to agree (as in uv), so one choice serves every target: one with a
        metadata file of its own (PEP 658) before one without, pure before compiled, then the smallest name.
        """
        return min(self.wheels, key=_reading_cost, default=None)


def _reading_cost(wheel: IndexFile) -> tuple[bool, bool, str]:
    return wheel.metadata_hashes is None, not wheel.filename.endswith("-none-any.whl"), wheel.filename


MakeRelease = Callable[[Version], Release]


class ReleaseTable:
    """The versions of one project, newest first, numbered; releases are made from their files on first use.

    An index may list thousands of files of which a solve looks at a few: everything here is as lazy as possible.
    A version without a usable file has an empty release, which fits nowhere. ``direct``: the one version is
    that of a direct reference. ``left_out``: what else its page has, for messages.
    """

    def __init__(
        self,
        project: NormalizedName,
        versions: Iterable[Version],
        make_release: MakeRelease,
        *,
        direct: bool = False,
        left_out: str = "",
    ) -> None:
        self.project = project
        self.versions = tuple(sorted(versions, reverse=True))
        self.direct = direct
        self.left_out = left_out
        self.all = (1 << len(self.versions)) - 1
        self._make_release = make_release
        self._releases: dict[int, Release] = {}
        self._matches: dict[str, int] = {"": self.all}

    def release(self, number: int) -> Release:
        """The release with a number; the same object every time."""
        known = self._releases.get(number)
        if known is None:
            known = self._releases[number] = self._make_release(self.versions[number])
        return known

    def matching(self, specifier: SpecifierSet, text: str) -> int:
        """The releases in ``specifier`` (its text is ``text``), pre-releases included."""
        known = self._matches.get(text)
        if known is None:
            inside = specifier.filter(self.versions, prereleases=True)
            known = self._matches[text] = sum(1 << self._numbers[version] for version in inside)
        return known

    def release_of(self, version: Version) -> Release:
        """The release of a version that the table has."""
        return self.release(self._numbers[version])

    def number_of(self, version: Version) -> int | None:
        """The number of the release of a version."""
        return self._numbers.get(version)

    @cached_property
    def prereleases(self) -> int:
        """The pre-releases (PEP 440); one of a direct reference counts as final, as there is no other."""
        return sum(1 << n for n, version in enumerate(self.versions) if version.is_prerelease and not self.direct)

    @cached_property
    def _numbers(self) -> dict[Version, int]:
        return {version: number for number, version in enumerate(self.versions)}


def where_release(release: Release, matrix: TargetMatrix, *, capped: bool = True) -> int:
    """The targets that have a file of a release; a direct reference is built anywhere.

    ``capped``: as in ``TargetMatrix.where_python``.
    """
    if release.source:
        return matrix.everywhere
    target_bits = matrix.where_python(release.sdist.requires_python or "", capped=capped) if release.sdist else 0
    for wheel in release.wheels:
        if target_bits == matrix.everywhere:
            break
        target_bits |= matrix.where_wheel(wheel.filename) & matrix.where_python(
            wheel.requires_python or "", capped=capped
        )
    return target_bits


def where_wheel(release: Release, matrix: TargetMatrix) -> int:
    """The targets whose tags one of a release's wheels has."""
    target_bits = 0
    for wheel in release.wheels:
        target_bits |= matrix.where_wheel(wheel.filename)
    return target_bits


def where_python(release: Release, matrix: TargetMatrix, *, capped: bool = True) -> int:
    """The targets whose Python at least one file of a release allows, whatever its tags."""
    target_bits = matrix.everywhere if release.source else 0
    for file in release.files:
        target_bits |= matrix.where_python(file.requires_python or "", capped=capped)
    return target_bits


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest (newest) first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
