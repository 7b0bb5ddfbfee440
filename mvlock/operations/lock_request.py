"""How a project is resolved. Few imports, so that a current lock is recognised at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mvlock.errors import LocalError

if TYPE_CHECKING:
    from datetime import datetime

    from packaging.utils import NormalizedName

    from mvlock.project.model import Age


class LockRequest(NamedTuple):
    """What a lock may change, and what it is made for.

    ``upgrade``: any version may change, whatever is locked; ``upgrade_packages``, ``upgrade_trees``: only those of
    these projects, and in these trees. ``only_host``: for this machine's environment only. ``python``: ``3.12``, or
    the path of an interpreter. ``index_url``: the default index, instead of the configured one. ``exclude_newer``:
    ignore files uploaded later. ``no_build``: build no sdist of an index.
    """

    upgrade: bool = False
    upgrade_packages: frozenset[str] = frozenset()
    upgrade_trees: frozenset[str] = frozenset()
    only_host: bool = False
    python: str | None = None
    offline: bool = False
    index_url: str | None = None
    exclude_newer: datetime | Age | None = None
    no_build: bool = False

    @property
    def upgraded_projects(self) -> frozenset[NormalizedName]:
        """The names in ``upgrade_packages``, normalised."""
        from packaging.utils import canonicalize_name

        return frozenset(map(canonicalize_name, self.upgrade_packages))

    @property
    def may_change_lock(self) -> bool:
        """Whether even a current lock may change."""
        return self.upgrade or bool(self.upgrade_packages or self.upgrade_trees) or self.exclude_newer is not None

    @property
    def is_default(self) -> bool:
        """Whether only pyproject.toml determines the lock."""
        return not self.may_change_lock and not self.only_host and self.python is None


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
