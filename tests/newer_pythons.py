"""CPythons that this Debian does not have yet: `python3 tests/newer_pythons.py FOLDER VERSION…`.

They come from the unstable suite of the mirror that this machine's apt uses, with all that they need, including a C
library of their own. Nothing is installed. The packages are unpacked in FOLDER, and each interpreter is patched
to use its own loader and libraries, so it runs as any program does, in virtual environments too. No root, no
compiler; an existing one is kept. FOLDER/bin/python3.X is printed for each; without such a mirror, why not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SUITE = "sid"
_WORKS = "import ssl, sqlite3, venv, ctypes, ensurepip; ensurepip.version()"
_PARTS_OF_LIBC = ("m.so.6", "dl.so.2", "pthread.so.0", "rt.so.1", "util.so.1", "resolv.so.2")


class Missing(Exception):
    """They cannot be installed on this machine; the message says why."""


def main(arguments: list[str]) -> int:
    """Install the interpreters; 0 if all of them work."""
    folder, versions = Path(arguments[0]).absolute(), arguments[1:]
    wanted = [version for version in versions if not _works(folder, version)]
    try:
        if wanted:
            _install(folder, wanted)
    except (Missing, OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"newer_pythons: {error}\n")
        return 1
    print("\n".join(str(_program(folder, version)) for version in versions))
    return 0


def _program(folder: Path, version: str) -> Path:
    return folder / "bin" / f"python{version}"


def _works(folder: Path, version: str) -> bool:
    program = _program(folder, version)
    if not program.exists():
        return False
    return subprocess.run([program, "-c", _WORKS], capture_output=True, check=False).returncode == 0


def _install(folder: Path, versions: Sequence[str]) -> None:
    root = folder / "root"
    root.mkdir(parents=True, exist_ok=True)
    (folder / "bin").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        for package in _download(Path(work), versions):
            _unpack(package, root, Path(work) / "unpacked")
    for version in versions:
        _relocate(root, version)
        link = _program(folder, version)
        link.unlink(missing_ok=True)
        link.symlink_to(f"../root/usr/bin/python{version}")
        if not _works(folder, version):
            raise Missing(f"{link} does not run")


# The packages


def _download(work: Path, versions: Sequence[str]) -> list[Path]:
    """The packages of ``versions`` and all that they need, by an apt that knows one suite and no installed package."""
    apt = _apt(work)
    _run([*apt, "update"])
    programs = [name for version in versions for name in (f"python{version}", f"python{version}-venv")]
    _run([*apt, "install", "--download-only", "--yes", "patchelf", "libstdc++6", *programs])
    archives = work / "cache" / "archives"
    _run([*apt, "download", *(f"libpython{version}-dev" for version in versions)], archives)  # the headers alone
    return sorted(archives.glob("*.deb"))


def _apt(work: Path) -> list[str]:
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    sources = work / "sources.list"
    sources.write_text(f"deb [arch={_architecture()} signed-by={_KEYS}] {_mirror()} {_SUITE} main\n", "utf-8")
    options = {
        "Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null", "Dir::State": work,
        "Dir::State::Lists": work / "lists", "Dir::State::status": work / "status", "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "", "APT::Install-Recommends": "false", "Debug::NoLocking": "true",
        "Acquire::Retries": "3", "Acquire::Languages": "none",
    }  # fmt: skip
    return ["apt-get", "-q=2", *(f"-o{name}={value}" for name, value in options.items())]


def _architecture() -> str:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Missing("this is not Debian")
    return _output(["dpkg", "--print-architecture"]).strip()


def _mirror() -> str:
    """The URL of this machine's main archive; the suites of updates have a dash in their names."""
    which = ["Created-By: Packages", "Component: main"]
    lines = _output(["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI) $(RELEASE)", *which])
    found = (line.split()[0] for line in lines.splitlines() if "-" not in line.split()[1])
    mirror = next(found, None)
    if mirror is None:
        raise Missing("apt knows no Debian archive")
    return mirror


def _unpack(package: Path, root: Path, folder: Path) -> None:
    """Extract a package; where two packages have a file of one path, the last one wins."""
    _run(["dpkg-deb", "--extract", package, folder])
    _run(["cp", "-a", "--remove-destination", f"{folder}/.", f"{root}/"])
    shutil.rmtree(folder)


# Relocating an interpreter


def _relocate(root: Path, version: str) -> None:
    libraries = next(root.glob("usr/lib/*/libc.so.6")).parent
    _set_libraries(root / "usr/bin" / f"python{version}", root, libraries)
    library = root / "usr/lib" / f"python{version}"
    (library / "EXTERNALLY-MANAGED").unlink(missing_ok=True)
    _set_wheel_folder(library, root)
    headers = root / "usr/include"
    settings = Path(f"python{version}", "pyconfig.h")
    # The file there includes this one, by a path that is correct in /usr/include only.
    shutil.copy(headers / libraries.name / settings, headers / settings)


def _set_libraries(program: Path, root: Path, libraries: Path) -> None:
    """Have ``program`` run with the loader and the libraries in ``root``.

    All parts of the C library are loaded at the start: a wheel with a search path of its own would get the machine's.
    """
    loader = next(libraries.glob("ld-linux*.so.*"))
    patchelf: list[str | Path] = [loader, "--library-path", libraries, root / "usr/bin/patchelf"]
    parts = [f"lib{name}" for name in _PARTS_OF_LIBC if (libraries / f"lib{name}").exists()]
    copy = program.with_name(f"{program.name}.new")
    shutil.copy(program, copy)
    added = [option for part in parts for option in ("--add-needed", part)]
    _run([*patchelf, "--force-rpath", "--set-rpath", libraries, *added, copy])
    _run([*patchelf, "--set-interpreter", loader, copy])  # with the others in one run, patchelf makes a broken file
    copy.replace(program)


def _set_wheel_folder(library: Path, root: Path) -> None:
    """Debian's ensurepip takes pip from a folder that the settings name."""
    for settings in library.glob("_sysconfigdata_*.py"):
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("'/usr/share/python-wheels/'", f"'{root}/usr/share/python-wheels/'"), "utf-8")
    for compiled in library.glob("__pycache__/_sysconfigdata_*"):
        compiled.unlink()


def _run(command: Iterable[str | os.PathLike[str]], folder: Path | None = None) -> None:
    subprocess.run(list(command), cwd=folder, check=True, stdout=sys.stderr)


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
