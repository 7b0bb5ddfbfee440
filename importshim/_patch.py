"""One thing in the process that is replaced while a runtime is live, and restored afterwards."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._domain import Domain

_MISSING = object()


class Patch:
    """Replaces attributes (``put``) and restores them. A subclass that replaces anything else restores it in ``undo``.

    ``module``: the name of the module that it changes, which must be loaded first; "" if it needs none.
    """

    module = ""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def apply(self, module: Any) -> None:
        """Make the replacement; ``module`` is the loaded module of that name."""
        raise NotImplementedError

    def replace_references(self) -> None:
        """Replace it in modules and classes that already have it: the patched module was loaded before."""

    def domains_added(self) -> None:
        """Take domains into account that were added since it was applied."""

    def complete_builtins(self, domain: Domain, names: dict[str, Any]) -> None:
        """Complete the builtins ``names`` of ``domain``, whose code is about to run for the first time."""

    def names_contested(self) -> None:
        """Take names into account that became contested since it was applied."""

    def put(self, owner: Any, name: str, value: object) -> None:
        """Set the attribute ``name`` of a module or class to ``value``."""
        before = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)
        self._before.append((owner, name, before))

    def undo(self) -> None:
        """Restore what was there. Idempotent; also after an ``apply`` that has failed."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
