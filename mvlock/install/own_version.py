"""The version of the application, where pyproject.toml leaves it to a build backend (PEP 621, ``dynamic``).

Only the backend's metadata is asked for; the application is not built. Whoever cannot ask shows version 0 and says
so: an image that is made from pyproject.toml and mv.lock alone has nothing yet that a backend could look at.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.base.freshness import BUILD_FILES
from mvlock.errors import MvlockError
from mvlock.progress import Reporter
from mvlock.project.described import table_in, texts_in
from mvlock.project.document import parse_document, read_text
from mvlock.project.model import PathSource, Project
from mvlock.project.place import FILE_NAME


def is_left_to_backend(project: Project) -> bool:
    """Whether the version is dynamic, and there is a backend to ask."""
    document = parse_document(read_text(project.root / FILE_NAME))
    return "build-system" in document and "version" in texts_in(table_in(document, "project").get("dynamic"))


def with_asked_version(project: Project, ask: Callable[[PathSource], str], reporter: Reporter) -> Project:
    """The project with the version that its backend tells, if it is left to that."""
    if not is_left_to_backend(project):
        return project
    try:
        return replace(project, dynamic_version=ask(PathSource(project.root, project.name, editable=True)))
    except (MvlockError, OSError) as error:
        text = error.message if isinstance(error, MvlockError) else str(error)
        reporter.note(f"the version of {project.name} is shown as 0, for its backend cannot be asked: {_first(text)}")
        reporter.detail(text)
        return project


def with_installed_version(project: Project, site_packages: Path) -> Project:
    """The project with the version that was installed, where nothing but its backend could tell another."""
    if not is_left_to_backend(project):
        return project
    stem = canonicalize_name(project.name).replace("-", "_")
    found = sorted(site_packages.glob(f"{stem}-*.dist-info"))
    return replace(project, dynamic_version=found[0].name[len(stem) + 1 : -len(".dist-info")]) if found else project


def deciding_files(project: Project) -> tuple[str, ...]:
    """Files of the project that the answer may hang on."""
    return BUILD_FILES if is_left_to_backend(project) else ()


def _first(text: str) -> str:
    return text.partition("\n")[0]
