"""Which project is at a path or a URL: by its file name if that is certain, else by its metadata."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from mvlock.commands.options import Context
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.locking import open_ports
from mvlock.project.model import Project, UrlSource
from mvlock.resolver.ports import DirectReference


def names_of(sources: list[DirectReference], project: Project, request: LockRequest, context: Context) -> list[str]:
    """The names of the projects at some sources, in this order. A build is started only if nothing else says it.

    :raises MvlockError: a source cannot be fetched, read or built
    """
    if not sources:
        return []
    with open_ports(project, request, context.machine) as ports:
        return [_name_in_url(source) or ports.builder.metadata(source).name for source in sources]


def _name_in_url(source: DirectReference) -> str | None:
    """The name in the URL of a wheel, which need not be downloaded for it."""
    if not isinstance(source, UrlSource):
        return None
    try:
        return parse_wheel_filename(PurePosixPath(unquote(urlsplit(source.url).path)).name)[0]
    except InvalidWheelFilename:
        return None
