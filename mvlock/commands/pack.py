"""``mvlock pack``: one archive of app/ and py_modules/ that starts on another machine."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.commands.installing import install_request
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import LocalError
from mvlock.interpreter.model import Interpreter
from mvlock.operations.install_hints import adding_hints
from mvlock.operations.installing import check_findings, install_options
from mvlock.operations.project_lock import locked_project
from mvlock.pack.archive import FORMATS, kind_of
from mvlock.pack.project import UNPACK_SCRIPT, Packed, pack_project
from mvlock.project.model import Project


def execute(arguments: Namespace, context: Context) -> int:
    """Verify, write the archive, and report what must be copied with it.

    :raises UnmetRequest: ``verification-failed``, ``pack-outside``
    :raises LocalError: ``usage``, ``folder-invalid``
    """
    opened = open_project(context.options)
    project, lock = opened.project, opened.current_lock(frozen=option_values(arguments).flag("frozen"))
    options = install_options(project, lock, install_request(option_values(arguments), project, lock), context.machine)
    output, archive_format = _output(arguments, project, options.interpreter)
    with context.console.task("Packing"), adding_hints(project, lock), locked_project(project.root, context.machine):
        bytecode = not arguments.no_bytecode
        packed = pack_project(
            project, lock, output, archive_format, options=options, bytecode=bytecode, reporter=context.console
        )
    check_findings(project, packed.findings)
    _report(packed, output, project.app, options.interpreter, context)
    return 0


def _report(packed: Packed, output: Path, app: str, interpreter: Interpreter, context: Context) -> None:
    info, script = context.console.info, f"`python{interpreter.minor} {app}/{UNPACK_SCRIPT}`"
    info(f"Packed {packed.files} files into {output} ({packed.size / 1e6:.1f} MB)")
    info(f"It runs where Python {interpreter.minor} is at {interpreter.path}; elsewhere run {script} first")
    if packed.outside:
        context.console.note(
            "editable sources are not in the archive; copy them together with the application: "
            + ", ".join(packed.outside)
        )


def _output(arguments: Namespace, project: Project, interpreter: Interpreter) -> tuple[Path, str]:
    """The path of the archive, and its format: as requested, from the file's name, or the default."""
    requested = Path(arguments.output).absolute() if arguments.output else project.root
    named = None if requested.is_dir() else kind_of(requested)
    archive_format = arguments.format or named or (FORMATS[0] if requested.is_dir() else None)
    if archive_format is None:
        endings = ", ".join(f".{format_name}" for format_name in FORMATS)
        raise LocalError(
            "usage", f"the format of '{requested.name}' is not known", hint=f"name it {endings}, or use --format"
        )
    output = requested / f"{_stem(project, interpreter)}.{archive_format}" if requested.is_dir() else requested
    for folder in (project.app, project.modules):
        if output.resolve().is_relative_to((project.root / folder).resolve()):
            raise LocalError("folder-invalid", f"the archive cannot be in {folder}/, which it contains")
    return output, archive_format


def _stem(project: Project, interpreter: Interpreter) -> str:
    return f"{canonicalize_name(project.name)}-{interpreter.cache_tag}-{interpreter.platform}"
