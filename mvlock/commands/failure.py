"""How a command fails: one clear message, the right exit code, a traceback only with ``-v``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from mvlock.commands.console import Console
from mvlock.commands.options import Options
from mvlock.commands.shortening import shortened
from mvlock.errors import LocalError, MvlockError

_OUR_BUG = 70
_MOST_LINES = 60
_BROKEN_PIPE = 141
"""The exit code of a program that was ended by SIGPIPE, as shells report it."""


def wants_json(argv: Sequence[str]) -> bool:
    """Whether errors also go to standard output as JSON; works before the command line is parsed."""
    before_command = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in before_command and "run" not in before_command


def report(error: Exception, console: Console, *, as_json: bool) -> int:
    """Report ``error`` and return the exit code."""
    console.close()
    if isinstance(error, BrokenPipeError):
        _discard_standard_output()
        return _BROKEN_PIPE
    known = _as_mvlock_error(error)
    if as_json:
        _show_json(known or _bug(error), console)
    elif known is not None:
        _show(known, console)
    else:
        _show_bug(error, console)
    return known.exit_code if known is not None else _OUR_BUG


def _as_mvlock_error(error: Exception) -> MvlockError | None:
    """The error as one of ours, also if it is from the operating system, which is for the user to fix."""
    if isinstance(error, MvlockError):
        return error
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        return LocalError("system-refused", f"{where}{error.strerror or error}")
    return None


def described_os_error(error: OSError, options: Options) -> Exception:
    """An error of the operating system, described by the folders that the command works on."""
    from mvlock.base.os_errors import file_system_error

    if error.errno is None:
        return error
    folders = {"the cache": options.cache}
    with suppress(MvlockError, OSError):
        folders["the project"] = options.root
    return file_system_error(error, folders)


def _bug(error: Exception) -> MvlockError:
    return MvlockError("bug", f"{type(error).__name__}: {error}", hint="this is a bug in mvlock")


def _show(error: MvlockError, console: Console) -> None:
    console.error(("error", "bold red"), f": {_on_one_screen(error.message)}")
    if error.hint:
        console.error("")
        console.error(("hint", "bold cyan"), f": {_on_one_screen(error.hint)}")


def _show_bug(error: Exception, console: Console) -> None:
    from traceback import format_exception

    console.detail("".join(format_exception(error)).rstrip())
    console.error(("error", "bold red"), f": this is a bug in mvlock ({type(error).__name__}: {error})")
    console.error("")
    console.error(("hint", "bold cyan"), ": report it with the log that the same command writes with --log-file PATH")


def _on_one_screen(text: str) -> str:
    """A message that fits on a screen, whatever it quotes; ``--json`` has all of it."""
    lines = shortened(text).splitlines()
    more = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], f"and {more} more lines; `--json` has them"] if more > 0 else lines)


def _show_json(error: MvlockError, console: Console) -> None:
    facts = {"code": error.code, "message": error.message, "hint": error.hint, "facts": error.facts}
    console.data(json.dumps({"error": facts, "exit-code": error.exit_code}, indent=2, default=str))
    console.flush()


def _discard_standard_output() -> None:
    """The reader of standard output is gone: keep the interpreter from failing when it flushes at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
