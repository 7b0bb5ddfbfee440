"""The folders of a project: a generated folder must never be one in which users keep files."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mvlock.base.outside import is_inside, is_of_version_control, is_relative
from mvlock.project.model import Project
from mvlock.project.problem import Problems

if TYPE_CHECKING:
    from mvlock.project.settings import MvlockTable


def read_source_folders(root: Path, settings: MvlockTable) -> tuple[str, ...]:
    """The folders of the application's own code; default: ``src`` if there is one, and the root."""
    if settings.source is not None:
        return tuple(dict.fromkeys(PurePosixPath(folder).as_posix() for folder in settings.source))
    return ("src", ".") if has_src(root) else (".",)


def has_src(root: Path) -> bool:
    """Whether the application has a folder ``src``, which then is one of its own code."""
    return (root / "src").is_dir()


def missing_folders(project: Project) -> list[str]:
    """One sentence for each folder of the application's own code that does not exist: often a typo."""
    missing = [folder for folder in project.source_folders if not (project.root / folder).is_dir()]
    return [f"tool.mvlock.source: there is no folder '{folder}'" for folder in missing]


def check_folders(settings: MvlockTable, sources: tuple[str, ...], problems: Problems) -> None:
    """Refuse generated folders outside the project, inside each other, or around the project's own code."""
    for key in ("app", "modules"):
        _check_generated(key, getattr(settings, key), sources, problems)
    for place, folder in enumerate(settings.source or ()):
        if not is_relative(folder):
            problems.add("folder-invalid", f"tool.mvlock.source[{place}]", f"'{folder}' is not relative to the project")
    if _within(settings.app, settings.modules) or _within(settings.modules, settings.app):
        problems.add("folder-invalid", "tool.mvlock.modules", "'app' and 'modules' must be separate folders")


def _check_generated(key: str, folder: str, sources: tuple[str, ...], problems: Problems) -> None:
    at = f"tool.mvlock.{key}"
    if not is_inside(folder):
        problems.add("folder-invalid", at, f"'{folder}' is not a folder inside the project")
    elif is_of_version_control(folder):
        problems.add("folder-invalid", at, f"'{folder}' belongs to a version control system")
    for source in sources:
        if is_inside(folder) and _within(source, folder):
            problems.add("folder-invalid", at, f"'{folder}' is generated and cannot contain the source '{source}'")


def _within(inner: str, outer: str) -> bool:
    """Whether ``inner`` is ``outer`` or lies in it, on one of the platforms for which case makes no difference."""
    return PurePosixPath(inner.casefold()).is_relative_to(PurePosixPath(outer.casefold()))
