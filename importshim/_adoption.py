"""Top-level names that no distribution provides, and that a domain adopts because its code registers them as it runs.

The code adds one of its folders to ``sys.path``, or a finder to ``sys.meta_path`` (setuptools for ``distutils``,
shiboken for an archive in memory), or it puts a module into ``sys.modules`` (``_entries``). From then on the name is
contested; if it is in the standard library, all other code still gets that module. The application adopts a name by
importing a module from its ``sys.path``, even if trees have the name.
"""

from __future__ import annotations

import sys

from importshim._attribution import import_name_opcode
from importshim._callers import CallLookup, precedes_stdlib
from importshim._classes import ModuleType
from importshim._finder import is_outside_trees
from importshim._importlib import gcd_import_code
from importshim._keys import ContextKey
from importshim._table import ADOPTED, USUAL, is_decided

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from importshim._attribution import Attribution
    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Decision


class ImportLookup(CallLookup):
    """A look-up in order to import: names that nobody provides are searched for in folders and with finders.

    ``by_c``: C code does it, for a statement or in a function.
    """

    __slots__ = ("_adoption", "_by_c")

    def __init__(
        self, attribution: Attribution, frame: FrameType | None, adoption: Adoption, *, by_c: bool = False
    ) -> None:
        super().__init__(attribution, frame)
        self._adoption = adoption
        self._by_c = by_c

    @property
    def is_name_from_data(self) -> bool:
        """Whether the name is data: a function in C, or ``pickle`` in Python, has read it and imports it.

        Native code of a tree does not count: it has chosen the name itself.
        """
        frame, native = self._frame, self._attribution.native
        if frame is None or not self._by_c or self._attribution.is_import_statement(frame):
            return False
        if native is not None and native.domain(frame) is not None:
            return False
        return "__import__" not in frame.f_code.co_names or frame.f_globals.get("__name__") == "pickle"

    def is_dynamic_import(self, provider: Domain, top: str) -> bool:
        """Whether a Python function (of a test runner, a server) imports the first module of ``top`` from ``provider``.

        That is, by ``import_module`` or ``__import__``, not by a statement.
        """
        frame = self._frame
        if frame is None or self._by_c or provider.key(top) in sys.modules:
            return False
        if frame.f_code is gcd_import_code:
            return True
        return "__import__" in frame.f_code.co_names and not self._attribution.is_import_statement(frame)

    def adopter(self, requester: Domain, top: str) -> Domain | None:
        """See ``Adoption.find``."""
        return self._adoption.find(requester, top)

    def application_has(self, top: str) -> bool:
        """Whether the application has a module ``top`` on ``sys.path``."""
        return is_outside_trees(self._adoption.table.file_owners, top)


class Adoption:
    """Gives names to domains of ``runtime``.

    ``domains_with_finders``: the domains whose code has put finders on ``sys.meta_path``.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.table = runtime.table
        self._search_path: list[str] = []
        self._domains_with_bundles: list[Domain] = []
        self.domains_with_finders: list[Domain] = []

    def add_domain_with_finder(self, domain: Domain) -> None:
        """Use the finders of ``domain`` from now on."""
        if domain not in self.domains_with_finders:
            import_name_opcode()  # attribution needs it, so it must be loaded before
            self.domains_with_finders = [*self.domains_with_finders, domain]

    def find(self, domain: Domain, top: str) -> Domain | None:
        """The domain whose code has registered ``top``, a name that nobody provides to ``domain``."""
        searches = (self._owner_by_path, self._owner_by_entry, self._owner_by_finder)
        return next((owner for search in searches if (owner := search(domain, top)) is not None), None)

    def is_standard_for_all(self, top: str) -> bool:
        """Whether all code gets the standard library's ``top``, so that it does not matter whose import it is."""
        table = self.table
        is_standard = top in sys.stdlib_module_names and top not in table.contested and top not in table.sole
        is_decided = is_standard and top not in table.aliases and not self.domains_with_finders
        return is_decided and not table.reports_decisions

    def certain_provider(self, requester: Domain, name: str, top: str) -> Domain | None:
        """The domain that ``requester`` gets the module ``name`` of ``top`` from; None if it depends on the look-up.

        That is what the rules give, without a look at frames.
        """
        provider = requester.provider_of(name)
        if provider is None:
            return self.table.root if self.is_standard_for_all(top) else None
        is_certain = is_decided(self.table, requester, provider) and provider.key(top) in sys.modules
        return provider if is_certain else None

    def record(self, decision: Decision) -> None:
        """Make the result of ``decision`` permanent, if its name was adopted."""
        requester, domain, top = decision.requester, decision.domain, decision.name.partition(".")[0]
        if decision.rule == ADOPTED and domain is not None and domain is not requester.routes.get(top):
            self.adopt(domain, top, requester)
        elif decision.rule == USUAL and requester is self.table.root is domain and self._is_new_to_application(top):
            self.adopt(requester, top)

    def _is_new_to_application(self, top: str) -> bool:
        """Whether trees have ``top``, and the application is not yet known to have it too."""
        root = self.table.root
        is_new = self.table.is_known(top) and top not in sys.stdlib_module_names
        return is_new and root.provider_of(top) is not root

    def adopt_before_load(self, domain: Domain, name: str) -> bool:
        """Adopt ``name`` for the application if its module comes before ``domain``'s, which is about to be loaded."""
        root = self.table.root
        if root.routes.get(name) is not domain or not precedes_stdlib(self.table.file_owners, name):
            return False
        self.adopt(root, name)
        return True

    def adopt_loaded(self) -> None:
        """Keep for the application what it loaded from elsewhere under names that trees have now."""
        for top in [key for key in list(sys.modules) if type(key) is str and "." not in key]:
            if self.table.is_known(top) and self._is_new_to_application(top) and self._runtime.entries.is_foreign(top):
                self.table.adopt(self.table.root, top)
                self._runtime.entries.give_to_application(top)
                self._runtime.ledger.names_contested()

    def adopt(self, domain: Domain, top: str, requester: Domain | None = None) -> None:
        """See ``Table.adopt``; if another domain alone had the name, what it has loaded becomes qualified."""
        owner = self.table.sole.get(top)
        self.table.adopt(domain, top, requester)
        if owner is not None and top not in self.table.sole:
            self.qualify(owner, top)
        self._runtime.ledger.names_contested()

    def qualify(self, owner: Domain, top: str) -> None:
        """Qualify what ``owner``, so far its only provider, has loaded of ``top``: modules, classes, functions."""
        for key in [key for key in list(sys.modules) if str.partition(key, ".")[0] == top]:
            if type(key) is not ContextKey:
                module = sys.modules.pop(key)
                self._runtime.entries.put(owner, str(key), module)
                if isinstance(module, ModuleType):
                    from importshim._loaders import tag_members

                    tag_members(module, self._runtime, owner)

    def _owner_by_path(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if it has the name in a folder that its code has added to ``sys.path``."""
        if not self._has_bundles() or domain not in self._domains_with_bundles or top in sys.stdlib_module_names:
            return None
        return domain if self._runtime.finders[domain].has_bundled(top) else None

    def _has_bundles(self) -> bool:
        if sys.path != self._search_path:
            self._search_path = list(sys.path)
            owners = {self.table.file_owners.owner(entry) for entry in sys.path if isinstance(entry, str)}
            bundling = [owner for owner in owners if owner is not None]
            if bundling:
                import_name_opcode()
            self._domains_with_bundles = bundling
        return bool(self._domains_with_bundles)

    def _owner_by_entry(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if its code has put a module into ``sys.modules`` under a name that others have adopted."""
        if top not in self.table.contested or self._runtime.entries.creator(domain, top) is not domain:
            return None
        return domain

    def _owner_by_finder(self, domain: Domain, top: str) -> Domain | None:
        """The domain, of those that ``domain`` imports from, with a finder for the name; not for loaded names."""
        if not self.domains_with_finders or self._runtime.entries.is_plain(top):
            return None
        if domain is self.table.root and top in sys.stdlib_module_names:
            return None  # for the application it is the standard library's
        candidates = (one for one in self.domains_with_finders if one is domain or one in domain.routes.values())
        return next((one for one in candidates if self._runtime.finders[one].custom_finder_has(top)), None)
