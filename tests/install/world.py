"""A project, an index and locks by hand: worlds for installs in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from mvlock.index.client import open_index
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.project import install_project
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree, TreePackage
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from mvlock.project.model import Project
from tests.support.project import ProjectFolder


class Listener(SilentReporter):
    """Remembers notes and details."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.details: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)


@dataclass
class World:
    """``packages`` grows with what is published; ``lock`` knows all of it."""

    folder: ProjectFolder
    interpreter: Interpreter
    packages: dict[str, LockedPackage] = field(default_factory=dict)
    reporter: Listener = field(default_factory=Listener)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.folder.root

    @property
    def project(self) -> Project:
        """The project as its pyproject.toml says now."""
        return load_project(self.root)

    def publish(self, name: str, version: str = "1.0", **values: Any) -> World:
        """Publish a release (see ``LocalIndex.publish``) and remember it for locks."""
        served = self.folder.index.publish(name, version, **values)
        files = [LockedFile(name=file.filename, hashes={"sha256": file.hashes["sha256"]}) for file in served]
        self.packages[f"{name} {version}"] = LockedPackage(
            name=name,
            version=version,
            index="local",
            wheels=tuple(file for file in files if file.name.endswith(".whl")),
            sdist=next((file for file in files if not file.name.endswith(".whl")), None),
        )
        return self

    def add(self, package: LockedPackage) -> World:
        """Remember a package that no index has."""
        self.packages[f"{package.name} {package.version}"] = package
        return self

    def lock(self, trees: Mapping[str, Sequence[str]], **values: Any) -> Lock:
        """A lock of trees: ``{"x": ["a 1.0", "b 2.0"]}``; the first is required, its name is importable."""
        made = tuple(_tree(name, members, values.pop(name, {})) for name, members in sorted(trees.items()))
        return Lock(inputs="sha256:" + "0" * 64, trees=made, packages=tuple(self.packages.values()), **values)

    def install(self, trees: Mapping[str, Sequence[str]] | Lock, **options: Any) -> InstallReport:
        """Install a lock."""
        lock = trees if isinstance(trees, Lock) else self.lock(trees)
        chosen = replace(InstallOptions(self.interpreter, self.folder.cache), **options)
        project = self.project
        with open_index(project, cache=self.folder.cache, reporter=self.reporter) as index:
            return install_project(project, lock, lambda: index, options=chosen, reporter=self.reporter)

    def tree(self, name: str) -> Path:
        """A tree's folder."""
        return self.root / "py_modules" / name

    def site_packages(self, name: str) -> Path:
        """A tree's site-packages."""
        return self.tree(name) / self.interpreter.layout["purelib"]

    def python(self, environment: str, code: str) -> str:
        """What ``code`` prints, run by the interpreter of an environment (``py_modules/x``, ``app``)."""
        return run(self.root / environment / "bin/python", "-c", code)

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Inode and time of everything in the project."""
        found = (path for path in self.root.rglob("*") if "__pycache__" not in path.parts)
        return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in found}


def run(*command: str | Path, errors: bool = False) -> str:
    """The output of a command that must succeed; with ``errors`` what it says on standard error instead."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (done.stderr if errors else done.stdout).strip()


def host() -> Interpreter:
    """The interpreter that runs the tests."""
    return find_interpreter(SpecifierSet(">=3.10"), sys.executable, search=Search())


def _tree(name: str, members: Sequence[str], values: Mapping[str, Any]) -> LockedTree:
    pairs = [member.split(" ") for member in members]
    first = pairs[0][0] if pairs else name
    packages = tuple(TreePackage(name=name, version=version) for name, version in sorted(pairs))
    imports = (first.replace("-", "_"),)
    return LockedTree(**{"name": name, "requires": (first,), "imports": imports, "packages": packages, **values})
