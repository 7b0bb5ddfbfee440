"""``mvlock init --from SOURCE``: a project from what other tools' files say."""

from __future__ import annotations

import difflib
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from mvlock.commands.adoption import Adopted, adopt, adopt_folders, adopt_head, is_virtual_root, known_fields
from mvlock.commands.editing import replace_file
from mvlock.commands.init import project_name, report_folders
from mvlock.commands.manifest import Manifest
from mvlock.commands.options import Context
from mvlock.commands.shortening import shortened
from mvlock.commands.taken_apart import Conflict, taken_apart
from mvlock.errors import LocalError
from mvlock.foreign.model import (
    ForeignProject,
    ForeignWorkspace,
    combined,
    without_itself,
    without_public_indexes,
)
from mvlock.foreign.reading import read_foreign
from mvlock.install.generated_folders import other_folders
from mvlock.lock.preferred import PREFERRED_FILE, write_preferred
from mvlock.project.document import parse_document, read_text
from mvlock.project.index_address import is_public_index
from mvlock.project.load import load_project
from mvlock.project.location import FILE_NAME

_NEXT = "next: `mvlock resolve`, then `mvlock install`"
_SHOWN = 20
_UNSUPPORTED = "3.9.99"
"""The last version before those that mvlock supports."""


class _Change(NamedTuple):
    """A pyproject.toml before and after what was ``found`` is added to it, with other ``folders`` if it needs them."""

    file: Path
    old: str
    new: str
    found: ForeignProject
    adopted: Adopted
    conflicts: list[Conflict]
    folders: Mapping[str, str]


def init_from(arguments: Namespace, folder: Path, context: Context) -> int:
    """Write pyproject.toml, or add to it what is missing, and keep the locked versions for the first lock.

    In the root of another tool's workspace, also for its members. Nothing is written before all was read.
    """
    own = _change([Path(text) for text in arguments.sources], folder, arguments)
    members = _other_members(own.found.workspace, folder.resolve())
    changes: dict[str, _Change] = {
        name: _as_member(_change([member / FILE_NAME], member, arguments)) for name, member in members.items()
    }
    _carry_out(own, arguments, context)
    for name, change in changes.items():
        with context.console.about(name):
            _carry_out(change, arguments, context)
    if members:
        if not is_virtual_root(own.found, folder.resolve()):
            changes = {project_name(arguments.name or own.found.name, folder): own, **changes}
        _next_step_of_all(changes, arguments, context)
    else:
        _next_step(own, context)
    return 0


def _other_members(workspace: ForeignWorkspace | None, root: Path) -> dict[str, Path]:
    if workspace is None or workspace.root != root:
        return {}
    return {name: folder for name, folder in workspace.members.items() if folder != root}


def _change(sources: list[Path], folder: Path, arguments: Namespace) -> _Change:
    """What a project is to become."""
    file = folder / FILE_NAME
    old = read_text(file) if file.exists() else ""
    read = [_read(source, folder.resolve()) for source in sources]
    _check_is_read(old, folder, sources, read)
    parts, conflicts = taken_apart(read)
    found = _without_known(combined(parts))
    manifest = Manifest(old)
    is_virtual = is_virtual_root(found, folder.resolve())
    if is_virtual:
        found = ForeignProject(files=found.files, workspace=found.workspace, left_out=found.left_out)
    else:
        name = project_name(arguments.name or found.name, folder)
        adopt_head(manifest, found, name, _this_python())
    adopted = adopt(manifest, found, folder.resolve())
    for conflict in conflicts:
        conflict.write(manifest)
    folders = {} if is_virtual else adopt_folders(manifest, other_folders(folder))
    return _Change(file, old, manifest.text, found, adopted, conflicts, folders)


def _as_member(change: _Change) -> _Change:
    """Without what the report on the root says: its settings, and what is locked for the others alone."""
    found = change.found
    return change._replace(
        found=replace(
            found,
            locked=found.locked if found.requirements else (),
            left_out=tuple(omission for omission in found.left_out if not omission.of_root),
        )
    )


def _carry_out(change: _Change, arguments: Namespace, context: Context) -> None:
    if arguments.dry_run:
        _show_diff(change.old, change.new, context)
    else:
        _write(change, context)
    _report(change.found, change.adopted, change.conflicts, context)
    report_folders(change.folders, context)


def _read(source: Path, root: Path) -> ForeignProject:
    return without_itself(without_public_indexes(read_foreign(source), is_public_index), root)


def _without_known(found: ForeignProject) -> ForeignProject:
    """Without the omissions of one source that another one makes up for."""
    known = {f"project.dynamic: {field}" for field in known_fields(found)}
    return replace(found, left_out=tuple(omission for omission in found.left_out if omission.what not in known))


def _check_is_read(old: str, folder: Path, sources: list[Path], read: list[ForeignProject]) -> None:
    """A project that declares its dependencies is changed only if it is itself what is taken over.

    :raises LocalError: ``project-exists``
    """
    project = parse_document(old).get("project")
    folders = [(source if source.is_dir() else source.parent).resolve() for source in sources]
    own = any(
        found.files[0].startswith(FILE_NAME) and place == folder.resolve()
        for found, place in zip(read, folders, strict=True)
    )
    if isinstance(project, dict) and project.get("dependencies") and not own:
        text = f"{folder} already has a {FILE_NAME} with dependencies"
        raise LocalError("project-exists", text, hint="`mvlock add -r FILE` adds the requirements of a file to it")


def _this_python() -> str:
    return f">={sys.version_info.major}.{sys.version_info.minor}"


def _write(change: _Change, context: Context) -> None:
    file, old, new = change.file, change.old, change.new
    if old:
        for line in _diff(old, new):
            context.console.info(line)
        if new != old:
            replace_file(file, new.encode())
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(new)
    if change.found.locked and not (file.parent / "mv.lock").exists():
        write_preferred(file.parent, change.found.locked)


def _diff(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), FILE_NAME, FILE_NAME, lineterm="")
    return list(lines)


def _show_diff(old: str, new: str, context: Context) -> None:
    """Print what would be written: of a file that exists, the difference."""
    for line in _diff(old, new) if old else new.splitlines():
        context.console.data(line)


def _report(found: ForeignProject, adopted: Adopted, conflicts: list[Conflict], context: Context) -> None:
    console = context.console
    console.info(("Read", "bold green"), f" {', '.join(found.files)}: {adopted}")
    if found.locked:
        console.info(f"{len(found.locked)} locked versions are preferred by the first lock ({PREFERRED_FILE})")
    for conflict in conflicts:
        console.info(str(conflict))
    for omission in found.left_out:
        console.info(f"left out: {shortened(str(omission))}")


def _next_step(change: _Change, context: Context) -> None:
    """Say what to type next, or what is still wrong."""
    obstacle = _obstacle(change)
    if obstacle is not None:
        _warn("this project cannot be locked as is:", [obstacle], context)
        context.console.info("next: correct this, then run `mvlock resolve`")
        return
    python = load_project(change.file.parent, text=change.new).requires_python
    if python.contains(_UNSUPPORTED):
        text = f"requires-python '{python}' allows older Pythons than 3.10: mvlock locks for 3.10 and later"
        context.console.note(text)
    context.console.info(_NEXT)


def _next_step_of_all(changes: Mapping[str, _Change], arguments: Namespace, context: Context) -> None:
    """The same for a workspace; as long as that is not written, sources in it cannot be checked."""
    found = {name: _obstacle(change, is_written=not arguments.dry_run) for name, change in changes.items()}
    obstacles = [f"{name}: {text}" for name, text in found.items() if text is not None]
    if not obstacles:
        context.console.info(_NEXT)
        return
    _warn(f"{len(obstacles)} of {len(changes)} projects cannot be locked as is:", obstacles, context)
    context.console.info("next: correct this; until then `mvlock resolve` locks the others")


def _obstacle(change: _Change, *, is_written: bool = True) -> str | None:
    """Why a project cannot be locked as is: what only its backend knows, or what is wrong; None: it can."""
    missing = [str(omission) for omission in change.found.left_out if omission.is_essential]
    if missing:
        return "\n".join(missing)
    if is_written:
        try:
            load_project(change.file.parent, text=change.new)
        except LocalError as error:
            return error.message
    return None


def _warn(text: str, reasons: list[str], context: Context) -> None:
    """Print a warning that even ``-q`` shows, with its reasons below it."""
    shown = [shortened(reason).replace("\n", "\n    ") for reason in reasons[:_SHOWN]]
    shown += [f"and {len(reasons) - _SHOWN} more"] if len(reasons) > _SHOWN else []
    context.console.error(("warning", "bold yellow"), f": {text}", *(f"\n  {reason}" for reason in shown))
