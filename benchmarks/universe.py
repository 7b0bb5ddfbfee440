"""A made-up package index that grows like a real one: `python -m benchmarks.universe FOLDER [--trees N]`.

It has three layers: *commons*, which nearly everything needs and which publish often, *parts*, which few need, and
*tops*, which an application requires by name, each becoming a tree. A top and the parts it needs are near each other:
an application of N tops needs about five distributions per top, whatever N is, and is the first N of any larger one.

Time passes in ticks. Every release states its requirements by what was published at its *era*: at least the version of
some time before, sometimes less than the next major version, seldom exactly one. The era is the last moment at which
all that it needs was consistent, so every release can be installed by itself. Projects release soon after a new major
version of what they need, except tops that are abandoned: those with an upper bound conflict with all that has moved
on. So conflicts arise as they do in reality.

Everything follows from the seed: the same options give byte-identical files. Wheels are real; a package imports all it
requires.

The command writes ``FOLDER/index`` (as ``benchmarks.mirror`` has it) and ``FOLDER/project/pyproject.toml``, which
requires the newest release of each top. With ``--serve`` it serves the index until it is ended; the URL is for
``MVLOCK_INDEX_URL`` and ``UV_DEFAULT_INDEX``. With ``--strict`` each tree is solved by itself (``peers = false``):
then unifying is most of the cost, which otherwise is less than that of finding which tops conflict.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import random
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.mirror import serve, write_pages
from benchmarks.workloads import pyproject

_TICKS = 48
_COMMONS = 60
_PARTS_PER_TOP = 3.5
_ABANDONED = 0.1
_CAPPED = 0.2
_PINNED = 0.004


@dataclass(frozen=True, slots=True)
class Bound:
    """A requirement of a ``project``: its releases from number ``first`` to ``last``, which is None for no end."""

    project: Project
    first: int
    last: int | None
    marker: str = ""

    def text(self) -> str:
        """The requirement as metadata has it."""
        releases = self.project.releases
        if self.first == self.last:
            limits = f"=={releases[self.first].version}"
        elif self.last is None:
            limits = f">={releases[self.first].version}"
        else:
            limits = f">={releases[self.first].version},<{releases[self.last].major + 1}"
        return f"{self.project.name}{limits}{self.marker}"


@dataclass(frozen=True, slots=True)
class Published:
    """A release of a project."""

    tick: int
    major: int
    version: str
    bounds: tuple[Bound, ...] = ()


@dataclass(eq=False)
class Project:
    """A project with its releases, oldest first; the first is there from tick 0 on."""

    name: str
    releases: list[Published] = field(default_factory=list)
    majors: list[int] = field(default_factory=list)

    def number(self, tick: int) -> int:
        """The number of the newest release at a tick."""
        return bisect_right(self.releases, tick, key=lambda one: one.tick) - 1

    def last_of_major(self, number: int) -> int:
        """The number of the last release, ever, of the major version that a release belongs to."""
        major = self.releases[number].major
        return max(n for n, one in enumerate(self.releases) if one.major == major)


class Universe:
    """All projects that an application of ``trees`` tops can need."""

    def __init__(self, trees: int, seed: str = "universe") -> None:
        self._seed = seed
        self._consistent = cache(self._is_consistent)
        self.commons: list[Project] = []
        self.parts: list[Project] = []
        self.tops: list[Project] = []
        for number in range(_COMMONS):
            self.commons.append(self._common(number))
        for number in range(int(trees * _PARTS_PER_TOP) + 5):
            self.parts.append(self._part(number))
        for number in range(trees):
            self.tops.append(self._top(number))

    def __iter__(self) -> Iterator[Project]:
        yield from self.commons
        yield from self.parts
        yield from self.tops

    def _chance(self, name: str) -> random.Random:
        """Chance of its own for each project, so that none changes what others are."""
        return random.Random(f"{self._seed}/{name}")

    def _common(self, number: int) -> Project:
        name = f"common-{number:02}"
        chance, project = self._chance(name), Project(name)
        needed = chance.sample(self.commons, min(len(self.commons), chance.choice((0, 0, 0, 1, 1, 2))))
        project.majors = sorted(chance.sample(range(8, _TICKS - 4), chance.choice((1, 1, 2, 3))))
        ticks = {0, *project.majors, *chance.sample(range(1, _TICKS), chance.randint(12, 36))}
        return self._publish(project, sorted(ticks), needed, chance)

    def _part(self, number: int) -> Project:
        name = f"part-{number:04}"
        chance, project = self._chance(name), Project(name)
        needed = self._some_commons(chance, chance.choice((1, 1, 2, 3)))
        near = self.parts[max(0, number - 8) : number]
        needed += chance.sample(near, min(len(near), chance.choice((0, 0, 0, 1))))
        return self._publish(project, self._ticks(needed, chance, _TICKS), needed, chance)

    def _top(self, number: int) -> Project:
        name = f"top-{number:04}"
        chance, project = self._chance(name), Project(name)
        first = int(number * _PARTS_PER_TOP)
        needed = chance.sample(self.parts[max(0, first - 2) : first + 5], chance.choice((2, 3, 4, 5)))
        needed += self._some_commons(chance, chance.choice((1, 2, 3)))
        if number > 8 and chance.random() < 0.05:
            needed.append(self.tops[chance.randrange(number - 8, number)])
        ends = chance.randrange(10, 40) if chance.random() < _ABANDONED else _TICKS
        return self._publish(project, self._ticks(needed, chance, ends), needed, chance)

    def _some_commons(self, chance: random.Random, count: int) -> list[Project]:
        """Different ones, by a popularity that falls with the number."""
        weights = [1 / (2 + number) for number in range(_COMMONS)]
        return list(dict.fromkeys(chance.choices(self.commons, weights, k=count)))

    def _ticks(self, needed: Sequence[Project], chance: random.Random, ends: int) -> list[int]:
        """When a project releases until it ends: now and then, and after a new major version of what it needs."""
        ticks = {0, *chance.sample(range(1, _TICKS), chance.randint(3, 10))}
        ticks |= {major + chance.randint(0, 3) for one in needed for major in one.majors}
        return sorted(tick for tick in ticks if tick < ends)

    def _publish(
        self, project: Project, ticks: Sequence[int], needed: Sequence[Project], chance: random.Random
    ) -> Project:
        habits = [(one, _habit(chance)) for one in needed]
        major = minor = 0
        for tick in ticks:
            major, minor = (major + 1, 0) if tick in (0, *project.majors) else (major, minor + 1)
            era = next(one for one in range(tick, -1, -1) if all(self._consistent(p, one) for p in needed))
            bounds = tuple(self._bound(one, era, *habit) for one, habit in habits)
            project.releases.append(Published(tick, major, f"{major}.{minor}.0", bounds))
        return project

    def _bound(self, needed: Project, era: int, lag: int, kind: str, marker: str) -> Bound:
        now = needed.number(era)
        if kind == "pinned":
            return Bound(needed, now, now, marker)
        oldest = min(needed.number(max(0, era - lag)), now)
        return Bound(needed, oldest, needed.last_of_major(now) if kind == "capped" else None, marker)

    def _is_consistent(self, project: Project, tick: int) -> bool:
        """Whether the newest releases at a tick suit a project and all that it needs."""
        for bound in project.releases[project.number(tick)].bounds:
            now = bound.project.number(tick)
            if now < bound.first or (bound.last is not None and now > bound.last):
                return False
            if not self._consistent(bound.project, tick):
                return False
        return True


def _habit(chance: random.Random) -> tuple[int, str, str]:
    """How a project requires another: how old it may be, what kind of bound, for which platforms."""
    lag, dice = chance.randint(3, 24), chance.random()
    kind = "pinned" if dice < _PINNED else "capped" if dice < _PINNED + _CAPPED else "free"
    marker = chance.choices(("", "; sys_platform == 'win32'", "; sys_platform != 'darwin'"), (90, 4, 6))[0]
    return lag, kind, marker


def metadata(project: Project, release: Published) -> bytes:
    """Core metadata 2.2 of a release."""
    lines = ["Metadata-Version: 2.2", f"Name: {project.name}", f"Version: {release.version}"]
    lines += ["Requires-Python: >=3.8", *(f"Requires-Dist: {bound.text()}" for bound in release.bounds)]
    return "\n".join([*lines, "", "A release of a generated project.", ""]).encode()


def wheel(project: Project, release: Published) -> tuple[str, bytes]:
    """File name and bytes of a wheel (PEP 427): a package that imports what the release requires here."""
    stem = f"{_module(project)}-{release.version}"
    info = f"{stem}.dist-info"
    files = dict(_modules(project, release)) | {
        f"{info}/METADATA": metadata(project, release),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return f"{stem}-py3-none-any.whl", buffer.getvalue()


def _module(project: Project) -> str:
    return project.name.replace("-", "_")


def _modules(project: Project, release: Published) -> Iterator[tuple[str, bytes]]:
    """Path and text of each module: two that are imported, a few that are not, of different lengths."""
    module, chance = _module(project), random.Random(project.name)
    needed = [_module(bound.project) for bound in release.bounds if "win32" not in bound.marker]
    first = [
        f'__version__ = "{release.version}"',
        f"from {module} import part_0, part_1",
        *(f"import {n}" for n in needed),
    ]
    yield f"{module}/__init__.py", "\n".join([*first, ""]).encode()
    for number in range(chance.randint(2, 12)):
        functions = (
            f"def function_{n}(value: int) -> int:\n    return value * {n} + {number}\n"
            for n in range(chance.randint(2, 60))
        )
        # What differs in each release is one line of one module, as often in reality.
        text = f"RELEASE = {release.version!r}\n" if number == 0 else ""
        yield f"{module}/part_{number}.py", (text + "\n".join(functions)).encode()


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    rows = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join([*rows, f"{own},,\n"]).encode()


def write_index(folder: Path, universe: Universe) -> None:
    """Write an index of all projects."""
    files = folder / "files"
    files.mkdir(parents=True)
    for project in universe:
        for release in project.releases:
            name, content = wheel(project, release)
            (files / name).write_bytes(content)
    write_pages(folder)


STRICT = "\n[tool.mvlock]\npeers = false\n"


def requirements(tops: Sequence[Project]) -> list[str]:
    """What an application requires: the newest release of each top."""
    return [f"{top.name}>={top.releases[-1].version}" for top in tops]


def main() -> None:
    """Write index and project, serve the index if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--serve", action="store_true", help="serve the index; the first line of output is its URL")
    parser.add_argument("--strict", action="store_true", help="a project of trees that do not follow each other")
    arguments = parser.parse_args()
    index, project = arguments.folder / "index", arguments.folder / "project"
    universe = Universe(arguments.trees)
    if not index.exists():
        write_index(index, universe)
    project.mkdir(exist_ok=True)
    text = pyproject(f"tops-{arguments.trees}", requirements(universe.tops)) + (STRICT if arguments.strict else "")
    (project / "pyproject.toml").write_text(text, "utf-8")
    if arguments.serve:
        serve(index)


if __name__ == "__main__":
    main()
