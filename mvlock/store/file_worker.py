"""Look at files and link them on request, in a process of its own: threads of one Python wait for each other.

Run by the interpreter that trees are made for, so standard library only. A request is its length in four bytes and
``(work, arguments)`` in the format of ``marshal``; so is the answer: the numbers of the files that are not as usual,
which are left to whoever asked. That process writes the requests itself, so nothing is read from anywhere else.
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


def packed(value: object) -> bytes:
    """A request or an answer, with its length."""
    content = marshal.dumps(value, _FORMAT)  # type: ignore[arg-type]  # of plain types
    return len(content).to_bytes(4, "little") + content


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
            status = os.stat(f"{folder}/{path}")  # noqa: PTH116  # pathlib doubles the start-up time; so below
        except OSError:
            doubtful.append(number)
            continue
        is_right = executable <= bool(status.st_mode & stat.S_IXUSR or _IS_WINDOWS)
        if status.st_ctime_ns >= since or status.st_size != size or not is_right:
            doubtful.append(number)
    return doubtful


WORK: dict[str, Callable[..., list[int]]] = {"link": link, "look": look}


def _make(folder: str, made: set[str]) -> None:
    if folder in made:
        return
    _make(folder.rpartition("/")[0], made)
    try:  # noqa: SIM105  # contextlib triples the start-up time
        os.mkdir(folder)  # noqa: PTH102
    except FileExistsError:
        pass
    made.add(folder)


def main() -> None:
    """Answer until standard input ends."""
    requests = sys.stdin.buffer
    while len(length := requests.read(4)) == 4:
        work, arguments = marshal.loads(requests.read(int.from_bytes(length, "little")))
        try:
            os.write(1, packed(WORK[work](*arguments)))
        except BrokenPipeError:  # nobody wants the answer
            return


if __name__ == "__main__":
    main()
