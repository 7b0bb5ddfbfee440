"""One thing of the process that is replaced while a runtime is live, and put back after it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING = object()


class Patch:
    """Replaces attributes (``put``) and remembers what was there. What it replaces else, its ``undo`` puts back.

    ``module``: the name of the module that it changes, which must be loaded for it; "" if it needs none.
    """

    module = ""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def apply(self, module: Any) -> None:
        """Replace it; ``module`` is the loaded one of that name."""
        raise NotImplementedError

    def grow(self) -> None:
        """There are more domains than when it was applied."""

    def contest(self) -> None:
        """There are more contested names than when it was applied."""

    def put(self, owner: Any, name: str, value: object) -> None:
        """Have ``value`` as the attribute ``name`` of a module or class."""
        before = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)
        self._before.append((owner, name, before))

    def undo(self) -> None:
        """Put back what was there. Idempotent; also after an ``apply`` that has failed."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
