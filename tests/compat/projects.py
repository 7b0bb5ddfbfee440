"""Projects of pairs: the code of each version in its own library, and an application that runs both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.compat.pairs import Pair, Side
from tests.support.kept_projects import KeptProject, KeptProjects
from tests.support.release import Release, write_source

_APPLICATION = Path(__file__).with_name("application.py")
_SIDES: tuple[Side, ...] = ("old", "new")

_PROBE = '''"""What shows that the {side} version is the one that this distribution requires."""

_SMOKES = {smokes!r}


def smoke(mode):
    """Run the code as this module's: in a copy of its globals, so that every run begins afresh."""
    fresh = {{name: value for name, value in globals().items() if name not in ("smoke", "_SMOKES")}}
    exec(compile(_SMOKES.get(mode, _SMOKES[""]), "<smoke of probe_{side}>", "exec"), fresh)
'''


def probe_text(pair: Pair, side: Side) -> str:
    """The module ``probe_old`` or ``probe_new``."""
    return _PROBE.format(side=side, smokes=pair.smokes)


@contextmanager
def pair_project(projects: KeptProjects, pair: Pair) -> Iterator[PairProject]:
    """The project of ``pair``, written, but neither resolved nor installed; locked against other processes."""
    with projects.project(pair.name) as kept:
        project = PairProject(pair, kept)
        kept.write(project.files())
        for side in _SIDES:
            write_source(kept.folder / "sources" / side, project.probe(side))
        yield project


@dataclass(frozen=True, slots=True)
class PairProject:
    """One pair's project, ``kept`` by the tool."""

    pair: Pair
    kept: KeptProject

    def tree(self, side: Side) -> Path:
        """The interpreter of one version's tree, without importshim."""
        return self.kept.tree(f"probe_{side}")

    def files(self) -> dict[str, str]:
        """The files that are not generated: pyproject.toml and the application."""
        projects = self.kept.projects
        pyproject = (
            f'[project]\nname = "compat-{self.pair.name}"\nversion = "1.0"\n'
            f'requires-python = "=={projects.version}.*"\ndependencies = ["probe-old", "probe-new"]\n\n'
            f"[tool.mvlock]\nno-build = {str(projects.no_build).lower()}\n"
            '[tool.mvlock.sources]\nprobe-old = { path = "sources/old" }\nprobe-new = { path = "sources/new" }\n'
        )
        return {"pyproject.toml": pyproject, "main.py": _APPLICATION.read_text("utf-8")}

    def probe(self, side: Side) -> Release:
        """The library of one side."""
        text = probe_text(self.pair, side)
        requires = self.pair.requirements(side)
        return Release(f"probe-{side}", "1.0", requires=requires, files={f"probe_{side}.py": text})
