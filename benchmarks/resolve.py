"""Resolving, side by side: `python -m benchmarks.resolve [w1 w2 w3] [--runs N] [--pip]`.

For each workload: `mvlock resolve`, which locks a tree per dependency for every platform; `uv lock`, which locks all
dependencies together; `uv pip compile --universal` once per dependency, which is what trees of their own take. Each
cold (an empty cache: the first run, which depends on the index) and warm, then with nothing to do. With `--pip` also
the joint resolution of pip, for this platform only. Needs `uv` on PATH or beside this Python, and CPython 3.11.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Measurement, run, several
from benchmarks.workloads import WORKLOADS, pyproject


class Bench:
    """One workload in a folder of its own, with caches of its own below it."""

    def __init__(self, name: str, root: Path, runs: int) -> None:
        self.name = name
        self.runs = runs
        self.folder = root / name
        self.folder.mkdir(parents=True)
        self.variables = os.environ | {
            "UV_PYTHON_DOWNLOADS": "never",
            "MVLOCK_CACHE_DIR": str(self.folder / "mvlock-cache"),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        beside = Path(sys.executable).with_name("uv")
        self.uv = str(beside) if beside.exists() else shutil.which("uv") or sys.exit("there is no uv here")

    def measure(self, *, pip: bool) -> dict[str, Measurement]:
        """All measurements, by what was done."""
        (self.folder / "pyproject.toml").write_text(pyproject(self.name, WORKLOADS[self.name]), "utf-8")
        resolve = [sys.executable, "-m", "mvlock", "resolve", "--no-progress", "--quiet"]
        found = self._cold_and_warm("mvlock resolve", lambda: [self._run(*resolve)], "mv.lock")
        found["mvlock, nothing to do"] = self._again(*resolve)
        found["mvlock --check"] = self._again(*resolve, "--check")
        lock = [self.uv, "lock", "--quiet", "--python", "3.11", "--cache-dir", "uv-cache"]
        found |= self._cold_and_warm("uv lock", lambda: [self._run(*lock)], "uv.lock")
        found["uv lock, nothing to do"] = self._again(*lock)
        found["uv lock --check"] = self._again(*lock, "--check")
        found |= self._cold_and_warm("uv pip compile, each", self._uv_compiles)
        if pip:
            found |= self._cold_and_warm("pip --dry-run", lambda: [self._pip()])
        return found

    def _cold_and_warm(
        self, what: str, work: Callable[[], list[Measurement]], lock: str | None = None
    ) -> dict[str, Measurement]:
        def forget() -> None:
            if lock is not None:
                (self.folder / lock).unlink(missing_ok=True)

        return {f"{what}, cold": several(1, forget, work), f"{what}, warm": several(self.runs, forget, work)}

    def _again(self, *words: str | Path) -> Measurement:
        return several(self.runs + 2, lambda: None, lambda: [self._run(*words)])

    def _run(self, *words: str | Path) -> Measurement:
        return run(words, self.folder, self.variables)

    def _uv_compiles(self) -> list[Measurement]:
        made = []
        for number, requirement in enumerate(WORKLOADS[self.name]):
            wanted = self.folder / f"{number}.in"
            wanted.write_text(requirement, "utf-8")
            options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
            options += ["--no-config", "--cache-dir", "uv-cache-of-compile", "-o", f"{number}.txt", "--upgrade"]
            made.append(self._run(self.uv, "pip", "compile", wanted, *options))
        return made

    def _pip(self) -> Measurement:
        options = ["--dry-run", "--ignore-installed", "--quiet", "--cache-dir", str(self.folder / "pip-cache")]
        return self._run(sys.executable, "-m", "pip", "install", *options, *WORKLOADS[self.name])


def show(bench: Bench, found: dict[str, Measurement]) -> None:
    """A table: seconds of wall time and of CPU, memory."""
    print(f"\n{bench.name}: {len(WORKLOADS[bench.name])} dependencies")
    for what, one in found.items():
        print(f"  {what:28} {one.seconds:8.3f} s  {one.cpu:8.3f} s of CPU  {one.megabytes:6.0f} MB")
    ours, theirs = found["mvlock resolve, warm"].cpu, found["uv pip compile, each, warm"].cpu
    print(f"  CPU of mvlock, warm, is {ours / theirs:.2f} of uv's for the same trees")


def main() -> None:
    """Measure the workloads that are named, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="w1 w2 w3")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pip", action="store_true", help="measure pip too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-") as temporary:
        for name in arguments.workloads or list(WORKLOADS):
            bench = Bench(name, Path(temporary), arguments.runs)
            show(bench, bench.measure(pip=arguments.pip))


if __name__ == "__main__":
    main()
