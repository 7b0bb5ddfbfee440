"""What a command line says about resolving. Few imports, so that a current lock is recognised at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mvlock.commands.options import OptionValues
from mvlock.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from packaging.utils import NormalizedName

    from mvlock.project.model import Age


class LockRequest(NamedTuple):
    """How a command wants to resolve: its parsed options."""

    upgrade: bool = False
    upgrade_packages: frozenset[NormalizedName] = frozenset()
    upgrade_trees: frozenset[str] = frozenset()
    only_host: bool = False
    python: str | None = None
    offline: bool = False
    index_url: str | None = None
    exclude_newer: datetime | Age | None = None

    @property
    def may_change_lock(self) -> bool:
        """Whether even a current lock may change."""
        return self.upgrade or bool(self.upgrade_packages or self.upgrade_trees) or self.exclude_newer is not None

    @property
    def is_default(self) -> bool:
        """Whether only pyproject.toml determines the lock."""
        return not self.may_change_lock and not self.only_host and self.python is None


def lock_request(options: OptionValues) -> LockRequest:
    """The request in a command line (and in ``MVLOCK_*`` variables).

    :raises LocalError: ``time-invalid``, ``variable-invalid``
    """
    arguments = options.arguments
    return LockRequest(
        upgrade=getattr(arguments, "upgrade", False),
        upgrade_packages=_projects(getattr(arguments, "upgrade_package", ())),
        upgrade_trees=frozenset(getattr(arguments, "upgrade_tree", ())),
        only_host=getattr(arguments, "only_host", False),
        python=options.text("python"),
        offline=options.flag("offline"),
        index_url=options.text("index_url"),
        exclude_newer=requested_time(options.text("exclude_newer"), "--exclude-newer"),
    )


def _projects(names: Iterable[str]) -> frozenset[NormalizedName]:
    if not names:
        return frozenset()
    from packaging.utils import canonicalize_name

    return frozenset(map(canonicalize_name, names))


def requested_time(text: str | None, origin: str) -> datetime | Age | None:
    """A time in a setting; ``origin`` is its place, for messages.

    :raises LocalError: ``time-invalid``
    """
    if text is None:
        return None
    from mvlock.project.fields import read_time

    try:
        return read_time(text)
    except ValueError as error:
        raise LocalError("time-invalid", f"{origin}: {error}") from error
