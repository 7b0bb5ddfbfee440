"""``mvlock doctor``: does this machine, and this project, have what mvlock needs?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from packaging.specifiers import SpecifierSet

from mvlock import __version__
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import MvlockError
from mvlock.index.other_installers import advice, further_advice, network_advice
from mvlock.install.generated_folders import check_application_folder
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.operations.interpreters import interpreter_of
from mvlock.operations.opened_project import LOCK_FILE, OpenedProject
from mvlock.project.folders import missing_folders


class Finding(msgspec.Struct, frozen=True):
    """The result of one check. ``level``: ``ok``, ``warning`` or ``error``."""

    level: str
    text: str


_LIMITS_CODE = "import importshim; print(*importshim.limits(), sep=chr(10))"
_TIMEOUT_SECONDS = 20
_LABELS = {"ok": ("ok     ", "green"), "warning": ("warning", "yellow"), "error": ("error  ", "bold red")}


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per finding; exit code 1 if one of them is an error."""
    findings = list(_findings(option_values(arguments).text("python"), context))
    for finding in findings:
        context.console.data(_LABELS[finding.level], f"  {finding.text}")
    return 1 if any(finding.level == "error" for finding in findings) else 0


def _findings(python: str | None, context: Context) -> Iterator[Finding]:
    yield Finding("ok", f"mvlock {__version__} on Python {sys.version.split()[0]}")
    cache = context.options.cache
    yield _cache(cache)
    yield from _user_files(context)
    yield (
        Finding("ok", "git was found")
        if shutil.which("git")
        else Finding("warning", "git is not on PATH: sources with 'git' will not work")
    )
    try:
        opened = open_project(context.options)
    except MvlockError as error:
        yield Finding(_level(error, context), error.message)
        yield _interpreter(lambda: find_interpreter(SpecifierSet(">=3.10"), python, search=Search(cache=cache)))
        return
    yield Finding("ok", f"project {opened.project.name} in {opened.project.root}")
    if opened.project.workspace is not None:
        yield Finding("ok", f"it is a member of the workspace in {opened.project.workspace}")
    yield from (Finding("warning", text) for text in missing_folders(opened.project))
    yield _interpreter(lambda: interpreter_of(opened.project, python, context.machine, opened.lock))
    yield _lock(opened)
    if cache.is_dir():
        yield _link_support(cache, opened.project.root)
    yield _installed(opened)
    yield from _runtime(opened)
    yield from _imports(opened, python, context)


def _level(error: MvlockError, context: Context) -> str:
    """How bad it is that there is no project."""
    if error.code == "workspace-virtual":
        return "ok"
    return "warning" if error.code == "project-missing" and not context.options.project else "error"


def _user_files(context: Context) -> Iterator[Finding]:
    """The files with settings that apply; that they can be read is known already."""
    sources = {str(path) for _, path in context.options.user.found.values()}
    yield from (Finding("ok", f"settings in {path}") for path in sorted(sources))
    advised = advice(context.options.environ)
    if advised is not None and context.options.user.text("index-url") is None:
        yield Finding("ok", advised)
    for text in (*further_advice(context.options.environ), *network_advice(context.options.environ)):
        yield Finding("ok", text)


def _cache(cache: Path) -> Finding:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            return Finding("ok", f"cache in {cache}")
    except OSError as error:
        return Finding("error", f"the cache directory {cache} cannot be written: {error.strerror}")


def _interpreter(found: Callable[[], Interpreter]) -> Finding:
    try:
        interpreter = found()
    except MvlockError as error:
        return Finding("error", error.message)
    libc = f", {interpreter.libc}" if interpreter.libc else ""
    return Finding("ok", f"Python {interpreter.version} at {interpreter.path} ({interpreter.platform}{libc})")


def _lock(opened: OpenedProject) -> Finding:
    if opened.lock is None:
        return Finding("warning", f"no {LOCK_FILE} yet: run `mvlock resolve`")
    if opened.is_stale:
        return Finding("warning", f"{LOCK_FILE} is stale: run `mvlock resolve`")
    trees = len(opened.lock.trees)
    return Finding("ok", f"{LOCK_FILE} is up to date: {trees} {'tree' if trees == 1 else 'trees'}")


def _link_support(cache: Path, root: Path) -> Finding:
    """Hard links need one file system for both folders."""
    try:
        with tempfile.TemporaryDirectory(dir=cache) as in_cache, tempfile.TemporaryDirectory(dir=root) as in_project:
            return _try_link(Path(in_cache, "file"), Path(in_project, "file"))
    except OSError as error:
        return Finding("error", f"nothing can be written to {Path(error.filename).parent}: {error.strerror}")


def _try_link(source: Path, target: Path) -> Finding:
    source.touch()
    try:
        os.link(source, target)
    except OSError:
        text = "files must be copied: the cache is on another file system than the project"
        return Finding("warning", f"{text}; `--cache-dir` can name one on the same file system")
    return Finding("ok", "files of the cache can be linked into the project")


def _installed(opened: OpenedProject) -> Finding:
    app = opened.project.root / opened.project.app
    try:
        check_application_folder(opened.project)
    except MvlockError as error:
        return Finding("error", f"{error.message}; {error.hint}")
    if not app.is_dir():
        return Finding("warning", f"{opened.project.app}/ does not exist yet: run `mvlock install`")
    return Finding("ok", f"the application's environment is in {opened.project.app}/")


def _runtime(opened: OpenedProject) -> Iterator[Finding]:
    """What the runtime lacks, according to the application's interpreter."""
    from mvlock.commands.run import application_python

    python = application_python(opened.project.root / opened.project.app)
    if not python.exists():
        return
    try:
        process = subprocess.run(
            [python, "-c", _LIMITS_CODE], capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("error", f"{python} does not run: {error}")
        return
    yield from (Finding("warning", line) for line in process.stdout.splitlines() if line)


def _imports(opened: OpenedProject, python: str | None, context: Context) -> Iterator[Finding]:
    """Imports of the application that will fail."""
    from mvlock.commands.imports import undeclared_imports
    from mvlock.install.undeclared import missing_message, undeclared_message

    if opened.lock is None:
        return
    try:
        interpreter = interpreter_of(opened.project, python, context.machine, opened.lock)
    except MvlockError:
        return
    undeclared = undeclared_imports(opened.project, opened.lock, interpreter)
    yield from (
        Finding("warning", text) for text in (undeclared_message(undeclared), missing_message(undeclared)) if text
    )
