"""Works on files on request: compiles, links, looks. In processes: threads of one Python wait for each other.

Run by the interpreter that trees are made for, so standard library only. A request is its length in four bytes and
``(work, arguments)`` in the format of ``marshal``. So is the answer: a list, or the number, the text and the file of an
error from the operating system. That process writes the requests itself, so nothing is read from anywhere else.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FORMAT = 2
"""Of ``marshal``: one that every Python reads and writes."""
_IS_WINDOWS = os.name == "nt"
_PARENT = os.getppid()


def packed(value: object) -> bytes:
    """A request or an answer, with its length."""
    content = marshal.dumps(value, _FORMAT)  # type: ignore[arg-type]  # of plain types
    return len(content).to_bytes(4, "little") + content


def compile_files(unchecked: bool, jobs: Sequence[tuple[str, str, str]]) -> list[int]:
    """Compile each source to its target; returns the numbers of those that this Python cannot compile.

    The third of a job is the file name in tracebacks until the import system replaces it by the real one.
    ``unchecked``: the bytecode is used even if its source has changed (PEP 552).
    """
    import py_compile
    import warnings

    warnings.simplefilter("ignore")
    modes = py_compile.PycInvalidationMode
    mode = modes.UNCHECKED_HASH if unchecked else modes.TIMESTAMP
    failed = []
    for number, (source, target, shown) in enumerate(jobs):
        if os.getppid() != _PARENT:
            os._exit(1)  # it was killed: nobody wants the result
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # pathlib doubles the start-up time
        try:
            py_compile.compile(source, cfile=target, dfile=shown, doraise=True, invalidation_mode=mode)
        except (py_compile.PyCompileError, ValueError, RecursionError):
            failed.append(number)  # templates, test data, code for another Python: such files are never imported
    return failed


def link(root: str, files: Sequence[tuple[str, str]]) -> list[int]:
    """Link each source to its target, POSIX and below ``root``; returns the numbers of those that cannot be linked."""
    failed, made, last = [], {root}, ""
    for number, (source, target) in enumerate(files):
        try:
            above = target.rpartition("/")[0]
            if above != last:  # most files are in the folder of the one before
                _make(f"{root}/{above}" if above else root, made)
                last = above
            os.link(source, f"{root}/{target}")
        except OSError:
            failed.append(number)
    return failed


def look(folder: str, since: int, files: Sequence[tuple[str, int, bool]]) -> list[int]:
    """Compare each path below ``folder`` with its size and whether it can be executed.

    Returns the numbers of those that differ, or whose status has changed ``since`` then, in nanoseconds.
    """
    doubtful = []
    for number, (path, size, executable) in enumerate(files):
        try:
            status = os.stat(f"{folder}/{path}")  # noqa: PTH116  # as above
        except OSError:
            doubtful.append(number)
            continue
        is_right = executable <= bool(status.st_mode & stat.S_IXUSR or _IS_WINDOWS)
        if status.st_ctime_ns >= since or status.st_size != size or not is_right:
            doubtful.append(number)
    return doubtful


WORK: dict[str, Callable[..., list[int]]] = {"compile": compile_files, "link": link, "look": look}


def _make(folder: str, made: set[str]) -> None:
    if folder in made:
        return
    _make(folder.rpartition("/")[0], made)
    try:  # noqa: SIM105  # contextlib triples the start-up time
        os.mkdir(folder)  # noqa: PTH102
    except FileExistsError:
        pass
    made.add(folder)


def _answer(work: str, arguments: tuple[object, ...]) -> object:
    try:
        return WORK[work](*arguments)
    except OSError as error:  # the disk is full
        return error.errno, error.strerror, error.filename


def main() -> None:
    """Answer until standard input ends."""
    requests = sys.stdin.buffer
    while len(length := requests.read(4)) == 4:
        answer = _answer(*marshal.loads(requests.read(int.from_bytes(length, "little"))))
        try:
            os.write(1, packed(answer))
        except BrokenPipeError:  # nobody wants the answer
            return


if __name__ == "__main__":
    main()
