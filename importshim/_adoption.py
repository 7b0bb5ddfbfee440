"""Top-level names that no distribution provides, and that code of a domain makes its own while it runs.

It puts a folder of its own on ``sys.path`` that holds the name, or a finder on ``sys.meta_path`` that has it: for
setuptools it is ``distutils``, for shiboken what lies in an archive in memory. Or it puts a module into ``sys.modules``
(``_entries``). From then on the name is contested; one of the standard library stays that for all others.
"""

from __future__ import annotations

import sys

from importshim._asker import import_name_opcode
from importshim._keys import HiddenKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._runtime import Runtime


class Adoption:
    """Gives names to domains of ``runtime``. ``finding``: the domains that have put finders on ``sys.meta_path``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._search_path: list[str] = []
        self._bundling: list[Domain] = []
        self.finding: list[Domain] = []

    def is_possible(self) -> bool:
        """Whether there are folders or finders that could have a name."""
        return bool(self.finding) or self._has_bundles()

    def add_finding(self, domain: Domain) -> None:
        """Ask the finders of ``domain`` from now on."""
        if domain not in self.finding:
            import_name_opcode()  # telling who imports needs it, so its own import must not ask
            self.finding = [*self.finding, domain]

    def by_asking(self, domain: Domain, top: str) -> Domain | None:
        """The domain that has ``top`` for ``domain``, to which nobody provides it; makes it that domain's own."""
        owner = self._bundler(domain, top) or self._registrant(domain, top) or self._inventor(domain, top)
        if owner is not None:
            self.adopt(owner, top)
            domain.routes[top] = owner
        return owner

    def adopt(self, domain: Domain, top: str) -> None:
        """From now on, modules of the top-level name ``top`` that ``domain`` has are its own."""
        runtime = self._runtime
        domain.routes[top] = domain
        if runtime.is_one and top not in sys.stdlib_module_names:
            runtime.sole[top] = domain
            return
        domain.contested |= {top}
        runtime.contested |= {top}
        runtime.root.contested = runtime.contested
        if top in sys.stdlib_module_names:
            for other in (runtime.root, *runtime.domains.values()):
                other.routes.setdefault(top, runtime.root)

    def contest(self, top: str) -> None:
        """The application has a module of the sole name ``top`` too: what a domain has loaded becomes qualified."""
        runtime = self._runtime
        owner = runtime.sole.pop(top)
        names = [key.text for key in list(sys.modules) if isinstance(key, HiddenKey) and key.top == top]
        modules = {name: sys.modules.pop(owner.key(name)) for name in names}
        owner.show(top)
        runtime.contested |= {top}
        runtime.root.contested = runtime.contested
        for name, module in modules.items():
            runtime.entries.put(owner, name, module)

    def _bundler(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if it has the name in a folder that its code has put on ``sys.path``."""
        if not self._has_bundles() or domain not in self._bundling or top in sys.stdlib_module_names:
            return None
        return domain if domain.finder.bundles(top) else None

    def _has_bundles(self) -> bool:
        if sys.path != self._search_path:
            self._search_path = list(sys.path)
            bundling = [one for one in self._runtime.domains.values() if one.finder.bundle_folders()]
            if bundling:
                import_name_opcode()
            self._bundling = bundling
        return bool(self._bundling)

    def _registrant(self, domain: Domain, top: str) -> Domain | None:
        """``domain``, if its code has put a module of a name that others have made their own into ``sys.modules``."""
        if top not in self._runtime.contested or self._runtime.entries.maker(domain, top) is not domain:
            return None
        return domain

    def _inventor(self, domain: Domain, top: str) -> Domain | None:
        """The domain, of those that serve ``domain``, that has the name by a finder; a loaded name is not asked for."""
        if not self.finding or self._runtime.entries.is_plain(top):
            return None
        if domain is self._runtime.root and top in sys.stdlib_module_names:
            return None  # the application means the standard library's
        serving = (one for one in self.finding if one is domain or one in domain.routes.values())
        return next((one for one in serving if one.finder.invents(top)), None)
