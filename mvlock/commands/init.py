"""``mvlock init``: a pyproject.toml to start from."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.base import atomic
from mvlock.commands.new_script import start_script
from mvlock.commands.options import Context, Options
from mvlock.errors import LocalError
from mvlock.install.generated_folders import other_folders
from mvlock.operations.project_lock import locked_project
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME, from_hint
from mvlock.project.other_tools import convert_hint
from mvlock.project.pep621 import table_in
from mvlock.project.settings import MvlockTable
from mvlock.project.workspace import Workspace, usual_python, workspace_around, workspace_of


def execute(arguments: Namespace, context: Context) -> int:
    """Write pyproject.toml, with other folders for what is generated if there is something else. Overwrites nothing."""
    if arguments.script is not None:
        return start_script(arguments, context)
    folder = _folder(arguments.folder, context.options)
    with locked_project(folder, context.machine) if folder.is_dir() and not arguments.dry_run else nullcontext():
        return _start(arguments, folder, context)


def _start(arguments: Namespace, folder: Path, context: Context) -> int:
    if arguments.sources:
        from mvlock.commands.init_from import init_from

        return init_from(arguments, folder, context)
    name = project_name(arguments.name, folder)
    if (folder / FILE_NAME).exists():
        raise LocalError("project-exists", f"{folder} already has a {FILE_NAME}", hint=_hint(folder))
    around = workspace_around(folder)
    if around is not None and name in around.members:
        text = f"the workspace in {around.root} already has a member '{name}', in {around.members[name]}"
        raise LocalError("project-exists", text, hint="give it another name with `--name NAME`")
    folder.mkdir(parents=True, exist_ok=True)
    folders = other_folders(folder)
    python = usual_python(around) if around is not None else None
    atomic.write(folder / FILE_NAME, _manifest(name, folders, python or _running_python()).encode())
    context.console.info(("Started", "bold green"), f" {name} in {folder}")
    if around is not None:
        _report_membership(around, folder, context)
    report_folders(folders, context)
    hint = from_hint(folder)
    if hint is not None:
        context.console.info(f"next: {hint}")
    return 0


def _report_membership(around: Workspace, folder: Path, context: Context) -> None:
    """Say whether a new project is a member of the workspace that it is in, and if not, what would make it one."""
    if workspace_of(folder) is not None:
        context.console.info(f"It is a member of the workspace in {around.root}")
    else:
        place = Path(os.path.relpath(folder.resolve(), around.root)).as_posix()
        text = (
            f'it is no member of the workspace in {around.root}; "{place}" in `members` of its {FILE_NAME} makes it one'
        )
        context.console.note(text)


def _hint(folder: Path) -> str | None:
    """How a project that has no dependencies yet gets them from what is there."""
    document = parse_document(read_text(folder / FILE_NAME))
    if table_in(document, "project").get("dependencies"):
        return None
    return f"`mvlock init --from {FILE_NAME}` adds [project]" if convert_hint(document) else from_hint(folder)


def _folder(text: str | None, options: Options) -> Path:
    base = options.project or Path.cwd()
    return base / text if text else base


def project_name(text: str | None, folder: Path) -> NormalizedName:
    """The given name, or one made from the folder's name."""
    candidate = text or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._") or "app"
    try:
        return canonicalize_name(candidate, validate=True)
    except InvalidName as error:
        raise LocalError("name-invalid", f"'{candidate}' cannot be the name of a project") from error


def report_folders(folders: Mapping[str, str], context: Context) -> None:
    """Say which folders an install does not generate under their usual names."""
    for key, name in folders.items():
        usual = getattr(MvlockTable(), key)
        context.console.info(f'{usual}/ was not made by mvlock, and stays as it is: {key} = "{name}" in [tool.mvlock]')


def _running_python() -> str:
    return f">={sys.version_info.major}.{sys.version_info.minor}"


def _manifest(name: str, folders: Mapping[str, str], python: str) -> str:
    return (
        f'[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = "{python}"\n'
        "dependencies = []  # each becomes a tree of its own: `mvlock add NAME`\n"
    ) + _table(folders)


def _table(folders: Mapping[str, str]) -> str:
    rows = [f'{key} = "{name}"\n' for key, name in folders.items()]
    return "".join(["\n[tool.mvlock]\n", *rows]) if rows else ""
