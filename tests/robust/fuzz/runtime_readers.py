"""What importshim reads: its map, and shared objects in memory; and what the store reads of shared objects on disk."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from importshim._map import read_map
from mvlock.store.elf import read_linkage


def read_import_map(data: bytes, folder: Path) -> object:
    """The map, with all that is read when it is first used."""
    path = folder / "import_map.json"
    path.write_bytes(data)
    found = read_map(str(path))
    return found.trees, [(domain.distributions, domain.routes, domain.peers, domain.trees) for domain in found.domains]


def read_shared_object(data: bytes, folder: Path) -> object:
    """A shared object on disk; and if the dynamic loader takes it, in memory, in another process."""
    path = folder / "a.so"
    path.write_bytes(data)
    outcome = _outcome_of_loading(path)
    if outcome not in ("refused", "read"):
        raise AssertionError(outcome)
    return read_linkage(path)


def shared_objects() -> list[bytes]:
    """A seed besides those that are kept: the smallest extension module of this Python."""
    folder = sysconfig.get_config_var("DESTSHARED")
    found = sorted(Path(folder).glob("*.so"), key=lambda path: path.stat().st_size) if folder else []
    return [path.read_bytes() for path in found[:1]]


@cache
def _loader() -> subprocess.Popen[str]:
    """A process that ends with this one, as its input does."""
    program = Path(__file__).with_name("loader.py")
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-I", "-S", program], stdin=pipe, stdout=pipe, text=True, bufsize=1)


def _outcome_of_loading(path: Path) -> str:
    loader = _loader()
    if loader.stdin is None or loader.stdout is None:
        raise ValueError("it has pipes")
    loader.stdin.write(f"{path}\n")
    return loader.stdout.readline().strip()
