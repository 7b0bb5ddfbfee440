"""Reports, when the process ends, what ``peers = false`` hides from trees although the application requires it.

Libraries catch the error of an optional import; what they say then, if anything, does not lead to this setting. So what
code of a *strict* domain has looked for, and would have found with its peers, is reported with the line that adds it to
the tree. If the process ends with an error, so is a library in its traceback of which another tree has loaded its own
copy of the same version: what is registered with one copy, the other does not know.
"""

from __future__ import annotations

import atexit
import sys

from importshim._domain import distribution_of
from importshim._errors import missing_line, obstacle
from importshim._table import DENIED, MAP_LOOKUP, Decision, Lookup, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from importshim._domain import Domain
    from importshim._map import ImportMap


class StrictTable(Table):
    """The table of a map with strict domains."""

    def __init__(self, import_map: ImportMap) -> None:
        super().__init__(import_map)
        self._withheld: dict[Domain, list[str]] = {}
        atexit.register(self.report)

    def decide(self, requester: Domain, name: str, lookup: Lookup = MAP_LOOKUP) -> Decision:
        """See ``Table.decide``."""
        decision = super().decide(requester, name, lookup)
        if decision.rule == DENIED and requester.is_strict and lookup is not MAP_LOOKUP:
            self._note(requester, name)
        return decision

    def _note(self, requester: Domain, name: str) -> None:
        """Remember that ``requester`` did not find the module ``name``, if a peer would provide it."""
        top = name.partition(".")[0]
        adopting = next((one for one in self.domains.values() if top in one.adopted), None)
        provider = self.root.provider_of(name) or adopting
        if provider is not None and provider is not self.root and not obstacle(self, requester, top):
            self.note_project(requester, self.project_of(provider, top))

    def note_project(self, requester: Domain, project: str) -> None:
        """Remember that ``requester`` has not found ``project``."""
        projects = self._withheld.setdefault(requester, [])
        if project not in projects:
            projects.append(project)

    def report(self) -> None:
        """Write what was withheld to stderr."""
        for requester, projects in self._withheld.items():
            line = missing_line(self, requester, projects)
            what = f"{requester.label} looked for {', '.join(projects)}, which the application has"
            sys.stderr.write(f"importshim: {what}; peers = false hides it. To make it visible: {line}\n")
        for line in sorted(set(self._duplicate_copies())):
            sys.stderr.write(f"importshim: {line}\n")

    def _duplicate_copies(self) -> Iterator[str]:
        traceback = getattr(getattr(sys, "last_value", None), "__traceback__", None)
        while traceback is not None:
            yield from self._duplicates_in(traceback.tb_frame)
            traceback = traceback.tb_next

    def _duplicates_in(self, frame: FrameType) -> Iterator[str]:
        domain = self.file_owners.owner(frame.f_code.co_filename)
        top = str(frame.f_globals.get("__name__")).partition(".")[0]
        mine = distribution_of(domain, top) if domain is not None else None
        if domain is None or mine is None:
            return
        copies = (one for one in self.domains.values() if one is not domain and distribution_of(one, top) == mine)
        for other in copies:
            projects = [self.project_of(other, one) for one, provider in self.root.routes.items() if provider is other]
            if projects and (other.is_strict or domain.is_strict) and other.loaded(top) is not None:
                yield (
                    f"the error came through {' '.join(mine)} of {domain.label}; {other.label} loaded its own copy, "
                    f"because peers = false keeps them apart. To have only one: {missing_line(self, domain, projects)}"
                )
