"""Reports what the indexes advise against in a new lock: yanked releases, archived and deprecated projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mvlock.lock.merge import MergedMember
from mvlock.progress import Reporter
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import Release


def report_withdrawn(members: Iterable[MergedMember], catalogue: Catalogue, reporter: Reporter) -> None:
    """One note for each yanked release (PEP 592), and for each project with a status to mention (PEP 792)."""
    releases = {(member.release.project, member.release.version): member.release for member in members}
    notes = (note for _, release in sorted(releases.items()) for note in _notes(release, catalogue))
    for note in dict.fromkeys(notes):
        reporter.note(note)


def _notes(release: Release, catalogue: Catalogue) -> Iterator[str]:
    if release.yanked:
        reason = next((file.yanked for file in release.files if file.yanked), "")
        yield f"{release} is yanked{f': {reason}' if reason else ''}"
    status = catalogue.status(release.project)
    if status.advice:
        yield f"{release.project} is {status.advice}"
