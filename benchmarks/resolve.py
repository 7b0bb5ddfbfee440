"""Resolving, side by side: `python -m benchmarks.resolve [w1 w2 w3] [--runs N]`.

For each workload: `mvlock resolve`, which locks a tree per dependency for every platform; `uv lock` and `poetry lock`,
which lock all dependencies together; `uv pip compile --universal` once per dependency, which is what trees of their own
take; pip's joint resolution, for this platform alone. Each cold (an empty cache) and warm, mvlock and uv also with
nothing to do. The index is a local one that replays the package index (``mirror --replay``): the first resolve of each
tool, which fills it, is not counted. Needs `uv` on PATH or beside this Python, and CPython 3.11.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import Figure, Measurement, Work, compare, run, set_aside
from benchmarks.mirror import served
from benchmarks.peers import CACHE, Command, Tools
from benchmarks.report import print_figures
from benchmarks.results import Results, conditions, save
from benchmarks.workloads import WORKLOADS

_LIMIT = 900.0


class Bench:
    """One workload in a folder of its own, with caches of its own below it."""

    def __init__(self, name: str, root: Path, index: str) -> None:
        self._requirements = WORKLOADS[name]
        self._folder = root / name
        self._project = self._folder / "project"
        self._tools = Tools(self._folder, index)
        self._tools.project(self._project, f"bench-{name}", self._requirements)

    def measure(self, runs: int) -> dict[str, Figure]:
        """All figures, by what was done."""
        cold = self._work("mvlock-cache", "uv-cache", "pip-cache", "poetry-cache")
        compare(1, cold)
        found = {f"cold: {what}": one for what, one in _compared(runs, cold).items()}
        warm = _compared(runs, self._work())
        again: dict[str, Work] = {
            "mvlock": (lambda: None, self._mvlock),
            "uv lock": (lambda: None, self._uv_lock),
        }
        compare(1, again)
        idle = compare(runs + 2, again)
        return (
            found
            | {f"warm: {what}": one for what, one in warm.items()}
            | {f"nothing to do: {what}": one for what, one in idle.items()}
        )

    def _work(self, *caches: str) -> dict[str, Work]:
        return {
            "mvlock": (self._without("project/mv.lock", *caches[:1]), self._mvlock),
            "uv lock": (self._without("project/uv.lock", *caches[1:2]), self._uv_lock),
            "uv pip compile": (self._without(*caches[1:2]), self._uv_compile),
            "pip": (self._without(*caches[2:3]), self._pip),
            "poetry lock": (self._without("project/poetry.lock", *caches[3:]), self._poetry_lock),
        }

    def _without(self, *names: str) -> Callable[[], None]:
        return partial(set_aside, self._folder, *names)

    def _run(self, command: Command) -> Measurement:
        return run(command, self._folder, self._tools.variables, _LIMIT)

    def _mvlock(self) -> Iterator[Measurement]:
        yield self._run(self._tools.mvlock(self._project, "resolve"))

    def _uv_lock(self) -> Iterator[Measurement]:
        yield self._run(self._tools.uv_lock(self._project))

    def _uv_compile(self) -> Iterator[Measurement]:
        for number, requirement in enumerate(self._requirements):
            wanted = self._folder / f"{number}.in"
            wanted.write_text(requirement, "utf-8")
            made = self._folder / f"{number}.txt"
            yield self._run(self._tools.uv_compile(wanted, made, "--universal", "--upgrade"))

    def _pip(self) -> Iterator[Measurement]:
        yield self._run(self._tools.pip_dry_run(self._folder / "report.json", self._requirements))

    def _poetry_lock(self) -> Iterator[Measurement]:
        yield self._run(self._tools.poetry(self._project, "lock"))


def _compared(runs: int, work: dict[str, Work]) -> dict[str, Figure]:
    """The figures of several runs; of a third of them for pip and poetry, which take many times longer."""
    slow = {what: one for what, one in work.items() if what in {"pip", "poetry lock"}}
    quick = {what: one for what, one in work.items() if what not in slow}
    return compare(runs, quick) | compare(max(1, runs // 3), slow)


def measure(names: list[str], runs: int, replay: Path) -> dict[str, dict[str, Figure]]:
    """All figures of some workloads; ``replay`` keeps what the package index said."""
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-") as temporary, served(replay, "--replay") as index:
        return {name: Bench(name, Path(temporary), index).measure(runs) for name in names}


def main() -> None:
    """Measure the workloads that are named, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="w1 w2 w3")
    parser.add_argument("--runs", type=int, default=3, help="of each tool; a third of it of pip and poetry")
    parser.add_argument("--quick", action="store_true", help="print the figures, and do not keep them")
    arguments = parser.parse_args()
    found = measure(arguments.workloads or list(WORKLOADS), arguments.runs, CACHE / "replay")
    print_figures(found)
    if not arguments.quick:
        save("resolve", Results(conditions(Tools(CACHE, "").uv, arguments.runs), found))


if __name__ == "__main__":
    main()
