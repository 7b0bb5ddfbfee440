"""What ends a command from outside: Ctrl-C, a request to end, a terminal that closes.

Until the command itself runs, and if a second signal comes while it tidies up, the process ends at once. Otherwise the
signal is raised in the main thread, outside of imports: drafts are removed, and processes that were started end first.
Once a command has come to its end and has said so, a signal changes nothing any more: no exit code without a word.
What was ignored when the process began, as ``nohup`` has it, stays ignored.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from time import sleep

from mvlock.base import sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_NUMBERS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_IMPORT = "<frozen importlib._bootstrap>"
_PAUSE = 0.005
_SHOW_CURSOR = b"\x1b[?25h"


class Signalled(KeyboardInterrupt):
    """A signal, raised. ``exit_code``: that of a program that it ended, as shells report it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.exit_code = 128 + number
        self.word = "interrupted" if number == signal.SIGINT else "terminated"


def signalled_by(error: KeyboardInterrupt) -> Signalled:
    """The signal that was raised; one that Python raised itself is SIGINT."""
    return error if isinstance(error, Signalled) else Signalled(signal.SIGINT)


def end_at_once_on_signals() -> None:
    """From now on, a signal ends the process: there is nothing to tidy up."""
    for number in _NUMBERS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


@atexit.register
def _ignore() -> None:
    """Nothing is left to end: Python gives signals back to the system next, which would end the process silently."""
    for number in _handled_by(_end, _raise):
        signal.signal(number, signal.SIG_IGN)


def tidy_up_on_signals() -> None:
    """From now on, the first signal is raised; only where ``end_at_once_on_signals`` was called before."""
    for number in _handled_by(_end):
        signal.signal(number, _raise)
        sys.unraisablehook = _raise_again


def _handled_by(*handlers: object) -> list[int]:
    return [number for number in _NUMBERS if signal.getsignal(number) in handlers]


def _raise(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        _send_again(number)
        return
    end_at_once_on_signals()
    raise Signalled(number)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported: its C code may drop the exception, and go on with half a class."""
    while frame is not None and frame.f_code.co_filename != _IMPORT:
        frame = frame.f_back
    return frame is not None


def _send_again(number: int) -> None:
    """Send a signal to this process a little later."""
    from _thread import start_new_thread

    def send() -> None:
        sleep(_PAUSE)
        signal.raise_signal(number)

    start_new_thread(send, ())


def _end(number: int, frame: FrameType | None) -> NoReturn:
    with suppress(OSError):
        os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + Signalled(number).word.encode() + b"\n")
    sessions.kill_all()
    os._exit(128 + number)


def _raise_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised while it frees objects, and prints that; a signal must not be lost there."""
    error = unraisable.exc_value
    if not isinstance(error, Signalled):
        sys.__unraisablehook__(unraisable)
        return
    tidy_up_on_signals()
    _send_again(error.number)
