"""``mvlock audit``: known vulnerabilities of what mv.lock names, and whether an upgrade is free of them."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.commands.amounts import counted
from mvlock.commands.columns import aligned
from mvlock.commands.listing import Release, trees_by_release
from mvlock.commands.lock_request import LockRequest, lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opening_index import open_indexes
from mvlock.commands.options import Context, option_values
from mvlock.commands.workspace import Workspace, note_if_stale, open_workspace
from mvlock.errors import MvlockError, NetworkFailure, UnmetRequest
from mvlock.index.model import Advisory, FileIndex
from mvlock.lock.model import Lock

_CONCURRENCY = 16
_SHOWN = 5
Known = Mapping[Release, tuple[Advisory, ...] | None]
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


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per vulnerability.

    :raises UnmetRequest: ``vulnerable``; with ``--json`` the exit code 1 alone says so
    :raises NetworkFailure: ``advisories-missing``
    """
    workspace = open_workspace(context.options)
    lock = workspace.current_lock(frozen=True)
    holders = trees_by_release(chosen_trees(lock, arguments.trees))
    request = lock_request(option_values(arguments))
    with open_indexes(workspace.project, context, offline=request.offline, index_url=request.index_url) as index:
        audit = _Audit(lock, index, context)
        known = audit.known(holders)
        audit.check_answered(known)
        affected = _without(known, arguments.ignore, context)
        after = _upgraded(workspace, lock, affected, request, context) if affected else None
        findings = list(_findings(affected, holders, after, audit))
    if arguments.json:
        context.console.data(json.dumps(_facts(findings, known), indent=2))
        return 1 if findings else 0
    audited = sum(answer is not None for answer in known.values())
    _note_unknown(known, context)
    note_if_stale(context.options, context.console)
    for line in _lines(findings):
        context.console.data(line)
    if findings:
        raise _vulnerable(findings, audited)
    context.console.info(f"No known vulnerabilities in {counted(audited, 'distributions')}")
    return 0


class _Audit:
    """Asks the indexes of a lock about releases."""

    def __init__(self, lock: Lock, index: FileIndex, context: Context) -> None:
        self._sources = {(package.name, package.version): package.index for package in lock.packages}
        self._indexes = {package.name: package.index for package in lock.packages if package.index}
        self._index = index
        self._context = context

    def known(self, releases: Collection[Release]) -> Known:
        """What is known of each release."""
        with (
            self._context.console.task("Auditing", total=len(releases), unit="distributions") as task,
            ThreadPoolExecutor(_CONCURRENCY) as threads,
        ):

            def ask(release: Release) -> tuple[Advisory, ...] | None:
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

    def _ask(self, release: Release) -> tuple[Advisory, ...] | None:
        name, version = release
        source = self._source(release)
        return self._index.advisories(canonicalize_name(name), version, source) if source else None

    def _source(self, release: Release) -> str | None:
        """The index of a release; None if it comes from elsewhere. One that is not locked comes from its project's."""
        return self._sources.get(release, self._indexes.get(release[0]))


def _missing(sources: list[str]) -> NetworkFailure:
    return NetworkFailure(
        "advisories-missing",
        f"index {', '.join(sources)} does not list known vulnerabilities",
        hint="`mvlock audit --index-url URL` asks another default index, for example the public one",
    )


def _without(known: Known, ignored: Collection[str], context: Context) -> dict[Release, list[Advisory]]:
    """The releases with vulnerabilities that nobody ignores."""
    names = {name.upper() for name in ignored}
    seen: set[str] = set()
    affected: dict[Release, list[Advisory]] = {}
    for release, advisories in known.items():
        for advisory in advisories or ():
            matching = names & {name.upper() for name in advisory.names}
            seen |= matching
            if not matching:
                affected.setdefault(release, []).append(advisory)
    for name in sorted(names - seen):
        context.console.note(f"--ignore {name}: nothing that is locked has it")
    return affected


def _upgraded(
    workspace: Workspace, lock: Lock, affected: Collection[Release], request: LockRequest, context: Context
) -> Lock | None:
    """The lock after an upgrade of these projects; None if there is none."""
    from mvlock.commands.locking import make_lock

    names = frozenset(canonicalize_name(name) for name, _ in affected)
    try:
        return make_lock(workspace.project, lock, request._replace(upgrade_packages=names), context)
    except MvlockError as error:
        context.console.note(f"what an upgrade would change is not known: {error.message}")
        return None


def _findings(
    affected: Mapping[Release, list[Advisory]],
    holders: Mapping[Release, Sequence[str]],
    after: Lock | None,
    audit: _Audit,
) -> Iterator[Finding]:
    later = {release: _versions(release[0], holders[release], after) for release in affected} if after else {}
    releases = sorted({(name, version) for (name, _), versions in later.items() for version in versions})
    known = audit.known(releases) if releases else {}
    for (name, version), advisories in affected.items():
        for advisory in advisories:
            upgrades = {one: _is_free(known[name, one], advisory) for one in later.get((name, version), ())}
            yield Finding(name, version, advisory, holders[name, version], upgrades if after else None)


def _versions(name: str, trees: Collection[str], lock: Lock) -> list[str]:
    found = {one.version for tree in lock.trees if tree.name in trees for one in tree.packages if one.name == name}
    return sorted(found, key=Version)


def _is_free(advisories: tuple[Advisory, ...] | None, advisory: Advisory) -> bool | None:
    return None if advisories is None else not any(one.names & advisory.names for one in advisories)


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        rows = [
            (
                one.name,
                one.version,
                one.advisory.id,
                ", ".join(one.fixed_in) or "-",
                _upgrade(one),
                ", ".join(one.trees),
            )
            for one in findings
        ]
        yield from aligned([("project", "version", "advisory", "fixed in", "upgrade", "trees"), *rows])


def _upgrade(finding: Finding) -> str:
    """What an upgrade leads to: versions, the present one as ``-``, a project that goes as ``(gone)``."""
    if finding.upgrades is None:
        return "?"
    remarks = {True: "", False: " (affected)", None: " (not known)"}
    texts = [
        "-" if version == finding.version else f"{version}{remarks[is_free]}"
        for version, is_free in finding.upgrades.items()
    ]
    return ", ".join(texts) or "(gone)"


def _vulnerable(findings: Sequence[Finding], audited: int) -> UnmetRequest:
    releases = {(one.name, one.version) for one in findings}
    text = f"{len(findings)} known vulnerabilit{'y' if len(findings) == 1 else 'ies'}"
    text += f" in {len(releases)} of {counted(audited, 'distributions')}"
    fixed = sorted({one.name for one in findings if one.is_fixed})
    held = sorted({one.name for one in findings if one.upgrades is not None and not one.is_fixed})
    hints = [f"`mvlock upgrade {' '.join(fixed)}` locks versions without them"] if fixed else []
    if held:
        hints.append(f"your requirements allow no version without those of {', '.join(held)}: see `mvlock why NAME`")
    return UnmetRequest("vulnerable", text, hint="; ".join(hints) or None)


def _note_unknown(known: Known, context: Context) -> None:
    unknown = [" ".join(release) for release, answer in known.items() if answer is None]
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        context.console.note(f"not audited, because no index knows them: {', '.join(unknown[:_SHOWN])}{more}")


def _facts(findings: Sequence[Finding], known: Known) -> dict[str, object]:
    return {
        "vulnerabilities": [
            {
                "name": one.name,
                "version": one.version,
                "id": one.advisory.id,
                "aliases": sorted(one.advisory.names - {one.advisory.id}),
                "summary": one.advisory.summary,
                "link": one.advisory.link,
                "fixed-in": one.fixed_in,
                "trees": one.trees,
                "upgrade": None
                if one.upgrades is None
                else [{"version": v, "fixed": f} for v, f in one.upgrades.items()],
            }
            for one in findings
        ],
        "audited": sum(answer is not None for answer in known.values()),
        "not-audited": [
            {"name": name, "version": version} for (name, version), found in known.items() if found is None
        ],
    }
