"""``mvlock audit``: known vulnerabilities of what mv.lock names, and whether an upgrade is free of them."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence

from mvlock.commands.amounts import counted
from mvlock.commands.columns import aligned
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import note_if_stale, open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import UnmetRequest
from mvlock.lock.releases import LockedRelease
from mvlock.operations.audit import Audit, Finding, audit

_SHOWN = 5


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per vulnerability.

    :raises UnmetRequest: ``vulnerable``; with ``--json`` the exit code 1 alone says so
    :raises NetworkFailure: ``advisories-missing``
    """
    opened = open_project(context.options)
    lock = opened.current_lock(frozen=True)
    trees, request = chosen_trees(lock, arguments.trees), lock_request(option_values(arguments))
    found = audit(opened.project, lock, trees, request, context.machine, ignored=arguments.ignore)
    if arguments.json:
        context.console.data(json.dumps(_facts(found), indent=2))
        return 1 if found.findings else 0
    _note_unknown(found.unknown, context)
    note_if_stale(context.options, context.console)
    for line in _lines(found.findings):
        context.console.data(line)
    if found.findings:
        raise _vulnerable(found.findings, found.audited)
    context.console.info(f"No known vulnerabilities in {counted(found.audited, 'distributions')}")
    return 0


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


def _note_unknown(unknown: Sequence[LockedRelease], context: Context) -> None:
    if unknown:
        names = ", ".join(map(" ".join, unknown[:_SHOWN]))
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        context.console.note(f"not audited, because no index knows them: {names}{more}")


def _facts(found: Audit) -> dict[str, object]:
    return {
        "vulnerabilities": list(map(_finding_facts, found.findings)),
        "audited": found.audited,
        "not-audited": [{"name": name, "version": version} for name, version in found.unknown],
    }


def _finding_facts(finding: Finding) -> dict[str, object]:
    upgrades, advisory = finding.upgrades, finding.advisory
    return {
        "name": finding.name,
        "version": finding.version,
        "id": advisory.id,
        "aliases": sorted(advisory.names - {advisory.id}),
        "summary": advisory.summary,
        "link": advisory.link,
        "fixed-in": finding.fixed_in,
        "trees": finding.trees,
        "upgrade": None if upgrades is None else [{"version": v, "fixed": fixed} for v, fixed in upgrades.items()],
    }
