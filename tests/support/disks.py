"""Disks that are too small, or that nobody may write to; making them takes root, and Linux."""

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
    """A file system of this size at ``place``, which is made."""
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def resize(place: Path, kilobytes: int) -> None:
    """Give a small disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", place], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """What is below ``place`` can be read, and not changed."""
    _mount("--bind", str(place), str(place))
    try:
        _mount("-o", "remount,bind,ro", str(place))
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def cloning_disk(folder: Path) -> Iterator[Path]:
    """A file system in ``folder`` that can clone files (btrfs, or XFS)."""
    image, place = folder / "image", folder / "cloning"
    with image.open("wb") as stream:
        stream.truncate(400 * 1024 * 1024)
    maker = shutil.which("mkfs.btrfs") or shutil.which("mkfs.xfs")
    if maker is None:
        pytest.skip("there is neither mkfs.btrfs nor mkfs.xfs")
    subprocess.run([maker, "-f", "-q" if maker.endswith("btrfs") else "-K", image], check=True, capture_output=True)
    place.mkdir()
    _mount("-o", "loop", str(image), str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _mount(*words: str) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a file system takes root on Linux")
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@contextmanager
def not_ours(folder: Path) -> Iterator[list[str]]:
    """What is below ``folder`` may be read only; the words before a command that make root heed that."""
    words: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv")
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*")) if not path.is_symlink()}
    try:
        for path, mode in modes.items():
            path.chmod(mode & 0o555)
        yield words
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
