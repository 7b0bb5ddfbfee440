"""Disks that are too small or read-only; creating them needs root, and Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """A new file system of this size, mounted at ``place``."""
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def resize(place: Path, kilobytes: int) -> None:
    """Change the size of a small disk."""
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", place], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Everything below ``place`` can be read, but not changed."""
    _mount("--bind", str(place), str(place))
    try:
        _mount("-o", "remount,bind,ro", str(place))
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def reflink_disk(folder: Path) -> Iterator[Path]:
    """A file system in ``folder`` that can clone files (btrfs, or XFS)."""
    image, place = folder / "image", folder / "cloning"
    with image.open("wb") as stream:
        stream.truncate(400 * 1024 * 1024)
    program = shutil.which("mkfs.btrfs") or shutil.which("mkfs.xfs")
    if program is None:
        pytest.skip("there is neither mkfs.btrfs nor mkfs.xfs")
    subprocess.run([program, "-f", "-q" if program.endswith("btrfs") else "-K", image], check=True, capture_output=True)
    place.mkdir()
    _mount("-o", "loop", str(image), str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _mount(*arguments: str) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a file system needs root on Linux")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@contextmanager
def unwritable(folder: Path) -> Iterator[list[str]]:
    """Everything below ``folder`` is read-only; gives the words before a command that make this apply to root, too."""
    prefix: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*")) if not path.is_symlink()}
    try:
        for path, mode in modes.items():
            path.chmod(mode & 0o555)
        yield prefix
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
