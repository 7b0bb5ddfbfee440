"""The command line: turns arguments into calls of the layers, and their results into text.

Nothing is imported before ``main`` can handle its errors, and nothing heavy before the command is known: ``--version``
and ``--help`` answer at once, and an interrupt while modules load gives no traceback.
"""

from __future__ import annotations

import atexit
import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from mvlock.commands.console import Console
    from mvlock.commands.log_file import LogFile
    from mvlock.commands.options import Context, Options

_COLLECT_RARELY = (100_000, 20, 20)
"""A command makes many values and few cycles: at the usual thresholds, looking for these takes a tenth of its time."""

_WITHOUT_CACHE = ("completion", "help", "version")
_REMOVING = ("clean", "prune")
"""Actions of ``mvlock cache``."""

_MODULES = {"list": "listing"}
"""Commands whose module has another name: a module ``list`` of this package would hide the builtin here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (interface: 0, 1, 2, 3, 4, 70; 130 or 143 when a signal ends it).

    ``argv`` None: as the program that this process is, which also handles its signals.
    """
    if argv is None:
        _end_silently_on_interrupt()
        from mvlock.commands.again import is_answered

        if is_answered(sys.argv[1:]):
            return 0
    from mvlock.base.umask import keep_others_out
    from mvlock.commands.signals import end_at_once_on_signals, signalled_by

    if argv is None:
        end_at_once_on_signals()
        keep_others_out()
    gc.set_threshold(*_COLLECT_RARELY)
    atexit.register(gc.freeze)  # a last search for cycles would take a twentieth of a small install
    try:
        code = _run_reporting_errors(list(sys.argv[1:] if argv is None else argv))
        if argv is None:
            end_at_once_on_signals()
    except KeyboardInterrupt as error:
        from mvlock.base.drafts import remove_own_drafts

        remove_own_drafts()
        atexit.register(remove_own_drafts)  # after the last thread: a signal may end the wait for it
        _say(signalled_by(error).word)
        code = signalled_by(error).exit_code
    return code


def _end_silently_on_interrupt() -> None:
    """Until there is a handler: to import ``signal`` takes long enough for a traceback."""
    import _signal  # type: ignore[import-not-found]  # built in

    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def _say(word: str) -> None:
    """The terminal may be gone: that is what SIGHUP is about."""
    from contextlib import suppress

    with suppress(OSError):
        sys.stderr.write(f"{word}\n")
        sys.stderr.flush()


def _run_reporting_errors(arguments: list[str]) -> int:
    from mvlock.commands.console import Console
    from mvlock.commands.signals import signalled_by

    console = Console()
    try:
        code = execute(arguments, console)
        console.flush()
    except Exception as error:  # the last resort: anything unexpected is reported in one message
        from mvlock.commands.failure import report, wants_json

        code = report(error, console, as_json=wants_json(arguments))
    except KeyboardInterrupt as error:
        console.finish(signalled_by(error).exit_code)
        raise
    console.finish(code)
    return code


def execute(argv: list[str], console: Console) -> int:
    """Run one command line and return its exit code; ``main`` reports errors.

    :raises MvlockError: the command ends with an error
    """
    from mvlock.commands.arguments import parse
    from mvlock.commands.members import chosen_members
    from mvlock.commands.options import Context, read_options

    arguments = parse(argv)
    if arguments is None:
        return 2
    options = read_options(arguments)
    console.configure(options, _log(options, argv))
    context = Context(options, console)
    with _using_cache(arguments, context):
        members = chosen_members(arguments, options)
        if not members:
            code = _execute(arguments, context)
            if code == 0:
                from mvlock.commands.again import remember

                remember(arguments, context)
            return code
        from mvlock.commands.execution import execute_for

        return execute_for(members, _execute, arguments, context)


def _execute(arguments: Namespace, context: Context) -> int:
    """Execute one command for one project."""
    from mvlock.commands.signals import tidy_up_on_signals

    try:
        command = _command(arguments.command)
        tidy_up_on_signals()
        return command(arguments, context)
    except BrokenPipeError:
        raise
    except OSError as error:
        from mvlock.commands.failure import described_os_error

        raise described_os_error(error, context.options) from error


def _using_cache(arguments: Namespace, context: Context) -> AbstractContextManager[None]:
    """Commands that do not use the cache create nothing. What ``mvlock run`` becomes does not hold the lock."""
    if arguments.command in _WITHOUT_CACHE:
        from contextlib import nullcontext

        return nullcontext()
    from mvlock.commands.options import option_values
    from mvlock.operations.cache_lock import check_owner, locked_cache

    if option_values(arguments).text("cache_dir") is None:
        check_owner(context.options.cache)
    return locked_cache(context.machine, removing=arguments.command == "cache" and arguments.action in _REMOVING)


def _log(options: Options, argv: Sequence[str]) -> LogFile | None:
    if options.log is None:
        return None
    from mvlock.commands.log_file import LogFile

    return LogFile(options.log, argv)


def _command(name: str) -> Callable[..., int]:
    """The ``execute`` of a command's module, which is imported now."""
    from importlib import import_module

    execute: Callable[..., int] = import_module(f"mvlock.commands.{_MODULES.get(name, name)}").execute
    return execute
