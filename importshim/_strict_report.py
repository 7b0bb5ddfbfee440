"""Reports, when the process ends, what ``peers = false`` hides from trees although the application requires it.

Libraries catch the error of an optional import; what they say then, if anything, does not lead to this setting. So what
code of a *strict* domain has looked for, and would have found with its peers, is reported with the line that adds it to
the tree. If the process ends with an error, so is a library in its traceback of which another tree has loaded its own
copy of the same version: what is registered with one copy, the other does not know.
"""

from __future__ import annotations

import atexit
import sys

from importshim._domain import owner_of
from importshim._errors import missing_line, obstacle
from importshim._table import DENIED, LOOK, Decision, Table, Way

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
        atexit.register(self.tell)

    def decide(self, asker: Domain, name: str, way: Way = LOOK) -> Decision:
        """See ``Table.decide``."""
        decision = super().decide(asker, name, way)
        if decision.rule == DENIED and asker.is_strict and way is not LOOK:
            self._note(asker, name)
        return decision

    def _note(self, asker: Domain, name: str) -> None:
        """Remember that ``asker`` did not find the module ``name``, if a peer would provide it."""
        top = name.partition(".")[0]
        adopting = next((one for one in self.domains.values() if top in one.adopted), None)
        served = self.root.serving(name) or adopting
        if served is not None and served is not self.root and not obstacle(self, asker, top):
            self.note_project(asker, self.project_of(served, top))

    def note_project(self, asker: Domain, project: str) -> None:
        """Remember that ``asker`` has not found ``project``."""
        projects = self._withheld.setdefault(asker, [])
        if project not in projects:
            projects.append(project)

    def tell(self) -> None:
        """Write what was withheld to stderr."""
        for asker, projects in self._withheld.items():
            line = missing_line(self, asker, projects)
            what = f"{asker.label} looked for {', '.join(projects)}, which the application has"
            sys.stderr.write(f"importshim: {what}; peers = false hides it. To make it visible: {line}\n")
        for line in sorted(set(self._doubles())):
            sys.stderr.write(f"importshim: {line}\n")

    def _doubles(self) -> Iterator[str]:
        traceback = getattr(getattr(sys, "last_value", None), "__traceback__", None)
        while traceback is not None:
            yield from self._doubles_of(traceback.tb_frame)
            traceback = traceback.tb_next

    def _doubles_of(self, frame: FrameType) -> Iterator[str]:
        domain = self.places.owner(frame.f_code.co_filename)
        top = str(frame.f_globals.get("__name__")).partition(".")[0]
        mine = owner_of(domain, top) if domain is not None else None
        if domain is None or mine is None:
            return
        alike = (one for one in self.domains.values() if one is not domain and owner_of(one, top) == mine)
        for other in alike:
            asked = [self.project_of(other, one) for one, served in self.root.routes.items() if served is other]
            if asked and (other.is_strict or domain.is_strict) and other.loaded(top) is not None:
                yield (
                    f"the error came through {' '.join(mine)} of {domain.label}; {other.label} loaded its own copy, "
                    f"because peers = false keeps them apart. To have only one: {missing_line(self, domain, asked)}"
                )
