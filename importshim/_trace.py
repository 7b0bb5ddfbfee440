"""Decisions as text: line by line with ``IMPORTSHIM_TRACE``, or from ``importshim.explain_import``.

The numbers of the rules are those in ``_table``.
"""

from __future__ import annotations

import os
import sys

from importshim._domain import folder_of, owner_of
from importshim._errors import holders
from importshim._strict_report import StrictTable
from importshim._table import DENIED, LOOK, WORLD, Decision, Table, Way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._map import ImportMap


class TracedTable(StrictTable):
    """A table that writes its decisions, each for an asker and a name when it is first made or its result changes."""

    def __init__(self, import_map: ImportMap, place: str) -> None:
        super().__init__(import_map)
        self._place = place
        self._told: set[tuple[Domain, str, Domain | None]] = set()

    def decide(self, asker: Domain, name: str, way: Way = LOOK) -> Decision:
        """See ``Table.decide``."""
        decision = super().decide(asker, name, way)
        told = (asker, name, decision.domain)
        if told not in self._told and not self._is_aside(decision, way):
            self._told.add(told)
            self._tell(f"importshim: {line(self, decision)}\n")
        return decision

    def note(self, text: str) -> None:
        """See ``Table.note``."""
        self._tell(f"importshim: {text}\n")

    @staticmethod
    def _is_aside(decision: Decision, way: Way) -> bool:
        """Whether it was no real look-up: a look at the map that found nothing, or an import of our own."""
        return (way is LOOK and decision.rule in (WORLD, DENIED)) or decision.name.startswith("importshim")

    def _tell(self, text: str) -> None:
        if self._place == "1":
            sys.stderr.write(text)
            return
        file = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(file, os.fsencode(text))
        finally:
            os.close(file)


def line(table: Table, decision: Decision) -> str:
    """A decision in one line: who asked, the name, what it got, the rule and the reason."""
    reason = holders(table, decision.name) if decision.rule == DENIED else decision.reason
    return sentence(decision.asker.label, decision.name, got(table, decision), decision.rule, reason)


def sentence(asker: str, name: str, got: str, rule: int, reason: str) -> str:
    """The format of such a line."""
    return f"{name} for {asker}: {got} (rule {rule}: {reason})"


def got(table: Table, decision: Decision) -> str:
    """The distribution and its version, and the tree that holds its files, with those that share it."""
    domain = decision.domain
    if domain is None:
        return "nothing"
    if domain is table.root:
        return "what the process has"
    owner = owner_of(domain, decision.plain)
    folder = folder_of(domain, decision.plain)
    tree = table.sites.get(folder or "", domain.trees[0])
    shared = f", shared by {domain.label}" if domain.is_shared else ""
    return f"{' '.join(owner) if owner else decision.plain} of tree {tree}{shared}"
