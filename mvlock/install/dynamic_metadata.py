"""The application's version and entry points, where they are left to a build backend (PEP 621, ``dynamic``).

The backend makes an editable build (PEP 660), as it would for ``pip install -e``: what it writes into the sources
on the way (a module with the version) belongs to the application. Only the wheel's metadata is used. A backend that
cannot build is asked for the version alone. Where no backend can be asked, the version is 0 and a note says so: an
image made from pyproject.toml and mv.lock alone contains no sources yet that a backend could read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.base.freshness import BUILD_FILES
from mvlock.build.built_metadata import BuiltMetadata
from mvlock.errors import MvlockError
from mvlock.progress import Reporter
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project
from mvlock.project.pep621 import table_in, texts_in

_ENTRY_POINT_FIELDS = {"scripts", "gui-scripts", "entry-points"}


def dynamic_fields(project: Project) -> set[str]:
    """Which of version and entry points are dynamic, if there is a backend to ask."""
    if project.is_script:
        return set()
    document = parse_document(read_text(project.root / FILE_NAME))
    dynamic = set(texts_in(table_in(document, "project").get("dynamic")))
    return dynamic & {"version", *_ENTRY_POINT_FIELDS} if "build-system" in document else set()


BackendQuery = Callable[[PathSource], BuiltMetadata]
"""Gives the version of a folder, and its entry points if it can.

:raises MvlockError: the backend cannot say
"""


def with_backend_version(project: Project, queries: Iterable[BackendQuery], reporter: Reporter) -> Project:
    """The project with its backend's answer to the first of ``queries`` that succeeds, if anything is dynamic."""
    fields = dynamic_fields(project)
    if not fields:
        return project
    source, failures = PathSource(project.root, project.name, editable=True), []
    for query in queries:
        try:
            metadata = query(source)
        except (MvlockError, OSError) as error:
            failures.append(error.message if isinstance(error, MvlockError) else str(error))
        else:
            return _report_failures(_with_metadata(project, fields, metadata), failures, reporter)
    return _report_failures(project, failures, reporter)


def _with_metadata(project: Project, fields: set[str], metadata: BuiltMetadata) -> Project:
    entry_points = metadata.entry_points if fields & _ENTRY_POINT_FIELDS else None
    return replace(project, dynamic_version=metadata.version, dynamic_entry_points=entry_points)


def _report_failures(project: Project, failures: Sequence[str], reporter: Reporter) -> Project:
    if failures:
        what = (
            f"the version of {project.name} is shown as 0, because it could not be built"
            if project.dynamic_version is None
            else f"{project.name} has its version, but not the files that a build writes into its sources"
        )
        reporter.note(f"{what}: {_first(failures[-1])}")
        reporter.detail(failures[-1])
    return project


def with_installed_version(project: Project, site_packages: Path) -> Project:
    """The project with the installed values, where only its backend could give different ones."""
    fields = dynamic_fields(project)
    metadata = installed_metadata(project, site_packages) if fields else None
    return project if metadata is None else _with_metadata(project, fields, metadata)


def installed_metadata(project: Project, site_packages: Path) -> BuiltMetadata | None:
    """What the application's environment has; None if there is no environment yet."""
    stem = canonicalize_name(project.name).replace("-", "_")
    folders = sorted(site_packages.glob(f"{stem}-*.dist-info"))
    if not folders:
        return None
    entry_points = folders[0] / "entry_points.txt"
    text = entry_points.read_text("utf-8") if entry_points.is_file() else None
    return BuiltMetadata(folders[0].name[len(stem) + 1 : -len(".dist-info")], text)


def build_files(project: Project) -> tuple[str, ...]:
    """Files of the project on which the answer may depend."""
    return BUILD_FILES if dynamic_fields(project) else ()


def _first(text: str) -> str:
    return text.partition("\n")[0]
