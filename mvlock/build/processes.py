"""The processes of builds, which end with the work that they are for: if one fails, or on Ctrl-C, all end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import IO, Any

from mvlock.base.sessions import RUNNING
from mvlock.store.processes import NEW_SESSION

_PATIENCE = 2.0
"""Seconds in which a process may tidy up."""


class Processes:
    """Processes of one run. Thread-safe."""

    def __init__(self) -> None:
        self._running: dict[subprocess.Popen[Any], bool] = {}
        """With whether all that a process starts is in a session of its own, and ends with it."""
        self._lock = Lock()
        self.stopped = False

    def run(self, command: Sequence[str], output: IO[bytes], folder: str | None, variables: Mapping[str, str]) -> None:
        """Run a build; all that it and its children print goes to ``output``.

        :raises subprocess.CalledProcessError: it failed, or was ended
        """
        process = self._start(
            command, True, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT, **NEW_SESSION
        )
        try:
            code = process.wait()
        finally:
            self._forget(process)
        if code:
            raise subprocess.CalledProcessError(code, command)

    def ask(self, command: Sequence[str], variables: Mapping[str, str]) -> tuple[int, str, str]:
        """Exit code, standard output and errors of a program. It may use the terminal, to ask for a password."""
        pipe = subprocess.PIPE
        process = self._start(command, False, env=variables, stdout=pipe, stderr=pipe, text=True, errors="replace")
        try:
            output, errors = process.communicate()
        finally:
            self._forget(process)
        return process.returncode, output, errors

    def stop(self) -> None:
        """End all, with what they have started; later ones fail."""
        with self._lock:
            self.stopped = True
            running = dict(self._running)
        for process, has_session in running.items():
            _end(process, has_session)

    def _start(self, command: Sequence[str], has_session: bool, **options: Any) -> subprocess.Popen[Any]:
        with self._lock:
            if self.stopped:
                raise subprocess.CalledProcessError(-1, command)
            process: subprocess.Popen[Any] = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
            self._running[process] = has_session
            if has_session:
                RUNNING.add(process.pid)
        return process

    def _forget(self, process: subprocess.Popen[Any]) -> None:
        """It has ended; or an interrupt has ended the wait for it, and so it must end too."""
        with self._lock:
            has_session = self._running.pop(process)
        if process.poll() is None:
            _end(process, has_session)
        RUNNING.discard(process.pid)


def _end(process: subprocess.Popen[Any], has_session: bool) -> None:
    if os.name == "nt" or not has_session:
        process.terminate()
        return
    from signal import SIGKILL, SIGTERM

    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        os.killpg(process.pid, SIGKILL)
