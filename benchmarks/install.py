"""Installing, side by side: `python -m benchmarks.install [w1 w2 w3] [--runs N]`.

For each workload, with warm caches: `mvlock install` of one tree per dependency, bytecode included; uv making one
virtual environment per dependency from its own resolutions, without and with bytecode; `cp -al` of the finished
trees, which is what the file system takes to link them. Then mvlock with nothing to do, and the first (cold) install
of each, which depends on the index. Needs `uv` on PATH or beside this Python, and CPython 3.11.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measurement, disk, run, several
from benchmarks.workloads import WORKLOADS, pyproject


class Bench:
    """One workload in a folder of its own; caches are below it too."""

    def __init__(self, name: str, root: Path, runs: int) -> None:
        self.name = name
        self.runs = runs
        self.folder = root / name
        self.folder.mkdir(parents=True)
        self.variables = os.environ | {
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_CACHE_DIR": str(root / "uv-cache"),
            "UV_LINK_MODE": "hardlink",
            "MVLOCK_CACHE_DIR": str(root / "mvlock-cache"),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        self.mvlock = [sys.executable, "-m", "mvlock", "--no-progress", "--project", str(self.folder)]
        beside = Path(sys.executable).with_name("uv")
        self.uv = str(beside) if beside.exists() else shutil.which("uv") or sys.exit("there is no uv here")

    def measure(self) -> dict[str, Measurement]:
        """All measurements, by what was done."""
        (self.folder / "pyproject.toml").write_text(pyproject(self.name), "utf-8")
        self._run(*self.mvlock, "resolve", "--only-host", "--python", "3.11")
        self._compile_requirements()
        found = {"mvlock, cold": self._run(*self._install()), "uv, cold": self._sum(self._uv())}
        found["mvlock install"] = several(self.runs, self._forget, lambda: [self._run(*self._install())])
        again = several(self.runs + 2, lambda: None, lambda: [self._run(*self._install())])
        found["mvlock install, nothing to do"] = again
        found["uv, one venv after another"] = several(self.runs, self._forget_venvs, self._uv)
        found["uv --compile-bytecode"] = several(1, self._forget_venvs, lambda: self._uv("--compile-bytecode"))
        found["cp -al"] = several(self.runs, self._forget_copy, lambda: [self._copy()])
        return found

    def _run(self, *words: str | Path) -> Measurement:
        return run(words, self.folder, self.variables)

    def _install(self) -> list[str]:
        return [*self.mvlock, "install", "--python", "3.11"]

    def _copy(self) -> Measurement:
        return self._run("cp", "-al", "py_modules", "copy")

    def _compile_requirements(self) -> None:
        for number, requirement in enumerate(WORKLOADS[self.name]):
            wanted = self.folder / f"{number}.in"
            wanted.write_text(requirement, "utf-8")
            options = ["--python-version", "3.11", "--quiet", "-o", f"{number}.txt"]
            self._run(self.uv, "pip", "compile", wanted, *options)

    def _uv(self, *options: str) -> list[Measurement]:
        made = []
        for number in range(len(WORKLOADS[self.name])):
            place = self.folder / "venvs" / str(number)
            made.append(self._run(self.uv, "venv", "--quiet", "--python", "3.11", place))
            python = place / "bin" / "python"
            made.append(self._run(self.uv, "pip", "sync", "--quiet", "--python", python, *options, f"{number}.txt"))
        return made

    @staticmethod
    def _sum(parts: list[Measurement]) -> Measurement:
        return several(1, lambda: None, lambda: parts)

    def _forget(self) -> None:
        for name in ("py_modules", "app"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _forget_venvs(self) -> None:
        shutil.rmtree(self.folder / "venvs", ignore_errors=True)

    def _forget_copy(self) -> None:
        shutil.rmtree(self.folder / "copy", ignore_errors=True)


def show(bench: Bench, found: dict[str, Measurement]) -> None:
    """A table: seconds, times our own, memory."""
    ours = found["mvlock install"].seconds
    print(f"\n{bench.name}: {len(WORKLOADS[bench.name])} trees")
    for what, one in found.items():
        ratio = "" if what.startswith("mvlock") else f"mvlock is {ours / one.seconds:.2f} of it"
        print(f"  {what:32} {one.seconds:8.3f} s  {one.megabytes:6.0f} MB  {ratio}")
    size, inodes, files = disk(bench.folder / "py_modules")
    print(f"  disk: {size:.0f} MB in {inodes} inodes for {files} files")


def main() -> None:
    """Measure the workloads that are named, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="w1 w2 w3")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep everything there, on the file system to be measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-") as temporary:
        for name in arguments.workloads or list(WORKLOADS):
            bench = Bench(name, arguments.folder or Path(temporary), arguments.runs)
            show(bench, bench.measure())


if __name__ == "__main__":
    main()
