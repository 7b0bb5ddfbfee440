"""Packing a project: its locked environments as one archive."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

import msgspec

from mvlock.environment.layout import Layout
from mvlock.install.findings import Findings
from mvlock.install.options import InstallOptions
from mvlock.install.project import verify_project
from mvlock.install.receipts import read_trees
from mvlock.interpreter.model import Interpreter
from mvlock.lock.model import Lock
from mvlock.pack.archive import write_archive
from mvlock.pack.content import Environment
from mvlock.pack.entry import Entry, File
from mvlock.pack.outside import outside_folders
from mvlock.progress import Reporter
from mvlock.project.model import Project

UNPACK_SCRIPT = "unpack.py"


class Packed(msgspec.Struct, frozen=True):
    """The result. ``outside``: folders of the project that the trees use and that are not in the archive."""

    findings: Findings
    size: int = 0
    files: int = 0
    outside: tuple[str, ...] = ()


def pack_project(
    project: Project,
    lock: Lock,
    output: Path,
    kind: str,
    *,
    options: InstallOptions,
    bytecode: bool,
    reporter: Reporter,
) -> Packed:
    """Write app/ and py_modules/ to ``output``, in the format ``kind``, if they are what ``lock`` says.

    The archive appears by rename. If verification has findings, nothing is written. No other process may work on the
    project meanwhile.

    :raises UnmetRequest: ``pack-outside``; see ``verify_project``
    """
    with reporter.task("Verifying"):
        findings = verify_project(project, lock, options=options)
    if findings.trees:
        return Packed(findings)
    receipts = {
        name: receipt for name, receipt in read_trees(project.root / project.modules).items() if receipt is not None
    }
    outside = outside_folders(project, lock, receipts, Layout.of(options.interpreter))
    trees = [f"{project.modules}/{name}" for name in receipts]
    entries = list(_entries(project, trees, options.interpreter, bytecode=bytecode))
    size = _write(output, entries, kind, reporter)
    return Packed(findings, size, len(entries), outside)


def _entries(project: Project, trees: list[str], interpreter: Interpreter, *, bytecode: bool) -> Iterator[Entry]:
    application = Environment(project.root, project.app, interpreter, bytecode)
    yield File(f"{project.app}/{UNPACK_SCRIPT}", unpack_script(application, trees))
    yield from application.entries()
    for tree in trees:
        yield from Environment(project.root, tree, interpreter, bytecode).entries()


def unpack_script(application: Environment, trees: list[str]) -> bytes:
    """The program that points ``application`` and ``trees`` (relative to the project) at another interpreter."""
    interpreter, layout = application.interpreter, application.layout
    facts = {
        "environments": [".", *(PurePath(os.path.relpath(tree, application.at)).as_posix() for tree in trees)],
        "executables": layout.executables,
        "machine": interpreter.environment["platform_machine"],
        "scripts": layout.scripts,
        "suffix": interpreter.extension_suffix,
        "version": interpreter.minor,
    }
    text = Path(__file__).with_name(UNPACK_SCRIPT).read_text("utf-8")
    return text.replace('"@ARCHIVE@"', repr(json.dumps(facts, sort_keys=True))).encode()


def _write(output: Path, entries: list[Entry], kind: str, reporter: Reporter) -> int:
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.{os.getpid()}.new")
    try:
        with reporter.task("Writing", total=len(entries), unit="files") as task, temporary.open("xb") as stream:
            write_archive(stream, entries, kind, task.advance)
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    return output.stat().st_size
