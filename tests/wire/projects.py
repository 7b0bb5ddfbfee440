"""The projects, installed by mvlock itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.kept_projects import KeptProject, KeptProjects
from tests.support.release import Release, write_source
from tests.wire.cells import SIDES, Side, pins

_HERE = Path(__file__).parent
_PROJECTS = {"sklearn": "scikit-learn"}
"""The projects that have another name than their module."""
_SENDING = ("cloudpickle", "dask", "distributed", "joblib")
_OVER_NUMPY = ("pandas", "sklearn")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a project has: ``libraries`` (modules) under aliases; ``has_own``: under their names, too, and in libraries.

    ``sending``: the projects that send.
    """

    name: str
    libraries: tuple[str, ...]
    has_own: bool
    sending: tuple[str, ...] = _SENDING


ALL = ("pandas", "numpy", "pydantic", "sqlalchemy", "sklearn")
BESIDE = Contents("beside", ALL, has_own=True)
ALONE = Contents("aliases", ALL, has_own=False)


@contextmanager
def application(projects: KeptProjects, contents: Contents) -> Iterator[KeptProject]:
    """The project of an application, written and locked against other processes."""
    with projects.project(f"wire-{contents.name}") as kept:
        kept.write(_files(contents, projects.version))
        for side in ("old", "new") if contents.has_own else ():
            release = Release(f"needs-{side}", "1.0", requires=_needed(contents, projects.version, side))
            write_source(kept.folder / "sources" / side, _with_payload(release, f"needs_{side}"))
        yield kept


@contextmanager
def plain(projects: KeptProjects) -> Iterator[KeptProject]:
    """A project whose trees ``own``, ``old`` and ``new`` are ordinary environments with one version of everything."""
    trees = {side: [*_needed(BESIDE, projects.version, side), *_SENDING] for side in SIDES}
    text = _pyproject(projects.version, "plain", [], {"alias": dict(_alias(*one, "pandas") for one in trees.items())})
    with projects.project("wire-plain") as kept:
        kept.write({"pyproject.toml": text, "main.py": _text("main.py"), **_package("by_own", {})})
        yield kept


def _files(contents: Contents, python: str) -> dict[str, str]:
    sides = SIDES if contents.has_own else SIDES[1:]
    files = {name: _text(name) for name in ("main.py", "functions.py", "module.py")}
    for side in sides:
        names = {} if side == "own" else {name: f"{name}_{side}" for name in contents.libraries}
        files |= _package(f"by_{side}", names)
    dependencies, tables = list(contents.sending), {"alias": dict(_aliases(contents, python))}
    if contents.has_own:
        dependencies += ["needs-old", "needs-new", *_needed(contents, python, "own")]
        tables["sources"] = {f"needs-{side}": f'{{ path = "sources/{side}" }}' for side in ("old", "new")}
    return files | {"pyproject.toml": _pyproject(python, contents.name, dependencies, tables)}


def _pyproject(python: str, name: str, dependencies: list[str], tables: Mapping[str, Mapping[str, str]]) -> str:
    lines = [
        f'[project]\nname = "wire-{name}"\nversion = "1"\nrequires-python = "=={python}.*"',
        f"dependencies = {json.dumps(dependencies)}",
    ]
    for table, entries in tables.items():
        lines += [f"[tool.mvlock.{table}]", *(f"{key} = {value}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"


def _aliases(contents: Contents, python: str) -> Iterator[tuple[str, str]]:
    """The aliases: the old NumPy with what is over it, and the new one."""
    for side in SIDES[1:]:
        for name in contents.libraries:
            beside = [_pin(python, side, "numpy")] if name in _OVER_NUMPY else []
            yield _alias(f"{name}_{side}", [_pin(python, side, name), *beside], name)


def _alias(name: str, requirements: list[str], module: str) -> tuple[str, str]:
    """The key and the value of one."""
    return name, f'{{ requirements = {json.dumps(requirements)}, module = "{module}" }}'


def _needed(contents: Contents, python: str, side: Side) -> list[str]:
    return [_pin(python, side, name) for name in contents.libraries]


def _pin(python: str, side: Side, name: str) -> str:
    return f"{_PROJECTS.get(name, name)}=={pins(python)[side][name]}"


def _with_payload(release: Release, package: str) -> Release:
    return Release(release.name, release.version, requires=release.requires, files=_package(package, {}))


def _package(name: str, names: Mapping[str, str]) -> dict[str, str]:
    """``payload`` as the package ``name``, which imports modules by other ``names``."""
    return {f"{name}/{path.name}": renamed(path.read_text("utf-8"), names) for path in _modules()}


def _modules() -> Iterable[Path]:
    return sorted((_HERE / "payload").glob("*.py"))


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text of a module whose ``import`` statements at the left margin name others, for the same names in it."""
    for name, other in names.items():
        text = re.sub(rf"^import {name}(?=\s)", f"import {other} as {name}", text, flags=re.MULTILINE)
        text = re.sub(rf"^from {name}(?=[.\s])", f"from {other}", text, flags=re.MULTILINE)
    return text
