"""Opening the indexes of a project, with the settings of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from mvlock.operations.machine import Machine
from mvlock.project.model import Project

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from packaging.utils import NormalizedName

    from mvlock.index.model import FileIndex


def open_indexes(
    project: Project,
    machine: Machine,
    *,
    offline: bool,
    index_url: str | None,
    locked: Mapping[NormalizedName, str] = MappingProxyType({}),
) -> AbstractContextManager[FileIndex]:
    """The indexes of ``project``, with the user's settings for what it leaves open; see ``open_index``."""
    from mvlock.index.client import open_index

    return open_index(
        project,
        cache=machine.cache,
        offline=offline,
        index_url=index_url or _own_index(project, machine),
        locked=locked,
        environ=machine.environ,
        advice=unused_index(project, index_url, machine),
        connections=machine.connections,
        reporter=machine.reporter,
    )


def unused_index(project: Project, index_url: str | None, machine: Machine) -> str | None:
    """What to do about an index that other installers use here, if nothing names one for mvlock."""
    from mvlock.index.other_installers import advice

    named = index_url or project.indexes or machine.user.text("index-url")
    return None if named else advice(machine.environ)


def unnamed_indexes(project: Project, machine: Machine) -> Iterator[str]:
    """What to do about the further indexes that other installers use here, of a project that names none."""
    from mvlock.index.other_installers import further_advice

    return iter(()) if project.indexes else further_advice(machine.environ)


def _own_index(project: Project, machine: Machine) -> str | None:
    """The user's default index, for a project that names none."""
    if any(index.default for index in project.indexes):
        return None
    return machine.user.text("index-url")
