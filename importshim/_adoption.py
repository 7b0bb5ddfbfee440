"""Top-level names that no distribution provides, and that code of a domain makes its own while it runs.

It puts a folder of its own on ``sys.path`` that holds the name, or a finder on ``sys.meta_path`` that has it: for
setuptools it is ``distutils``, for shiboken what lies in an archive in memory. Or it puts a module into ``sys.modules``
(``_entries``). From then on the name is contested; one of the standard library stays that for all others. The
application makes a name its own by importing a module that lies on its ``sys.path``, whatever trees have by that name.
"""

from __future__ import annotations

import sys
from types import ModuleType

from importshim._asker import import_name_opcode
from importshim._callers import Call, lies_first
from importshim._finder import lies_outside
from importshim._importlib import gcd_import_code
from importshim._keys import ContextKey
from importshim._table import ADOPTED, WORLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from importshim._asker import Asker
    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Decision


class Import(Call):
    """Code asks in order to import: folders and finders are asked for names that nobody provides.

    ``by_c``: it is C code that does, a statement or a function.
    """

    __slots__ = ("_adoption", "_by_c")

    def __init__(self, asker: Asker, frame: FrameType | None, adoption: Adoption, *, by_c: bool = False) -> None:
        super().__init__(asker, frame)
        self._adoption = adoption
        self._by_c = by_c

    @property
    def is_data(self) -> bool:
        """Whether a function in C asks, for a name that it has read, or that of ``pickle`` in Python.

        Native code of a tree has chosen what it asks for.
        """
        frame, native = self._frame, self._asker.native
        if frame is None or not self._by_c or self._asker.is_import_statement(frame):
            return False
        if native is not None and native.domain(frame) is not None:
            return False
        return "__import__" not in frame.f_code.co_names or frame.f_globals.get("__name__") == "pickle"

    def is_told(self, served: Domain, top: str) -> bool:
        """Whether a function in Python asks, for the first module of ``top`` in ``served``: a test runner, a server."""
        frame = self._frame
        if frame is None or self._by_c or served.key(top) in sys.modules:
            return False
        if frame.f_code is gcd_import_code:
            return True
        return "__import__" in frame.f_code.co_names and not self._asker.is_import_statement(frame)

    def adopter(self, asker: Domain, top: str) -> Domain | None:
        """See ``Adoption.find``."""
        return self._adoption.find(asker, top)

    def is_own(self, top: str) -> bool:
        """Whether the application has a module ``top`` on ``sys.path``."""
        return lies_outside(self._adoption.table.places, top)


class Adoption:
    """Gives names to domains of ``runtime``. ``finding``: the domains that have put finders on ``sys.meta_path``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.table = runtime.table
        self._search_path: list[str] = []
        self._bundling: list[Domain] = []
        self.finding: list[Domain] = []

    def add_finding(self, domain: Domain) -> None:
        """Ask the finders of ``domain`` from now on."""
        if domain not in self.finding:
            import_name_opcode()  # telling who imports needs it, so its own import must not ask
            self.finding = [*self.finding, domain]

    def find(self, domain: Domain, top: str) -> Domain | None:
        """The domain that has ``top`` for ``domain``, to which nobody provides it."""
        return self._bundler(domain, top) or self._registrant(domain, top) or self._inventor(domain, top)

    def settle(self, decision: Decision) -> None:
        """Let what was found hold from now on."""
        asker, top = decision.asker, decision.name.partition(".")[0]
        if decision.rule == ADOPTED and decision.domain is not None and decision.domain is not asker.routes.get(top):
            self.adopt(decision.domain, top, asker)
        elif decision.rule == WORLD and asker is self.table.root is decision.domain and self._is_news(top):
            self.adopt(asker, top)

    def _is_news(self, top: str) -> bool:
        """Whether it was not known that the application has ``top``, which trees have too."""
        table = self.table
        return table.is_known(top) and top not in sys.stdlib_module_names and table.root.serving(top) is not table.root

    def make_way(self, domain: Domain, name: str) -> bool:
        """Give the application a module ``name`` of its own, if one lies before ``domain``'s, about to be loaded."""
        root = self.table.root
        if root.routes.get(name) is not domain or not lies_first(self.table.places, name):
            return False
        self.adopt(root, name)
        return True

    def claim_loaded(self) -> None:
        """What was loaded from elsewhere before trees had its name stays the application's, who has loaded it."""
        for top in [key for key in list(sys.modules) if type(key) is str and "." not in key]:
            if self.table.is_known(top) and self._is_news(top) and self._runtime.entries.is_foreign(top):
                self.table.adopt(self.table.root, top)
                self._runtime.entries.give_to_application(top)
                self._runtime.ledger.contest()

    def adopt(self, domain: Domain, top: str, asker: Domain | None = None) -> None:
        """See ``Table.adopt``; what another domain, which alone had the name, has loaded becomes qualified."""
        owner = self.table.sole.get(top)
        self.table.adopt(domain, top, asker)
        if owner is not None and top not in self.table.sole:
            self.qualify(owner, top)
        self._runtime.ledger.contest()

    def qualify(self, owner: Domain, top: str) -> None:
        """What ``owner`` alone has loaded of ``top`` becomes qualified, classes and functions too."""
        for key in [key for key in list(sys.modules) if str.partition(key, ".")[0] == top]:
            if type(key) is not ContextKey:
                module = sys.modules.pop(key)
                self._runtime.entries.put(owner, str(key), module)
                if isinstance(module, ModuleType):
                    from importshim._loaders import mark_members

                    mark_members(module, self._runtime, owner)

    def _bundler(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if it has the name in a folder that its code has put on ``sys.path``."""
        if not self._has_bundles() or domain not in self._bundling or top in sys.stdlib_module_names:
            return None
        return domain if self._runtime.finders[domain].bundles(top) else None

    def _has_bundles(self) -> bool:
        if sys.path != self._search_path:
            self._search_path = list(sys.path)
            bundling = [one for one, finder in self._runtime.finders.items() if finder.bundle_folders()]
            if bundling:
                import_name_opcode()
            self._bundling = bundling
        return bool(self._bundling)

    def _registrant(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if its code has put a module of a name that others have made their own into ``sys.modules``."""
        if top not in self.table.contested or self._runtime.entries.maker(domain, top) is not domain:
            return None
        return domain

    def _inventor(self, domain: Domain, top: str) -> Domain | None:
        """The domain, of those that serve ``domain``, that has the name by a finder; a loaded name is not asked for."""
        if not self.finding or self._runtime.entries.is_plain(top):
            return None
        if domain is self.table.root and top in sys.stdlib_module_names:
            return None  # the application means the standard library's
        serving = (one for one in self.finding if one is domain or one in domain.routes.values())
        return next((one for one in serving if self._runtime.finders[one].invents(top)), None)
