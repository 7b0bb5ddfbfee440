"""The licences that the distributions of a lock declare: from what is installed, else from the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from mvlock.errors import NetworkFailure
from mvlock.index.licenses import license_in
from mvlock.index.model import FileIndex
from mvlock.lock.model import Lock, LockedPackage, LockedTree
from mvlock.lock.releases import LockedRelease, trees_by_release
from mvlock.operations.installed_metadata import installed_metadata
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.operations.opening_index import open_indexes
from mvlock.project.model import Project

_CONCURRENCY = 16


def declared_licenses(
    lock: Lock, trees: Iterable[LockedTree], project: Project, request: LockRequest, machine: Machine
) -> Mapping[LockedRelease, str | None]:
    """The licence of every release in the trees; None where it declares none, or cannot be asked.

    :raises NetworkFailure: an index does not answer
    """
    holders = trees_by_release(trees)
    modules = project.home / project.modules
    found: dict[LockedRelease, str | None] = dict.fromkeys(holders)
    missing = []
    for package in lock.packages:
        release = package.name, package.version
        text = installed_metadata(*release, holders[release], modules) if release in holders else None
        if text is not None:
            found[release] = license_in(text)
        elif release in holders and package.wheels:
            missing.append(package)
    return found | _from_index(missing, project, request, machine)


def _from_index(
    packages: list[LockedPackage], project: Project, request: LockRequest, machine: Machine
) -> dict[LockedRelease, str | None]:
    if not packages:
        return {}
    with (
        machine.reporter.task("Reading", total=len(packages), unit="licenses") as task,
        open_indexes(project, machine, offline=request.offline, index_url=request.index_url) as index,
        ThreadPoolExecutor(_CONCURRENCY) as threads,
    ):

        def read(package: LockedPackage) -> str | None:
            text = _of_wheel(package, index)
            task.advance(item=f"{package.name} {package.version}")
            return text

        texts = threads.map(read, packages)
        return {(package.name, package.version): text for package, text in zip(packages, texts, strict=True)}


def _of_wheel(package: LockedPackage, index: FileIndex) -> str | None:
    """What the first wheel declares; None if it is not in the cache and nothing else may be used."""
    from mvlock.install.wheel_fetcher import locate

    try:
        return index.license(locate(index, package, package.wheels[0]))
    except NetworkFailure as error:
        if error.code == "index-offline":
            return None
        raise
