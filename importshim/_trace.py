"""Decisions as text: line by line with ``IMPORTSHIM_TRACE``, or from ``importshim.explain_import``.

The numbers of the rules are those in ``_table``.
"""

from __future__ import annotations

import os
import sys

from importshim._domain import distribution_of, site_packages_of
from importshim._errors import describe_providers
from importshim._strict_report import StrictTable
from importshim._table import ADOPTED, CALLER, DENIED, HAS, MAP_LOOKUP, PEER, USUAL, Decision, Lookup, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._map import ImportMap


class TracedTable(StrictTable):
    """A table that writes its decisions, when a requester first looks a name up, or its result changes."""

    reports_decisions = True

    def __init__(self, import_map: ImportMap, place: str) -> None:
        super().__init__(import_map)
        self._place = place
        self._written: set[tuple[Domain, str, Domain | None]] = set()

    def decide(self, requester: Domain, name: str, lookup: Lookup = MAP_LOOKUP) -> Decision:
        """See ``Table.decide``."""
        decision = super().decide(requester, name, lookup)
        key = (requester, name, decision.domain)
        if key not in self._written and not self._is_internal(decision, lookup):
            self._written.add(key)
            self._write(f"importshim: {line(self, decision)}\n")
        return decision

    def note(self, text: str) -> None:
        """See ``Table.note``."""
        self._write(f"importshim: {text}\n")

    @staticmethod
    def _is_internal(decision: Decision, lookup: Lookup) -> bool:
        """Whether it was no real look-up: a look at the map that found nothing, or an import of our own."""
        return (lookup is MAP_LOOKUP and decision.rule in (USUAL, DENIED)) or decision.name.startswith("importshim")

    def _write(self, text: str) -> None:
        if self._place == "1":
            sys.stderr.write(text)
            return
        file = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(file, os.fsencode(text))
        finally:
            os.close(file)


def line(table: Table, decision: Decision) -> str:
    """A decision in one line: the requester, the name, what it gets, the rule and the reason."""
    reason = describe_providers(table, decision.name) if decision.rule == DENIED else reason_of(decision)
    return sentence(decision.requester.label, decision.name, describe_result(table, decision), decision.rule, reason)


def reason_of(decision: Decision) -> str:
    """Why it was decided like this, in a few words."""
    if decision.rule == CALLER and decision.calling_world is not None:
        return f"called by code of {decision.calling_world.label}"
    if decision.rule == USUAL and decision.plain != decision.name:
        return f"the application's alias for {decision.plain}"
    if decision.rule == HAS and not decision.requester.trees:
        return "its direct dependency" if decision.plain == decision.name else f"its alias for {decision.plain}"
    if decision.rule == USUAL and decision.domain is not None and decision.domain.trees:
        return "there is only one, and the name comes from data"
    if decision.rule == USUAL and decision.name.partition(".")[0] in sys.stdlib_module_names:
        return "the standard library"
    return _REASONS[decision.rule]


_REASONS = {
    HAS: "its environment has it",
    PEER: "a direct dependency of the application",
    ADOPTED: "its code registered it",
    USUAL: "no tree has it; imported as usual",
    DENIED: "only other trees have it",
}


def sentence(requester: str, name: str, result: str, rule: int, reason: str) -> str:
    """The format of such a line."""
    return f"{name} for {requester}: {result} (rule {rule}: {reason})"


def describe_result(table: Table, decision: Decision) -> str:
    """The distribution and its version, and the tree that holds its files, with those that share it."""
    domain = decision.domain
    if domain is None:
        return "nothing"
    if domain is table.root:
        return "the application's own module, or the standard library's"
    distribution = distribution_of(domain, decision.plain)
    folder = site_packages_of(domain, decision.plain)
    tree = table.sites.get(folder or "", domain.trees[0])
    shared = f", shared by {domain.label}" if domain.is_shared else ""
    return f"{' '.join(distribution) if distribution else decision.plain} of tree {tree}{shared}"
