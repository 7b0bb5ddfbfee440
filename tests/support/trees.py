"""Trees written directly, in one line each, and programs that use them in a separate process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

import importshim
from mvlock.importmap.file import map_text
from mvlock.importmap.model import MAP_VERSION, ImportMap
from mvlock.importmap.provided_names import provided_names


def with_names(found: dict[str, Any]) -> dict[str, Any]:
    """A map as JSON has it, with its contested and sole names."""
    names = {one["name"]: {**one.get("peers", {}), **one["routes"]} for one in found["domains"]}
    contested, sole = provided_names({"": found["root"], **names})
    return {**found, "contested": contested, "sole": sole}


@dataclass
class TreeWorld:
    """An application with trees below ``root``, run by ``python``.

    ``tree`` writes modules (path below site-packages to source); every top-level name is given by a distribution
    of the same name whose version is the tree's ``version``. Nothing is installed and nothing is fetched.
    ``options`` are those of ``python``; ``startup``, ``starts``: by tree, a line of a ``.pth``, of a ``.start`` file.
    """

    root: Path
    python: Path
    trees: dict[str, str] = field(default_factory=dict)
    exposed: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    startup: dict[str, str] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)
    peers: dict[str, dict[str, str]] = field(default_factory=dict)
    shared: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    strict: set[str] = field(default_factory=set)
    options: tuple[str, ...] = ()

    def tree(self, name: str, files: dict[str, str], *, version: str = "1.0") -> TreeWorld:
        """Add a tree; ``files`` maps paths such as ``lib/__init__.py`` to their text."""
        self.trees[name] = version
        for path, text in files.items():
            self._write(self.site(name) / path, text)
        for top in self._tops(name):
            self._write(
                self.site(name) / f"{top}-{version}.dist-info" / "METADATA",
                f"Metadata-Version: 2.1\nName: {top}\nVersion: {version}\n",
            )
        return self

    def share(self, *trees: str, names: str) -> TreeWorld:
        """Let ``trees`` share the top-level ``names`` (separated by spaces), which all of them have."""
        self.shared[trees] = tuple(names.split())
        return self

    def add_peers(self, tree: str, **peers: str) -> TreeWorld:
        """Let code of ``tree`` find direct dependencies of the application in other trees: ``name="tree"``."""
        self.peers[tree] = peers
        return self

    def isolate(self, *trees: str) -> TreeWorld:
        """Have ``peers = false`` for ``trees``."""
        self.strict.update(trees)
        return self

    def expose(self, **names: str) -> TreeWorld:
        """Let the application import ``name`` from a tree."""
        self.exposed.update(names)
        return self

    def alias(self, name: str, tree: str, module: str) -> TreeWorld:
        """Let the application import ``module`` of ``tree`` under ``name``."""
        self.aliases[name] = {"domain": tree, "module": module}
        return self

    def site(self, tree: str) -> Path:
        """The site-packages folder of ``tree``."""
        return self.root / "py_modules" / tree

    def file(self, path: str, text: str) -> TreeWorld:
        """Write a file of the application."""
        self._write(self.root / path, text)
        return self

    def run(self, program: str, *, seconds: float = 60) -> str:
        """Run ``program`` as the application; its output without the last line break. It must succeed."""
        done = self.start(program, seconds=seconds)
        if done.returncode:
            raise AssertionError(f"{self.python} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout.rstrip("\n")

    def start(self, program: str, *, seconds: float = 60, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``program`` as the application, even if it fails, with more environment ``variables``."""
        map_path = self.write_map()
        main = self.root / "main.py"
        main.write_text(textwrap.dedent(program), "utf-8")
        start = (
            f"import sys, runpy; sys.path.append({str(self.importshim_folder())!r}); "
            f"import importshim; importshim.activate({str(map_path)!r}); sys.path[0] = {str(self.root)!r}; "
            f"sys.argv = [{str(main)!r}]; exec(compile({main.read_bytes()!r}, {str(main)!r}, 'exec'))"
        )
        return self._start(["-W", "error", *self.options, "-c", start], seconds, variables)

    def start_inactive(
        self, program: str, *, seconds: float = 60, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``program`` with importshim importable, but not active."""
        start = f"import sys; sys.path.append({str(self.importshim_folder())!r})\n{textwrap.dedent(program)}"
        return self._start(["-c", start], seconds, variables)

    def _start(
        self, arguments: list[str], seconds: float, variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return subprocess.run(
            [str(self.python), *arguments],
            capture_output=True, text=True, timeout=seconds, env=kept | variables, check=False,
        )  # fmt: skip

    def write_map(self) -> Path:
        """Write the map that `mvlock install` would compile; return its path."""
        path = self.root / "import_map.json"
        path.write_text(map_text(msgspec.convert(self.import_map(), ImportMap)), "utf-8")
        return path

    def install(self, python: str) -> Path:
        """Write the map, beside a copy of importshim, where `mvlock install` does for a version of Python ("3.11")."""
        site = self.root / "app" / "lib" / f"python{python}" / "site-packages"
        shutil.copytree(self.importshim_folder() / "importshim", site / "importshim", dirs_exist_ok=True)
        text = json.dumps(self.import_map()).replace('"py_modules/', f'"{self.root.as_posix()}/py_modules/')
        (site / "importshim" / "import_map.json").write_text(text, "utf-8")
        return site

    def import_map(self) -> dict[str, Any]:
        """The map that `mvlock install` would compile."""
        return with_names(
            {
                "version": MAP_VERSION,
                "trees": {
                    name: {"domain": name, "site": self.site(name).relative_to(self.root).as_posix()}
                    for name in self.trees
                },
                "domains": [
                    *(self._shared_domain(trees, names) for trees, names in self.shared.items()),
                    *(self._domain(name) for name in self.trees),
                ],
                "root": {name: self._provider(tree, name) for name, tree in self.exposed.items()},
                "aliases": self.aliases,
            }
        )

    def _domain(self, name: str) -> dict[str, object]:
        own = [top for top in self._tops(name) if self._provider(name, top) == name]
        return {
            "name": name,
            "trees": [name],
            "paths": [self.site(name).relative_to(self.root).as_posix()],
            "distributions": self._distributions(name, own),
            **({"startup": startup} if (startup := list(self._startup(name))) else {}),
            **({"peers": self.peers[name]} if name in self.peers else {}),
            **({"strict": True} if name in self.strict else {}),
            "routes": self._routes(name),
        }

    def _shared_domain(self, trees: tuple[str, ...], names: tuple[str, ...]) -> dict[str, object]:
        found: dict[str, set[str]] = {}
        for tree in trees:
            for top, provider in self._routes(tree).items():
                found.setdefault(top, set()).add(provider)
        return {
            "name": "+".join(trees),
            "trees": list(trees),
            "paths": [self.site(trees[0]).relative_to(self.root).as_posix()],
            "distributions": self._distributions(trees[0], names),
            **({"strict": True} if self.strict.intersection(trees) else {}),
            "routes": {top: provider.pop() for top, provider in found.items() if len(provider) == 1},
        }

    def _distributions(self, tree: str, tops: Iterable[str]) -> list[dict[str, object]]:
        return [{"name": top, "version": self.trees[tree], "imports": [top]} for top in tops]

    def _routes(self, tree: str) -> dict[str, str]:
        return {top: self._provider(tree, top) for top in self._tops(tree) if top not in sys.stdlib_module_names}

    def _provider(self, tree: str, name: str) -> str:
        found = ("+".join(trees) for trees, names in self.shared.items() if tree in trees and name in names)
        return next(found, tree)

    def _startup(self, name: str) -> Iterator[dict[str, str]]:
        folder = self.site(name).relative_to(self.root).as_posix()
        for suffix, lines in ((".pth", self.startup), (".start", self.starts)):
            if name in lines:
                yield {"folder": folder, "file": f"{name}{suffix}", "line": lines[name]}

    def _tops(self, tree: str) -> list[str]:
        entries = self.site(tree).iterdir()
        return sorted({entry.name.partition(".")[0] for entry in entries if not entry.name.endswith("-info")})

    @staticmethod
    def importshim_folder() -> Path:
        """The folder to put on ``sys.path`` for ``import importshim``."""
        return Path(importshim.__file__).parent.parent

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
