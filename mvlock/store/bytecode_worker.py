"""Compile Python files on request. Run by the interpreter that will use them, so standard library only.

Each line of standard input is JSON: a list of ``[source, target, shown]``. Each answer is one line of JSON:
the list of sources that do not compile, or ``{"error": [number, text, file]}`` from the operating system.
``shown`` is the file name in tracebacks until the import system replaces it by the real one. With ``--unchecked``
the bytecode is used even if its source has changed (PEP 552).
"""

from __future__ import annotations

import json
import os
import py_compile
import sys

_PARENT = os.getppid()
_UNCHECKED = "--unchecked" in sys.argv
_MODE = py_compile.PycInvalidationMode.UNCHECKED_HASH if _UNCHECKED else py_compile.PycInvalidationMode.TIMESTAMP


def compile_all(jobs: list[list[str]]) -> list[str]:
    """Compile each job; returns the sources that this Python cannot compile."""
    return [job[0] for job in jobs if not _compile(*job)]


def _compile(source: str, target: str, shown: str) -> bool:
    if os.getppid() != _PARENT:
        os._exit(1)  # it was killed: nobody wants the result
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # pathlib doubles the start-up time
    try:
        py_compile.compile(source, cfile=target, dfile=shown, doraise=True, invalidation_mode=_MODE)
    except (py_compile.PyCompileError, ValueError, RecursionError):
        return False  # templates, test data, code for another Python: such files are never imported
    return True


def _answer(jobs: list[list[str]]) -> list[str] | dict[str, object]:
    try:
        return compile_all(jobs)
    except OSError as error:  # the disk is full
        return {"error": [error.errno, error.strerror, error.filename]}


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        answer = json.dumps(_answer(json.loads(line))) + "\n"
        try:
            os.write(1, answer.encode())
        except BrokenPipeError:
            os._exit(1)  # as above


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
