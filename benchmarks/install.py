"""Installing, side by side: `python -m benchmarks.install [w1 w2 w3] [--runs N]`.

For each workload, in turn, against a local index that has just its files (``mirror``):

- cold, with empty caches: `mvlock install` of one tree per dependency; uv making one virtual environment per dependency
  from its own resolutions, without and with bytecode;
- warm, with caches filled by these runs: the same, and `cp -al` of the finished trees, which is what the file system
  takes to link them;
- mvlock with nothing to do.

Then the disk that trees and store take. mvlock always compiles. Needs `uv` on PATH or beside this Python, CPython 3.11,
Linux, and, the first time, the package index.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from packaging.specifiers import SpecifierSet

from benchmarks.measure import Disk, Measurement, Work, compare, disk, run
from benchmarks.mirror import fill, served
from benchmarks.workloads import WORKLOADS, pyproject
from mvlock.interpreter.search import find_interpreter
from mvlock.store.store import STORE_FOLDER

_COMPILED = "--compile-bytecode"
_UV_TARGETS = {"w2": 1.5, "w3": 1.0}
_Found = dict[str, Measurement]


class Bench:
    """One workload in a folder of its own; caches are below it too."""

    def __init__(self, name: str, root: Path, index: str) -> None:
        self.name = name
        self.folder = root / name
        self.variables = _variables() | {
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(self.folder / "uv-cache"),
            "UV_LINK_MODE": "hardlink",
            "UV_DEFAULT_INDEX": index,
            "MVLOCK_CACHE_DIR": str(self.folder / "mvlock-cache"),
            "MVLOCK_INDEX_URL": index,
        }
        self.mvlock = [sys.executable, "-m", "mvlock", "--no-progress", "--project", str(self.folder)]
        beside = Path(sys.executable).with_name("uv")
        self.uv = str(beside) if beside.exists() else shutil.which("uv") or sys.exit("there is no uv here")

    def prepare(self) -> None:
        """What uv is to install, by its own resolutions of the same files."""
        python = find_interpreter(SpecifierSet("==3.11.*"))
        for number, requirement in enumerate(WORKLOADS[self.name]):
            wanted = self.folder / f"{number}.in"
            wanted.write_text(requirement, "utf-8")
            options = ["--python-version", python.version, "--quiet", "-o", f"{number}.txt"]
            self._run(self.uv, "pip", "compile", wanted, *options)

    def cold(self, runs: int) -> _Found:
        """Installs with empty caches."""
        work: dict[str, Work] = {
            "mvlock": (self._without("mvlock-cache", "py_modules", "app"), self._install),
            "uv": (self._without("uv-cache", "venvs"), self._uv),
            "uv, bytecode": (self._without("uv-cache", "venvs"), lambda: self._uv(_COMPILED)),
        }
        return compare(runs, work)

    def warm(self, runs: int) -> _Found:
        """Installs with full caches."""
        work: dict[str, Work] = {
            "mvlock": (self._without("py_modules", "app"), self._install),
            "uv": (self._without("venvs"), self._uv),
            "uv, bytecode": (self._without("venvs"), lambda: self._uv(_COMPILED)),
            "cp -al": (self._without("copy"), self._copy),
            "mvlock, nothing to do": (lambda: None, self._install),
        }
        return compare(runs, work)

    def disk(self) -> Disk:
        """Of trees, application and store."""
        return disk(self.folder / name for name in ("py_modules", "app", f"mvlock-cache/{STORE_FOLDER}"))

    def _run(self, *words: str | Path) -> Measurement:
        return run(words, self.folder, self.variables)

    def _install(self) -> Iterator[Measurement]:
        yield self._run(*self.mvlock, "install", "--python", "3.11")

    def _copy(self) -> Iterator[Measurement]:
        (self.folder / "copy").mkdir()
        yield self._run("cp", "-al", "py_modules", "app", "copy")

    def _uv(self, *options: str) -> Iterator[Measurement]:
        for number in range(len(WORKLOADS[self.name])):
            place = self.folder / "venvs" / str(number)
            yield self._run(self.uv, "venv", "--quiet", "--python", "3.11", place)
            python = place / "bin" / "python"
            yield self._run(self.uv, "pip", "sync", "--quiet", "--python", python, *options, f"{number}.txt")

    def _without(self, *names: str) -> Callable[[], None]:
        """Set these aside: after a removal ext4 is slow for minutes, for it steps around every inode just freed."""

        def set_aside() -> None:
            aside = Path(tempfile.mkdtemp(dir=self.folder))
            for name in names:
                with suppress(FileNotFoundError):
                    (self.folder / name).rename(aside / name)

        return set_aside


def _variables() -> dict[str, str]:
    """The environment with this mvlock, which may keep its own bytecode as an installed one has it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[1])}


def lock(name: str, folder: Path, downloads: Path) -> None:
    """Make the project of a workload, lock it by the package index, and get its wheels from there."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject(name, WORKLOADS[name]), "utf-8")
    words: list[str | Path] = ["--project", folder, "--cache-dir", downloads / "cache", "resolve", "--only-host"]
    run([sys.executable, "-m", "mvlock", *words, "--python", "3.11"], folder, _variables())
    fill(downloads, folder, downloads / "cache")


def show(name: str, cold: _Found, warm: _Found, used: Disk) -> None:
    """Tables, and the targets."""
    print(f"\n{name}: {len(WORKLOADS[name])} trees")
    for title, found in (("cold", cold), ("warm", warm)):
        print(f"  {title:22} {'seconds':>9} {'CPU s':>9} {'MB':>6}   mvlock to it (CPU)")
        ours = found["mvlock"]
        for what, one in found.items():
            ratio = f"{ours.seconds / one.seconds:12.2f} ({ours.cpu / one.cpu:.2f})"
            print(f"  {what:22} {one.seconds:9.3f} {one.cpu:9.3f} {one.megabytes:6.0f}   {ratio}")
    for what, value, target in targets(name, cold, warm, used):
        print(f"  {'met   ' if value <= target else 'MISSED'} {what}: {value:.2f}, target {target}")


def targets(name: str, cold: _Found, warm: _Found, used: Disk) -> Iterator[tuple[str, float, float]]:
    """(what, value, at most) for each."""
    ours = warm["mvlock"]
    if name in _UV_TARGETS:
        yield "warm, to uv without bytecode", ours.seconds / warm["uv"].seconds, _UV_TARGETS[name]
    yield "warm, to uv with bytecode", ours.seconds / warm["uv, bytecode"].seconds, 0.2
    yield "warm, to cp -al", ours.seconds / warm["cp -al"].seconds, 1.5
    yield "nothing to do, seconds", warm["mvlock, nothing to do"].seconds, 0.15
    yield "peak memory cold, MB", cold["mvlock"].megabytes, 150
    yield "peak memory warm, MB", ours.megabytes, 150
    yield f"disk: {used.inodes:.0f} MB, to distinct contents", used.inodes / used.contents, 1.05


def main() -> None:
    """Measure the workloads that are named, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="w1 w2 w3")
    parser.add_argument("--runs", type=int, default=3, help="of warm installs; a third of it of cold ones")
    parser.add_argument("--downloads", type=Path, help="keep the wheels there for the next time")
    parser.add_argument("--on", type=Path, help="a folder on the file system to be measured")
    arguments = parser.parse_args()
    names = arguments.workloads or list(WORKLOADS)
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-", dir=arguments.on) as temporary:
        root, downloads = Path(temporary), arguments.downloads or Path(temporary, "downloads")
        for name in names:
            lock(name, root / name, downloads)
        with served(downloads) as index:
            for name in names:
                bench = Bench(name, root, index)
                bench.prepare()
                cold, warm = bench.cold(max(1, arguments.runs // 3)), bench.warm(arguments.runs)
                show(name, cold, warm, bench.disk())


if __name__ == "__main__":
    main()
