"""Known vulnerabilities of what a lock names, and whether an upgrade is free of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.errors import MvlockError, NetworkFailure
from mvlock.index.model import Advisory, FileIndex
from mvlock.lock.model import Lock, LockedTree
from mvlock.lock.releases import LockedRelease, trees_by_release
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.operations.opening_index import open_indexes
from mvlock.project.model import Project

_CONCURRENCY = 16
Known = Mapping[LockedRelease, tuple[Advisory, ...] | None]
"""The known vulnerabilities of releases; None where no index says."""


class Finding(msgspec.Struct, frozen=True):
    """A vulnerability of a locked release.

    ``upgrades``: the versions after an upgrade, and whether each is free of it. Either is None if it is not known.
    """

    name: str
    version: str
    advisory: Advisory
    trees: Sequence[str]
    upgrades: Mapping[str, bool | None] | None

    @property
    def fixed_in(self) -> list[str]:
        """The versions that fix it, oldest first."""
        return sorted(self.advisory.fixed_in, key=Version)

    @property
    def is_fixed(self) -> bool:
        """Whether every tree is free of it after an upgrade."""
        return self.upgrades is not None and all(self.upgrades.values())


class Audit(msgspec.Struct, frozen=True):
    """What was found, in how many releases, and the releases that no index knows."""

    findings: Sequence[Finding]
    audited: int
    unknown: Sequence[LockedRelease]


def audit(
    project: Project,
    lock: Lock,
    trees: Sequence[LockedTree],
    request: LockRequest,
    machine: Machine,
    *,
    ignored: Collection[str] = (),
) -> Audit:
    """Ask the indexes about everything in some trees; ``ignored``: vulnerabilities, by any of their names.

    :raises NetworkFailure: ``advisories-missing``, or an index does not answer
    """
    holders = trees_by_release(trees)
    with open_indexes(project, machine, offline=request.offline, index_url=request.index_url) as index:
        questions = _Questions(lock, index, machine)
        known = questions.known(holders)
        questions.check_answered(known)
        affected = _without(known, ignored, machine)
        after = _upgraded(project, lock, affected, request, machine) if affected else None
        findings = tuple(_findings(affected, holders, after, questions))
    unknown = tuple(release for release, answer in known.items() if answer is None)
    return Audit(findings, len(known) - len(unknown), unknown)


class _Questions:
    """Asks the indexes of a lock about releases."""

    def __init__(self, lock: Lock, index: FileIndex, machine: Machine) -> None:
        self._sources = {(package.name, package.version): package.index for package in lock.packages}
        self._indexes = {package.name: package.index for package in lock.packages if package.index}
        self._index = index
        self._machine = machine

    def known(self, releases: Collection[LockedRelease]) -> Known:
        """What is known of each release."""
        with (
            self._machine.reporter.task("Auditing", total=len(releases), unit="distributions") as task,
            ThreadPoolExecutor(_CONCURRENCY) as threads,
        ):

            def ask(release: LockedRelease) -> tuple[Advisory, ...] | None:
                answer = self._ask(release)
                task.advance(item=" ".join(release))
                return answer

            return dict(zip(releases, threads.map(ask, releases), strict=True))

    def check_answered(self, known: Known) -> None:
        """Check that some answer was given, if any release comes from an index.

        :raises NetworkFailure: ``advisories-missing``
        """
        if all(answer is None for answer in known.values()) and any(map(self._source, known)):
            raise _missing(sorted(set(self._indexes.values())))

    def _ask(self, release: LockedRelease) -> tuple[Advisory, ...] | None:
        name, version = release
        source = self._source(release)
        return self._index.advisories(canonicalize_name(name), version, source) if source else None

    def _source(self, release: LockedRelease) -> str | None:
        """The index of a release; None if it comes from elsewhere. One that is not locked comes from its project's."""
        return self._sources.get(release, self._indexes.get(release[0]))


def _missing(sources: list[str]) -> NetworkFailure:
    return NetworkFailure(
        "advisories-missing",
        f"index {', '.join(sources)} does not list known vulnerabilities",
        hint="`mvlock audit --index-url URL` asks another default index, for example the public one",
    )


def _without(known: Known, ignored: Collection[str], machine: Machine) -> dict[LockedRelease, list[Advisory]]:
    """The releases with vulnerabilities that nobody ignores."""
    names = {name.upper() for name in ignored}
    seen: set[str] = set()
    affected: dict[LockedRelease, list[Advisory]] = {}
    for release, advisories in known.items():
        for advisory in advisories or ():
            matching = names & {name.upper() for name in advisory.names}
            seen |= matching
            if not matching:
                affected.setdefault(release, []).append(advisory)
    for name in sorted(names - seen):
        machine.reporter.note(f"--ignore {name}: nothing that is locked has it")
    return affected


def _upgraded(
    project: Project, lock: Lock, affected: Collection[LockedRelease], request: LockRequest, machine: Machine
) -> Lock | None:
    """The lock after an upgrade of these projects; None if there is none."""
    from mvlock.operations.locking import make_lock

    names = frozenset(canonicalize_name(name) for name, _ in affected)
    try:
        return make_lock(project, lock, request._replace(upgrade_packages=names), machine)
    except MvlockError as error:
        machine.reporter.note(f"what an upgrade would change is not known: {error.message}")
        return None


def _findings(
    affected: Mapping[LockedRelease, list[Advisory]],
    holders: Mapping[LockedRelease, Sequence[str]],
    after: Lock | None,
    questions: _Questions,
) -> Iterator[Finding]:
    later = {release: _versions(release[0], holders[release], after) for release in affected} if after else {}
    releases = sorted({(name, version) for (name, _), versions in later.items() for version in versions})
    known = questions.known(releases) if releases else {}
    for (name, version), advisories in affected.items():
        for advisory in advisories:
            upgrades = {one: _is_free(known[name, one], advisory) for one in later.get((name, version), ())}
            yield Finding(name, version, advisory, holders[name, version], upgrades if after else None)


def _versions(name: str, trees: Collection[str], lock: Lock) -> list[str]:
    found = {one.version for tree in lock.trees if tree.name in trees for one in tree.packages if one.name == name}
    return sorted(found, key=Version)


def _is_free(advisories: tuple[Advisory, ...] | None, advisory: Advisory) -> bool | None:
    return None if advisories is None else not any(one.names & advisory.names for one in advisories)
