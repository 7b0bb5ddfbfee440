"""Tar archives of sources: they may do what the ``data`` filter (PEP 706) allows, on every Python.

The filter itself came with CPython 3.10.12 and 3.11.4 and has been fixed many times since, so nothing here uses it.
Everything is checked before anything is written; links are made last, so nothing is ever written through one; and no
link may lead outside once all of them exist.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mvlock.store import guard

_ONLY_OWNER_WRITES = 0o755
_EXECUTABLE = 0o111
_OWNER_EXECUTES = 0o100
_OWNER_READS_AND_WRITES = 0o600


class Members:
    """The members of an archive by target path; if several have the same one, the last counts."""

    def __init__(self, members: Iterable[tarfile.TarInfo]) -> None:
        self.problems: list[str] = []
        """Every reason not to unpack."""
        self._found: dict[Path, tarfile.TarInfo] = {}
        for member in members:
            self._add(member)
        self.problems += _through_links(self._found)

    @property
    def folders(self) -> list[Path]:
        """Every folder that is needed."""
        return [place if member.isdir() else place.parent for place, member in self._found.items()]

    @property
    def files(self) -> list[tuple[Path, tarfile.TarInfo]]:
        """Paths of files, each with the member that has its content."""
        return [(place, member) for place, member in self._found.items() if member.isreg()]

    @property
    def links(self) -> list[tuple[Path, str]]:
        """Paths of symbolic links, each with its target."""
        return [(place, member.linkname) for place, member in self._found.items() if member.issym()]

    def _add(self, member: tarfile.TarInfo) -> None:
        problem = _problem(member)
        place = _place(member.name)
        if problem is None and member.islnk():
            # A hard link is the same content under a second name; it comes after the member that it links to.
            same = self._found.get(_place(member.linkname))
            problem = None if same else f"{member.name!r} is a link to {member.linkname!r}, which does not exist"
            member = same or member
        if problem is not None:
            self.problems.append(problem)
        elif place != Path():
            self._found[place] = member


def unpack_members(opened: tarfile.TarFile, members: Members, destination: Path) -> list[str]:
    """Write members without problems into a new folder; returns the links that lead out of it, as reasons."""
    for folder in members.folders:
        (destination / folder).mkdir(parents=True, exist_ok=True)
    for place, member in members.files:
        _write(opened, member, destination / place)
    for place, target in members.links:
        (destination / place).symlink_to(target)
    inside = destination.resolve()
    ends = [(place, target, Path(os.path.realpath(destination / place))) for place, target in members.links]
    return [_leads_out(place.as_posix(), target) for place, target, end in ends if not end.is_relative_to(inside)]


def _problem(member: tarfile.TarInfo) -> str | None:
    if "\0" in member.name + member.linkname:
        return f"{member.name!r} has a name with a zero byte"
    if _is_outside(_place(member.name)):
        return f"{member.name!r} leaves the target directory"
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        return f"{member.name!r} is not a file, a folder or a link"
    if member.issym() and _leaves(_place(member.name), member.linkname):
        return _leads_out(member.name, member.linkname)
    return guard.name_problem(member.name)


def _place(name: str) -> Path:
    """The target path of a member; a leading slash is dropped (PEP 706)."""
    return Path(os.path.normpath(name.lstrip("/" + os.sep)))


def _is_outside(place: Path) -> bool:
    return bool(place.anchor) or place.parts[:1] == (os.pardir,)


def _leaves(place: Path, target: str) -> bool:
    return _is_outside(Path(os.path.normpath(place.parent / target)))


def _leads_out(name: str, target: str) -> str:
    return f"{name!r} is a link to {target!r}, outside of its folder"


def _through_links(found: Mapping[Path, tarfile.TarInfo]) -> list[str]:
    links = {place for place, member in found.items() if member.issym()}
    return [f"'{place.as_posix()}' goes through a link" for place in found if not links.isdisjoint(place.parents)]


def _write(opened: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    stream = opened.extractfile(member)
    if stream is None:
        raise tarfile.ExtractError(f"{member.name!r} has no content")
    with stream, place.open("wb") as written:
        shutil.copyfileobj(stream, written)
    place.chmod(_mode(member.mode))
    with suppress(OSError, OverflowError):  # a time that the file system cannot store does not matter
        os.utime(place, (member.mtime, member.mtime))


def _mode(mode: int) -> int:
    """As the ``data`` filter does it: only the owner may write, and others execute only if the owner may."""
    granted = mode & _ONLY_OWNER_WRITES
    if not granted & _OWNER_EXECUTES:
        granted &= ~_EXECUTABLE
    return granted | _OWNER_READS_AND_WRITES
