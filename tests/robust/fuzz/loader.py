"""A small process that loads shared objects: each path on standard input in a fork of its own.

For each it prints what the fork came to: ``refused``; ``read``; or, if our reading failed after the object was loaded,
how. What the dynamic loader does not survive by itself counts as refused. A process of its own, because forks of a
small one are quick.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from importshim._elf import calls, load, redirect

_SECONDS = 5
_NAMES = (b"PyThreadState_GetDict", b"PyImport_ImportModule", b"PyErr_Format", b"called")


def main() -> None:
    """Until standard input ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the dynamic loader reports what it refuses
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        print(_outcome(line.rstrip("\n")), flush=True)


def _outcome(path: str) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _load_and_read(path, writer)
    os.close(writer)
    status = _wait(child)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    if not said.startswith("loaded"):
        return "refused"
    return said.removeprefix("loaded ") if said != "loaded" else f"ended with {status}"


def _load_and_read(path: str, writer: int) -> None:
    said = ""
    try:
        load(path, os.RTLD_NOW)
        os.write(writer, b"loaded")
        calls(path, os.RTLD_NOW, _NAMES)
        redirect(path, os.RTLD_NOW, {b"called": 0})
        said = " read"
    except OSError:
        said = " refused"
    except BaseException as error:
        said = f" {error!r}".replace("\n", " ")
    finally:
        os.write(writer, said.encode())
        os._exit(0)


def _wait(child: int) -> int:
    """How a child ended: 0, or the number of the signal that ended it; one that takes long is ended."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


if __name__ == "__main__":
    main()
