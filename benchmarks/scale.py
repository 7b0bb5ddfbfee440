"""How cost grows with trees: `python -m benchmarks.scale [--sizes 10,50,…] [--steps resolve-cold,…] [--limit SECONDS]`.

The applications are those of a generated index (``universe``), 10 to 1,000 trees, about five distributions each. Steps:

- resolve-cold, resolve-warm, resolve-again (nothing changed), resolve-strict (warm, every tree solved by itself, so
  that unifying is most of it), uv-compile (beside us: `uv pip compile` of each tree, warm);
- install-cold, install (warm), install-again (nothing to do), uv-install (beside us: an environment for each tree);
- start of the application, plain-start (beside it: of an empty virtual environment), import-all (what it requires, with
  all that they import).

A step that takes longer than the limit is ended and reported as that; those that need its result are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Figure, Measurement, compare, run
from benchmarks.mirror import served
from benchmarks.peers import CACHE, HERE, Command, Tools
from benchmarks.report import print_figures
from benchmarks.results import Results, conditions, save
from benchmarks.universe import STRICT, Project, Universe, requirements, write_index
from benchmarks.workloads import pyproject

SIZES = (10, 50, 100, 200, 300, 1000)
STEPS = [
    *("resolve-cold", "resolve-warm", "resolve-again", "resolve-strict", "uv-compile"),
    *("install-cold", "install", "install-again", "uv-install"),
    *("start", "plain-start", "import-all"),
]
_TRIES = {"resolve-again": 3, "install-again": 3, "start": 21}
_CACHE, _LOCK = ("mvlock-cache", "resolve-cold"), ("project/mv.lock", "resolve-warm")
_APP, _UV = ("project/app", "install-cold"), ("wanted/top_0000.txt", "uv-compile")
_NEEDS = {
    **dict.fromkeys(("resolve-warm", "resolve-strict"), _CACHE),
    **dict.fromkeys(("resolve-again", "install-cold"), _LOCK),
    **dict.fromkeys(("install", "install-again", "start", "import-all"), _APP),
    "uv-install": _UV,
    "plain-start": ("plain", "plain-venv"),
}
"""What is there before a step, and the step that makes it."""
_BESIDE = {"start": "plain-start"}
"""What is measured in turn with a step, as far as it is wanted, too: they differ by milliseconds."""
_WARMED = {"uv-compile", "uv-install"}
"""What is done once before it is measured."""

Step = tuple[tuple[str, ...], list[Command]]


class Bench:
    """An application of some trees in a folder of its own."""

    def __init__(self, folder: Path, index: str, tops: Sequence[Project], limit: float) -> None:
        self._folder = folder
        self._limit = limit
        self._tools = Tools(folder, index)
        self._requirements = requirements(tops)
        self._names = [top.name.replace("-", "_") for top in tops]
        self._imports = f"import {', '.join(self._names)}"
        self._failed: set[str] = set()
        self._project, self._strict = folder / "project", folder / "strict"
        self._project.mkdir(parents=True)
        self._strict.mkdir()
        project = pyproject(f"tops-{len(tops)}", self._requirements)
        (self._project / "pyproject.toml").write_text(project, "utf-8")
        (self._strict / "pyproject.toml").write_text(project + STRICT, "utf-8")

    def steps(self) -> dict[str, Step]:
        """By name and in order: what is removed before, and the commands."""
        python = self._project / "app" / "bin" / "python"
        resolve, install = self._tools.mvlock(self._project, "resolve"), self._tools.mvlock_install(self._project)
        return {
            "resolve-cold": (("project/mv.lock", "mvlock-cache"), [resolve]),
            "resolve-warm": (("project/mv.lock",), [resolve]),
            "resolve-again": ((), [resolve]),
            "resolve-strict": (("strict/mv.lock",), [self._tools.mvlock(self._strict, "resolve")]),
            "uv-compile": ((), list(self._uv_compile())),
            "install-cold": (("project/py_modules", "project/app"), [install]),
            "install": (("project/py_modules", "project/app"), [install]),
            "install-again": ((), [install]),
            "uv-install": (("environments",), list(self._uv_install())),
            "start": ((), [[python, "-c", "pass"]]),
            "plain-venv": ((), [self._tools.uv_venv(self._folder / "plain")]),
            "plain-start": ((), [[self._folder / "plain" / "bin" / "python", "-c", "pass"]]),
            "import-all": ((), [[python, "-c", self._imports]]),
        }

    def measure(self, wanted: Sequence[str]) -> dict[str, Figure]:
        """The figures of the steps that are wanted; what they need is made untimed."""
        found: dict[str, Figure] = {}
        beside = {other for step, other in _BESIDE.items() if step in wanted}
        for name in (step for step in self.steps() if step in wanted and step not in beside):
            together = [name, *(other for other in (_BESIDE.get(name),) if other in wanted)]
            if all(step not in _NEEDS or self._is_made(*_NEEDS[step]) for step in together):
                if name in _WARMED:
                    self._measured(1, name)
                found |= self._measured(_TRIES.get(name, 1), *together)
            else:
                found |= dict.fromkeys(together, "needs a step that failed or took too long")
        return found

    def _is_made(self, path: str, step: str) -> bool:
        """Whether something is there, or a step made it now."""
        possible = step not in self._failed and (step not in _NEEDS or self._is_made(*_NEEDS[step]))
        if possible and not (self._folder / path).exists():
            self._measured(1, step)
        return (self._folder / path).exists()

    def _measured(self, tries: int, *names: str) -> dict[str, Figure]:
        steps = {name: self.steps()[name] for name in names}
        work = {
            name: (self._without(*removed), partial(self._run_all, does)) for name, (removed, does) in steps.items()
        }
        found = compare(tries, work)
        self._failed.update(name for name, figure in found.items() if isinstance(figure, str))
        return found

    def _uv_compile(self) -> Iterator[Command]:
        for name, requirement in zip(self._names, self._requirements, strict=True):
            wanted = self._folder / "wanted" / f"{name}.in"
            wanted.parent.mkdir(exist_ok=True)
            wanted.write_text(requirement, "utf-8")
            yield self._tools.uv_compile(wanted, wanted.with_suffix(".txt"), "--universal", "--upgrade")

    def _uv_install(self) -> Iterator[Command]:
        for name in self._names:
            place = self._folder / "environments" / name
            yield self._tools.uv_venv(place)
            yield self._tools.uv_pip_sync(place, self._folder / "wanted" / f"{name}.txt")

    def _run_all(self, commands: Sequence[Command]) -> Iterator[Measurement]:
        end = time.monotonic() + self._limit
        for command in commands:
            yield run(command, self._folder, self._tools.variables, max(0.0, end - time.monotonic()))

    def _without(self, *names: str) -> Callable[[], None]:
        def remove() -> None:
            for path in (self._folder / name for name in names):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

        return remove


def measure(sizes: Sequence[int], steps: Sequence[str], limit: float) -> dict[str, dict[str, Figure]]:
    """The figures of each size."""
    universe, found = Universe(max(sizes)), {}
    with tempfile.TemporaryDirectory(prefix="mvlock-bench-") as temporary, served(_index(universe)) as url:
        for size in sizes:
            bench = Bench(Path(temporary, str(size)), url, universe.tops[:size], limit)
            found[str(size)] = bench.measure(steps)
            print_figures({f"{size} trees": found[str(size)]})
    return found


def _index(universe: Universe) -> Path:
    """The generated index, kept from the last time unless what generates it has changed."""
    digest = hashlib.sha256((HERE / "universe.py").read_bytes()).hexdigest()[:12]
    index = CACHE / "universes" / f"{len(universe.tops)}-{digest}"
    if not (index / "simple").exists():
        shutil.rmtree(index, ignore_errors=True)
        write_index(index, universe)
    return index


def main() -> None:
    """Measure the sizes and steps that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--limit", type=float, default=600, help="seconds for each step")
    parser.add_argument("--quick", action="store_true", help="print the figures, and do not keep them")
    arguments = parser.parse_args()
    sizes, steps = [int(size) for size in arguments.sizes.split(",")], arguments.steps.split(",")
    found = measure(sizes, steps, arguments.limit)
    about = conditions(Tools(CACHE, "").uv, 1) | {"limit in seconds": arguments.limit}
    if not arguments.quick:
        save("scale", Results(about, found))


if __name__ == "__main__":
    main()
