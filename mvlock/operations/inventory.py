"""What a software bill of materials says besides the lock: the application, licences, where indexes are, the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from mvlock import __version__
from mvlock.base.urls import without_credentials
from mvlock.errors import LocalError
from mvlock.lock.cyclonedx import Inventory
from mvlock.lock.model import Lock, LockedTree
from mvlock.operations.declared_licenses import declared_licenses
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.project.index_address import is_public_index, local_path
from mvlock.project.model import Project

_TIME = "SOURCE_DATE_EPOCH"


def inventory_of(
    lock: Lock, trees: Sequence[LockedTree], project: Project, request: LockRequest, machine: Machine
) -> Inventory:
    """The inventory of some trees.

    :raises LocalError: ``extra-not-installed``, ``variable-invalid``
    """
    _check_library()
    time = _time(machine.environ)
    licenses = declared_licenses(lock, trees, project, request, machine)
    repositories = {
        index.name: without_credentials(index.url)
        for index in project.indexes
        if local_path(index.url) is None and not is_public_index(index.url)
    }
    return Inventory(project.name, __version__, licenses, repositories, time)


def _check_library() -> None:
    try:
        import cyclonedx  # noqa: F401
    except ImportError as error:
        text = "--format cyclonedx needs the library cyclonedx-python-lib, which is not installed beside mvlock"
        raise LocalError("extra-not-installed", text, hint="run `pip install 'mvlock[sbom]'`") from error


def _time(environ: Mapping[str, str]) -> datetime | None:
    """The time that the document shall state: reproducible builds set one; otherwise it states none."""
    text = environ.get(_TIME, "").strip()
    try:
        return datetime.fromtimestamp(int(text), timezone.utc) if text else None
    except (ValueError, OverflowError, OSError) as error:
        raise LocalError("variable-invalid", f"{_TIME} is {text!r}; it must be a number of seconds") from error
