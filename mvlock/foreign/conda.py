"""environment.yml of conda: its pip section, and those conda packages that are evidently projects of the public index.

The names of conda packages say nothing about the index: many are no Python projects, and the index has others under
their names. So only names that are known to mean the same project are taken; all others are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import msgspec.yaml
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.foreign.document import read_text, shaped, understood
from mvlock.foreign.model import ForeignProject, ForeignRequirement, combined, left_out
from mvlock.foreign.requirement import requirement
from mvlock.foreign.requirements_file import read_requirement_lines

_TOOLS = frozenset({"pip", "setuptools", "wheel", "conda", "mamba"})
_SPEC = re.compile(r"(?:[\w./-]+::)?([A-Za-z0-9_.-]+?)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~\s].*)?)")


class _Environment(msgspec.Struct, frozen=True):
    name: str | None = None
    channels: list[str] | None = None
    dependencies: list[str | dict[str, list[str] | None]] | None = None
    variables: object = None


def read_environment_file(path: Path) -> ForeignProject:
    """What an environment.yml says.

    :raises LocalError: ``file-unreadable``, ``foreign-invalid``
    """
    with understood(path.name):
        found = shaped(msgspec.yaml.decode(read_text(path)), _Environment, path.name)
        rows = found.dependencies or []
        return combined(
            [
                ForeignProject(files=(f"{path.name} (conda)",), name=found.name),
                *_packages([row for row in rows if isinstance(row, str)], path.name),
                *_pip_sections(rows, path),
                *([left_out("variables", "mvlock sets no environment variables")] if found.variables else []),
            ]
        )


def _pip_sections(rows: list[str | dict[str, list[str] | None]], path: Path) -> Iterator[ForeignProject]:
    for row in rows:
        if isinstance(row, dict):
            yield read_requirement_lines("\n".join(row.get("pip") or []), path)
            for other in row.keys() - {"pip"}:
                yield left_out(f"dependencies.{other}", "not a section that mvlock knows")


def _packages(specs: list[str], origin: str) -> Iterator[ForeignProject]:
    unknown = []
    for spec in specs:
        found = _package(spec, origin)
        if found is None:
            unknown.append(spec)
        else:
            yield found
    if unknown:
        why = "they may be other projects there; `mvlock add` those that the index has"
        yield left_out(f"conda packages {', '.join(unknown)}", why)


def _package(spec: str, origin: str) -> ForeignProject | None:
    """A package; None: it is not known whether the index has it."""
    parts = _SPEC.fullmatch(spec.strip())
    if parts is None:
        raise ValueError(f"'{spec}' is not a conda package")
    name, versions = canonicalize_name(parts[1]), _versions(parts[2])
    if name == "python":
        return ForeignProject(requires_python=versions or None)
    if name in _TOOLS:
        return ForeignProject()
    project = name if name.startswith("types-") else _projects().get(name)
    if project is None:
        return None
    needed = requirement(project, versions)
    return ForeignProject(requirements=(ForeignRequirement(needed, origin=origin),))


def _projects() -> dict[str, str]:
    """Projects of the public index by the names of their conda packages; most are called the same."""
    lines = Path(__file__).with_name("conda_names.txt").read_text("utf-8").splitlines()
    return {line.split()[0]: line.split()[-1] for line in lines}


def _versions(text: str) -> str:
    """A conda version: ``=1.2`` is every 1.2.x, ``1.2=build`` exactly that; "" if PEP 440 cannot say it."""
    clauses = []
    for clause in re.split(r"[,\s]+", re.sub(r"([=<>!~])\s+", r"\1", text.strip())):
        operator, version, _ = re.fullmatch(r"([=<>!~]*)([^=]*)(=.*)?", clause).groups()  # type: ignore[union-attr]
        if operator == "=" and version != "*":
            clauses.append(f"=={version.removesuffix('.*').removesuffix('*').rstrip('.')}.*")
        elif version and version != "*":
            clauses.append(f"{operator or '=='}{version}")
    return str(SpecifierSet(",".join(clauses)))
