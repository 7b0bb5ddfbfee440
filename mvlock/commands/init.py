"""``mvlock init``: a pyproject.toml to start from."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.base import atomic
from mvlock.commands.new_script import start_script
from mvlock.commands.options import Context, Options
from mvlock.errors import LocalError
from mvlock.operations.project_lock import locked_project
from mvlock.project.location import FILE_NAME
from mvlock.project.workspace import Workspace, workspace_around, workspace_of

_IGNORED = ("app/", "py_modules/")


def execute(arguments: Namespace, context: Context) -> int:
    """Write pyproject.toml, and make git ignore generated folders. Overwrites nothing."""
    if arguments.script is not None:
        return start_script(arguments, context)
    folder = _folder(arguments.folder, context.options)
    with locked_project(folder, context.machine) if folder.is_dir() and not arguments.dry_run else nullcontext():
        return _start(arguments, folder, context)


def _start(arguments: Namespace, folder: Path, context: Context) -> int:
    if arguments.sources:
        from mvlock.commands.init_from import init_from

        code = init_from(arguments, folder, context)
        if not arguments.dry_run:
            _ignore(folder / ".gitignore")
        return code
    name = project_name(arguments.name, folder)
    if (folder / FILE_NAME).exists():
        raise LocalError("project-exists", f"{folder} already has a {FILE_NAME}")
    around = workspace_around(folder)
    if around is not None and name in around.members:
        text = f"the workspace in {around.root} already has a member '{name}', in {around.members[name]}"
        raise LocalError("project-exists", text, hint="give it another name with `--name NAME`")
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / FILE_NAME, _manifest(name).encode())
    _ignore(folder / ".gitignore")
    context.console.info(("Started", "bold green"), f" {name} in {folder}")
    if around is not None:
        _report_membership(around, folder, context)
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


def _manifest(name: str) -> str:
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f'[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = ">={minor}"\n'
        "dependencies = []  # each becomes a tree of its own: `mvlock add NAME`\n"
    )


def _ignore(file: Path) -> None:
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [line for line in _IGNORED if line not in old.splitlines()]
    if missing:
        gap = "" if not old or old.endswith("\n") else "\n"
        file.write_text(old + gap + "\n".join(missing) + "\n", encoding="utf-8")
