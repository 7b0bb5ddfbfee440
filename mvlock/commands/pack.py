"""``mvlock pack``: one archive of app/ and py_modules/ that starts on another machine."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.commands.advice import advised
from mvlock.commands.installing import install_options, install_request
from mvlock.commands.options import Shell, given
from mvlock.commands.verify import failed
from mvlock.commands.workspace import open_workspace
from mvlock.errors import UsageError
from mvlock.interpreter.model import Interpreter
from mvlock.pack.archive import FORMATS, kind_of
from mvlock.pack.project import UNPACK_SCRIPT, Packed, pack_project
from mvlock.project.model import Project


def execute(arguments: Namespace, shell: Shell) -> int:
    """Verify, write the archive, and report what must be copied with it.

    :raises AnswerIsNo: ``verification-failed``, ``pack-outside``
    :raises UsageError: ``usage``, ``folder-invalid``
    """
    workspace = open_workspace(shell.options)
    project, lock = workspace.project, workspace.current_lock(frozen=arguments.frozen)
    options = install_options(project, lock, install_request(given(arguments), project, lock), shell)
    output, kind = _output(arguments, project, options.interpreter)
    with advised(project, lock):
        bytecode = not arguments.no_bytecode
        packed = pack_project(project, lock, output, kind, options=options, bytecode=bytecode, reporter=shell.console)
    if packed.findings.trees:
        raise failed(project, packed.findings)
    _tell(packed, output, project.app, options.interpreter, shell)
    return 0


def _tell(packed: Packed, output: Path, app: str, interpreter: Interpreter, shell: Shell) -> None:
    talk, script = shell.console.talk, f"`python{interpreter.minor} {app}/{UNPACK_SCRIPT}`"
    talk(f"Packed {packed.files} files into {output} ({packed.size / 1e6:.1f} MB)")
    talk(f"It runs where Python {interpreter.minor} is at {interpreter.path}; elsewhere run {script} first")
    if packed.beside:
        shell.console.note(
            f"the archive lacks the editable sources: send {', '.join(packed.beside)} with the application's files"
        )


def _output(arguments: Namespace, project: Project, interpreter: Interpreter) -> tuple[Path, str]:
    """The path of the archive, and its format: as requested, from the file's name, or the default."""
    asked = Path(arguments.output).absolute() if arguments.output else project.root
    named = None if asked.is_dir() else kind_of(asked)
    kind = arguments.format or named or (FORMATS[0] if asked.is_dir() else None)
    if kind is None:
        endings = ", ".join(f".{one}" for one in FORMATS)
        raise UsageError(
            "usage", f"the format of '{asked.name}' is not known", hint=f"name it {endings}, or use --format"
        )
    output = asked / f"{_stem(project, interpreter)}.{kind}" if asked.is_dir() else asked
    for folder in (project.app, project.modules):
        if output.resolve().is_relative_to((project.root / folder).resolve()):
            raise UsageError("folder-invalid", f"the archive cannot be in {folder}/, which it contains")
    return output, kind


def _stem(project: Project, interpreter: Interpreter) -> str:
    return f"{canonicalize_name(project.name)}-{interpreter.cache_tag}-{interpreter.platform}"
