"""Opening the indexes of a project, for every command that may ask them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from mvlock.commands.options import Context
from mvlock.project.model import Project

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from packaging.utils import NormalizedName

    from mvlock.index.model import FileIndex


def open_indexes(
    project: Project,
    context: Context,
    *,
    offline: bool,
    index_url: str | None,
    locked: Mapping[NormalizedName, str] = MappingProxyType({}),
) -> AbstractContextManager[FileIndex]:
    """The indexes of ``project``, with the user's settings for what it leaves open; see ``open_index``."""
    from mvlock.index.client import open_index

    return open_index(
        project,
        cache=context.options.cache,
        offline=offline,
        index_url=index_url or _own_index(project, context),
        locked=locked,
        environ=context.options.environ,
        advice=unused_index(project, index_url, context),
        reporter=context.console,
    )


def unused_index(project: Project, index_url: str | None, context: Context) -> str | None:
    """What to do about an index that other installers use here, if nothing names one for mvlock."""
    from mvlock.index.other_installers import advice

    named = index_url or project.indexes or context.options.user.text("index-url")
    return None if named else advice(context.options.environ)


def unnamed_indexes(project: Project, context: Context) -> Iterator[str]:
    """What to do about the further indexes that other installers use here, of a project that names none."""
    from mvlock.index.other_installers import further_advice

    return iter(()) if project.indexes else further_advice(context.options.environ)


def _own_index(project: Project, context: Context) -> str | None:
    """The user's default index, for a project that names none."""
    if any(index.default for index in project.indexes):
        return None
    return context.options.user.text("index-url")
