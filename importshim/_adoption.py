"""Top-level names that no distribution provides, and that a domain adopts because its code registers them as it runs.

The code adds one of its folders to ``sys.path``, or a finder to ``sys.meta_path`` (setuptools for ``distutils``,
shiboken for an archive in memory), or it puts a module into ``sys.modules`` (``_entries``). From then on the name is
contested; if it is in the standard library, all other code still gets that module. The application adopts a name by
importing a module from its ``sys.path``, even if trees have the name.
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
    """A look-up in order to import: names that nobody provides are searched for in folders and with finders.

    ``by_c``: C code does it, for a statement or in a function.
    """

    __slots__ = ("_adoption", "_by_c")

    def __init__(self, asker: Asker, frame: FrameType | None, adoption: Adoption, *, by_c: bool = False) -> None:
        super().__init__(asker, frame)
        self._adoption = adoption
        self._by_c = by_c

    @property
    def is_data(self) -> bool:
        """Whether the name is data: a function in C, or ``pickle`` in Python, has read it and imports it.

        Native code of a tree does not count: it has chosen the name itself.
        """
        frame, native = self._frame, self._asker.native
        if frame is None or not self._by_c or self._asker.is_import_statement(frame):
            return False
        if native is not None and native.domain(frame) is not None:
            return False
        return "__import__" not in frame.f_code.co_names or frame.f_globals.get("__name__") == "pickle"

    def is_told(self, served: Domain, top: str) -> bool:
        """Whether a Python function (of a test runner, a server) imports the first module of ``top`` in ``served``."""
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
            import_name_opcode()  # attribution needs it, so it must be loaded before
            self.finding = [*self.finding, domain]

    def find(self, domain: Domain, top: str) -> Domain | None:
        """The domain whose code has registered ``top``, a name that nobody provides to ``domain``."""
        return self._bundler(domain, top) or self._registrant(domain, top) or self._inventor(domain, top)

    def settle(self, decision: Decision) -> None:
        """Make the result of ``decision`` permanent, if its name was adopted."""
        asker, top = decision.asker, decision.name.partition(".")[0]
        if decision.rule == ADOPTED and decision.domain is not None and decision.domain is not asker.routes.get(top):
            self.adopt(decision.domain, top, asker)
        elif decision.rule == WORLD and asker is self.table.root is decision.domain and self._is_news(top):
            self.adopt(asker, top)

    def _is_news(self, top: str) -> bool:
        """Whether trees have ``top``, and the application is not yet known to have it too."""
        table = self.table
        return table.is_known(top) and top not in sys.stdlib_module_names and table.root.serving(top) is not table.root

    def make_way(self, domain: Domain, name: str) -> bool:
        """Adopt ``name`` for the application if its module comes before ``domain``'s, which is about to be loaded."""
        root = self.table.root
        if root.routes.get(name) is not domain or not lies_first(self.table.places, name):
            return False
        self.adopt(root, name)
        return True

    def claim_loaded(self) -> None:
        """Keep for the application what it loaded from elsewhere under names that trees have now."""
        for top in [key for key in list(sys.modules) if type(key) is str and "." not in key]:
            if self.table.is_known(top) and self._is_news(top) and self._runtime.entries.is_foreign(top):
                self.table.adopt(self.table.root, top)
                self._runtime.entries.give_to_application(top)
                self._runtime.ledger.contest()

    def adopt(self, domain: Domain, top: str, asker: Domain | None = None) -> None:
        """See ``Table.adopt``; if another domain alone had the name, what it has loaded becomes qualified."""
        owner = self.table.sole.get(top)
        self.table.adopt(domain, top, asker)
        if owner is not None and top not in self.table.sole:
            self.qualify(owner, top)
        self._runtime.ledger.contest()

    def qualify(self, owner: Domain, top: str) -> None:
        """Qualify what ``owner``, so far its only provider, has loaded of ``top``: modules, classes, functions."""
        for key in [key for key in list(sys.modules) if str.partition(key, ".")[0] == top]:
            if type(key) is not ContextKey:
                module = sys.modules.pop(key)
                self._runtime.entries.put(owner, str(key), module)
                if isinstance(module, ModuleType):
                    from importshim._loaders import mark_members

                    mark_members(module, self._runtime, owner)

    def _bundler(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if it has the name in a folder that its code has added to ``sys.path``."""
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
        """``domain``, if its code has put a module into ``sys.modules`` under a name that others have adopted."""
        if top not in self.table.contested or self._runtime.entries.maker(domain, top) is not domain:
            return None
        return domain

    def _inventor(self, domain: Domain, top: str) -> Domain | None:
        """The domain, of those that serve ``domain``, with a finder for the name; loaded names are not searched for."""
        if not self.finding or self._runtime.entries.is_plain(top):
            return None
        if domain is self.table.root and top in sys.stdlib_module_names:
            return None  # the application means the standard library's
        serving = (one for one in self.finding if one is domain or one in domain.routes.values())
        return next((one for one in serving if self._runtime.finders[one].invents(top)), None)
