"""Installing, side by side: `python -m benchmarks.install [w1 w2 w3] [--runs N]`.

For each workload, in turn, against a local index that has just its files (``mirror``):

- cold, with empty caches: `mvlock install` of one tree per dependency; uv making one virtual environment per dependency
  from its own resolutions, by `uv pip sync` and by `uv sync --frozen`, without and with bytecode;
- the same with `mvlock install --no-bytecode`;
- warm, with caches filled by these runs: all of that, `cp -al` of the finished trees, which is what the file system
  takes to link them, and, for w1 and w2, pip and poetry making such environments;
- mvlock after that copy, whose links changed a time of each file in the store: all of them are read and compared with
  their digests, as they are after trees were removed;
- mvlock with nothing to do, and what the start of its Python alone takes.

Then the disk that trees and store take. mvlock and pip compile unless they are told not to; poetry's environments are
not compiled. Needs `uv` on PATH or beside this Python, CPython 3.11, Linux, and, the first time, the package index.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import Disk, Figure, Measurement, Work, compare, disk, run, set_aside
from benchmarks.mirror import fill, served
from benchmarks.peers import CACHE, Command, Tools, variables
from benchmarks.report import print_figures
from benchmarks.results import Results, conditions, save
from benchmarks.workloads import WORKLOADS, pyproject
from mvlock.store.store import STORE_FOLDER

_COMPILED = "--compile-bytecode"
_NOT_COMPILED = "--no-bytecode"
_LIMIT = 900.0

_HERE = " and ".join(
    (
        f"sys_platform == '{sys.platform}'",
        f"platform_machine == '{platform.machine()}'",
        "implementation_name == 'cpython'",
        "platform_python_implementation == 'CPython'",
        f"python_full_version >= '{platform.python_version()}'",
    )
)
_THIS_MACHINE = f'\n[tool.uv]\nenvironments = ["{_HERE}"]\n'
"""The index has no files for others, nor for older patch levels of Python."""


class Bench:
    """One workload in a folder of its own. Caches and environments lie beside the project, which reads its folder."""

    def __init__(self, name: str, root: Path, index: str) -> None:
        self.folder = root / name
        self.tools = Tools(self.folder, index)
        self._requirements = WORKLOADS[name]
        self._small = name != "w3"

    def prepare(self) -> None:
        """What the others are to install, by uv's own resolutions of the same files; poetry's lock by itself."""
        for number, requirement in enumerate(self._requirements):
            project = self._project(number)
            self.tools.project(project, f"tree-{number}", [requirement])
            with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
                file.write(_THIS_MACHINE)
            (project / "wanted.in").write_text(requirement, "utf-8")
            self._run(self.tools.uv_compile(project / "wanted.in", project / "wanted.txt"))
            self._run(self.tools.uv_lock(project))
            if self._small:
                self._run(self.tools.poetry(project, "lock"))

    def cold(self, runs: int) -> dict[str, Figure]:
        """Installs with empty caches."""
        return compare(
            runs,
            {
                "mvlock, no bytecode": (
                    self._without("mvlock-cache", "project/py_modules", "project/app"),
                    lambda: self._install(_NOT_COMPILED),
                ),
                "mvlock": (self._without("mvlock-cache", "project/py_modules", "project/app"), self._install),
                "uv pip sync": (self._without("uv-cache", "environments"), self._uv_pip_sync),
                "uv sync": (self._without("uv-cache", *self._venvs()), self._uv_sync),
                "uv pip sync, bytecode": (
                    self._without("uv-cache", "environments"),
                    lambda: self._uv_pip_sync(_COMPILED),
                ),
            },
        )

    def warm(self, runs: int) -> dict[str, Figure]:
        """Installs with full caches."""
        work: dict[str, Work] = {
            "mvlock": (self._without("project/py_modules", "project/app"), self._install),
            "mvlock, no bytecode": (
                self._without("project/py_modules", "project/app"),
                lambda: self._install(_NOT_COMPILED),
            ),
            "uv pip sync": (self._without("environments"), self._uv_pip_sync),
            "uv sync": (self._without(*self._venvs()), self._uv_sync),
            "uv pip sync, bytecode": (self._without("environments"), lambda: self._uv_pip_sync(_COMPILED)),
            "uv sync, bytecode": (self._without(*self._venvs()), lambda: self._uv_sync(_COMPILED)),
            "cp -al": (self._without("copy"), self._copy),
            "mvlock, store in doubt": (self._without("project/py_modules", "project/app"), self._install),
            "mvlock, nothing to do": (lambda: None, self._install),
            "python -c pass": (lambda: None, self._start),
        }
        return compare(runs, work) | (self._others(max(1, runs // 3)) if self._small else {})

    def disk(self) -> Disk:
        """Of trees, application and store."""
        return disk(
            self.folder / name for name in ("project/py_modules", "project/app", f"mvlock-cache/{STORE_FOLDER}")
        )

    def _others(self, runs: int) -> dict[str, Figure]:
        """pip and poetry, warm from a run that is not counted."""
        work: dict[str, Work] = {
            "pip": (self._without("environments"), self._pip),
            "poetry": (self._without(*self._venvs()), self._poetry),
        }
        compare(1, work)
        return compare(runs, work)

    def _project(self, number: int) -> Path:
        return self.folder / "projects" / str(number)

    def _venvs(self) -> list[str]:
        return [f"projects/{number}/.venv" for number in range(len(self._requirements))]

    def _run(self, command: Command) -> Measurement:
        return run(command, self.folder, self.tools.variables, _LIMIT)

    def _install(self, *options: str) -> Iterator[Measurement]:
        yield self._run(self.tools.mvlock_install(self.folder / "project", *options))

    def _start(self) -> Iterator[Measurement]:
        yield self._run([sys.executable, "-c", "pass"])

    def _copy(self) -> Iterator[Measurement]:
        (self.folder / "copy").mkdir()
        yield self._run(["cp", "-al", "project/py_modules", "project/app", "copy"])

    def _uv_pip_sync(self, *options: str) -> Iterator[Measurement]:
        for number in range(len(self._requirements)):
            place = self.folder / "environments" / str(number)
            yield self._run(self.tools.uv_venv(place))
            yield self._run(self.tools.uv_pip_sync(place, self._project(number) / "wanted.txt", *options))

    def _uv_sync(self, *options: str) -> Iterator[Measurement]:
        for number in range(len(self._requirements)):
            yield self._run(self.tools.uv_sync(self._project(number), *options))

    def _pip(self) -> Iterator[Measurement]:
        for number in range(len(self._requirements)):
            place = self.folder / "environments" / str(number)
            yield self._run(self.tools.venv(place))
            yield self._run(self.tools.pip_install(place, self._project(number) / "wanted.txt"))

    def _poetry(self) -> Iterator[Measurement]:
        for number in range(len(self._requirements)):
            yield self._run(self.tools.poetry(self._project(number), "install"))

    def _without(self, *names: str) -> Callable[[], None]:
        return partial(set_aside, self.folder, *names)


def lock(name: str, folder: Path, downloads: Path) -> None:
    """Make the project of a workload, lock it by the package index, and get its wheels from there."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject(name, WORKLOADS[name]), "utf-8")
    words: Command = ["--project", folder, "--cache-dir", downloads / "cache", "resolve", "--only-host"]
    run([sys.executable, "-m", "mvlock", *words, "--python", "3.11"], folder, variables())
    fill(downloads, folder, downloads / "cache")


def measure(names: list[str], runs: int, downloads: Path, on: Path | None = None) -> dict[str, dict[str, Figure]]:
    """All figures of some workloads; ``downloads`` keeps the wheels, ``on`` is where to install."""
    found: dict[str, dict[str, Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-", dir=on) as temporary:
        root = Path(temporary)
        for name in names:
            lock(name, root / name / "project", downloads / name)
            with served(downloads / name) as index:
                bench = Bench(name, root, index)
                bench.prepare()
                cold, warm = bench.cold(max(1, runs // 3)), bench.warm(runs)
                used = bench.disk()
            found[name] = {f"cold: {what}": one for what, one in cold.items()}
            found[name] |= {f"warm: {what}": one for what, one in warm.items()}
            found[name] |= {
                "disk": Measurement(0, 0, used.inodes),
                "disk, distinct contents": Measurement(0, 0, used.contents),
            }
    return found


def main() -> None:
    """Measure the workloads that are named, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="w1 w2 w3")
    parser.add_argument("--runs", type=int, default=3, help="of warm installs; a third of it of cold ones")
    parser.add_argument("--on", type=Path, help="a folder on the file system to be measured")
    parser.add_argument("--quick", action="store_true", help="print the figures, and do not keep them")
    arguments = parser.parse_args()
    names = arguments.workloads or list(WORKLOADS)
    found = measure(names, arguments.runs, CACHE / "downloads", arguments.on)
    print_figures(found)
    if not arguments.quick:
        save("install", Results(conditions(Tools(CACHE, "").uv, arguments.runs), found))


if __name__ == "__main__":
    main()
