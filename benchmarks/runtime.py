"""What routing costs at run time, compared with a plain virtual environment: `python -m benchmarks.runtime`.

Two pandas are installed by mvlock as trees, one of them by pip into a plain environment; both are measured in turn, so
that a slow moment of the machine affects both. Start-up: the median of whole processes. First imports: the least CPU
time inside a process. Cached imports: the best of many loops. Memory: the peak resident size of a process. Both trees
have the same numpy and share it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

_VERSIONS = {(3, 14): ("2.3.3", "3.1.1", "numpy"), (3, 15): ("3.1.0", "3.1.1", "numpy")}
"""Where wheels of the usual ones do not reach: two versions of pandas, and the NumPy that both take."""
_OLD, _NEW, NUMPY = _VERSIONS.get(sys.version_info[:2], ("2.0.3", "2.2.0", "numpy<2"))
OLD, NEW = f"pandas=={_OLD}", f"pandas=={_NEW}"
_PROJECT = f"""
[project]
name = "measured"
version = "1"
requires-python = "=={sys.version_info.major}.{sys.version_info.minor}.*"
dependencies = ["click==8.1.7"]

[tool.mvlock.trees]
pandas = ["{NEW}", "{NUMPY}"]

[tool.mvlock.alias]
pandas_old = ["{OLD}", "{NUMPY}"]
"""


@dataclass(frozen=True)
class Environment:
    """An environment in which programs run."""

    name: str
    python: Path

    def seconds(self, program: str, **variables: str) -> float:
        """Wall time of a whole process that runs ``program``."""
        start = time.perf_counter()
        subprocess.run([self.python, "-W", "ignore", "-c", program], check=True, env=_environment(variables))
        return time.perf_counter() - start

    def value(self, program: str) -> float:
        """The number that ``program`` prints."""
        done = subprocess.run([self.python, "-c", program], check=True, env=_environment({}), capture_output=True)
        return float(done.stdout)


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, **variables}


def make(folder: Path) -> tuple[Environment, Environment]:
    """A plain environment and an application with trees, both with bytecode."""
    plain = folder / "plain"
    venv.create(plain, with_pip=True, symlinks=True)
    pip: list[str | Path] = [plain / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, NEW, NUMPY, "click==8.1.7"], check=True)
    project = folder / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(_PROJECT, "utf-8")
    for command in ("resolve", "install"):
        subprocess.run([sys.executable, "-m", "mvlock", "--quiet", "--project", project, command], check=True)
    return Environment("plain", plain / "bin" / "python"), Environment("trees", project / "app" / "bin" / "python")


def compare(rounds: int, runs: dict[str, tuple[Environment, str, dict[str, str]]]) -> dict[str, float]:
    """Median seconds of each run, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (environment, program, variables) in runs.items():
            times[name].append(environment.seconds(program, **variables))
    return {name: statistics.median(taken) for name, taken in times.items()}


_CACHED = """
import timeit, {first}
space = {{}}
exec("def use():\\n    import {name}", {space})
print(min(timeit.repeat(space["use"], number=50_000, repeat=9)) / 50_000 * 1e9)
"""
_TREE = (
    "space.update(__builtins__=__import__('importshim').tree('pandas').import_module('pandas').__builtins__) or space"
)
_IMPORT = """
import time{first}
start = time.process_time()
import {name}
print((time.process_time() - start) * 1000)
"""
_MEMORY = "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"


def cached(environment: Environment, name: str, *, inside_tree: bool = False) -> float:
    """Nanoseconds of a function that imports what is imported already."""
    space = _TREE if inside_tree else "space"
    program = _CACHED.format(first=name, name=name, space=space)
    return min(environment.value(program) for _ in range(3))


def importing(rounds: int, runs: dict[str, tuple[Environment, str, str]]) -> dict[str, float]:
    """Milliseconds of CPU time that the first import of a name takes once another is imported: the least, in turn."""
    programs = {
        what: (environment, _IMPORT.format(name=name, first=f", {after}" if after else ""))
        for what, (environment, name, after) in runs.items()
    }
    taken: dict[str, float] = {}
    for _ in range(rounds):
        for what, (environment, program) in programs.items():
            taken[what] = min(environment.value(program), taken.get(what, float("inf")))
    return taken


def measure(plain: Environment, trees: Environment, rounds: int) -> dict[str, float]:
    """All figures, in milliseconds, nanoseconds and MiB as their names say."""
    both = "import pandas, pandas_old"
    with tempfile.TemporaryDirectory() as nowhere:
        cold = {"PYTHONPYCACHEPREFIX": nowhere, "PYTHONDONTWRITEBYTECODE": "1"}
        seconds = compare(rounds, {"start plain": (plain, "pass", {}), "start trees": (trees, "pass", {})})
        seconds |= compare(
            max(3, rounds // 3),
            {
                "process that imports pandas, plain": (plain, "import pandas", {}),
                "process that imports pandas, trees": (trees, "import pandas", {}),
                "process that imports both, trees": (trees, both, {}),
            },
        )
        seconds |= compare(
            3,
            {
                "import pandas, no bytecode, plain": (plain, "import pandas", cold),
                "import pandas, no bytecode, trees": (trees, "import pandas", cold),
            },
        )
    return {
        **{f"{name} [ms]": taken * 1000 for name, taken in seconds.items()},
        "cached import plain [ns]": cached(plain, "click"),
        "cached import of a sole name, application [ns]": cached(trees, "click"),
        "cached import of a contested name, application [ns]": cached(trees, "pandas"),
        "cached import of a contested name, tree [ns]": cached(trees, "pandas", inside_tree=True),
        "cached import of the standard library, tree [ns]": cached(trees, "json", inside_tree=True),
        **importing(
            rounds,
            {
                "first import of pandas, plain [ms]": (plain, "pandas", ""),
                "first import of pandas, trees [ms]": (trees, "pandas", ""),
                "first import of only pandas_old [ms]": (trees, "pandas_old", ""),
                "first import of pandas_old after pandas [ms]": (trees, "pandas_old", "pandas"),
            },
        ),
        "memory of python plain [MiB]": plain.value(_MEMORY),
        "memory of one pandas plain [MiB]": plain.value("import pandas\n" + _MEMORY),
        "memory of one pandas trees [MiB]": trees.value("import pandas\n" + _MEMORY),
        "memory of two pandas trees [MiB]": trees.value(both + "\n" + _MEMORY),
    }


def report(figures: dict[str, float]) -> list[tuple[str, float, str]]:
    """(what, value, target) of the ratios that have targets."""

    def ratio(one: str, other: str) -> float:
        return figures[one] / figures[other]

    sole = "cached import of a sole name, application [ns]"
    contested = "cached import of a contested name, application [ns]"
    return [
        ("start-up, more than plain [ms]", figures["start trees [ms]"] - figures["start plain [ms]"], "<= 10"),
        (
            "import pandas, to plain",
            ratio("first import of pandas, trees [ms]", "first import of pandas, plain [ms]"),
            "<= 1.03",
        ),
        (
            "import pandas without bytecode, to plain",
            ratio("import pandas, no bytecode, trees [ms]", "import pandas, no bytecode, plain [ms]"),
            "<= 1.03",
        ),
        ("cached import, sole name in the application, to plain", ratio(sole, "cached import plain [ns]"), "1.0"),
        ("cached import, contested name in the application [us]", figures[contested] / 1000, "<= 5"),
        (
            "cached import, contested name in a tree, to plain",
            ratio("cached import of a contested name, tree [ns]", "cached import plain [ns]"),
            "<= 2.0",
        ),
        (
            "memory of two pandas, to one plain",
            ratio("memory of two pandas trees [MiB]", "memory of one pandas plain [MiB]"),
            "<= 1.5",
        ),
        (
            "import of the second pandas, to its import without the first",
            ratio("first import of pandas_old after pandas [ms]", "first import of only pandas_old [ms]"),
            "< 1",
        ),
    ]


def main() -> None:
    """Measure and print; ``--json`` prints the raw figures instead."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=21, help="processes per start-up figure")
    parser.add_argument("--json", action="store_true", help="print the raw figures as JSON")
    parser.add_argument("--save", action="store_true", help="keep the raw figures in results/")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(*make(Path(folder)), arguments.rounds)
    if arguments.save:
        text = json.dumps(
            {"python": platform.python_version(), "rounds": arguments.rounds, "figures": figures}, indent=1
        )
        path = Path(__file__).with_name("results") / "runtime.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", "utf-8")
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        print(f"{name:<55}{value:10.1f}")
    print()
    for name, value, target in report(figures):
        print(f"{name:<55}{value:10.2f}  {target}")


if __name__ == "__main__":
    main()
