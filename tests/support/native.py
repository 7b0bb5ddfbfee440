"""Shared libraries built by the C compiler of this machine; without one, tests are skipped with a message."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def require_compiler() -> str:
    """The C compiler."""
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None or sys.platform != "linux":
        pytest.skip("no C compiler that makes ELF files on this machine")
    return found


def shared_library(folder: Path, name: str, source: str, *options: str, soname: str | None = None) -> bytes:
    """The bytes of a library compiled from ``source`` in ``folder``, which also has those that it needs."""
    (folder / f"{name}.c").write_text(source, encoding="utf-8")
    named = [f"-Wl,-soname,{soname}"] if soname else []
    command = [require_compiler(), "-shared", "-fPIC", "-o", name, f"{name}.c", *named, *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / name).read_bytes()


def extension_module(python: Path, folder: Path, name: str, source: str) -> Path:
    """The extension module ``name``, compiled from ``source`` for ``python``."""
    program = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))"
    output = subprocess.run([str(python), "-c", program], capture_output=True, text=True, check=True).stdout.split()
    include, suffix = output
    if not (Path(include) / "Python.h").exists():
        pytest.skip(f"no headers for {python}")
    path = folder / (name + suffix)
    path.write_bytes(shared_library(folder, path.name, source, "-I", include, "-pthread"))
    return path
