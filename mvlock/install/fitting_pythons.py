"""What a failed build says of a release that has wheels, for other Pythons: which those are, and how to use one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from packaging.specifiers import SpecifierSet

from mvlock.errors import BadArtifact, LocalError
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import find_interpreter
from mvlock.lock.model import LockedPackage
from mvlock.plan.tags import best_wheel, tag_ranks

_CPYTHON = re.compile(r"\bcp3(\d+)")


def explained_build_failure(
    error: BadArtifact, package: LockedPackage, interpreter: Interpreter, requires_python: SpecifierSet
) -> BadArtifact:
    """The error with the Pythons that need no build of ``package``; itself if there is none."""
    fitting = _fitting_minors(package, interpreter)
    if error.code != "build-failed" or error.hint or not fitting:
        return error
    listed = f"3.{fitting[0]}" + (f" to 3.{fitting[-1]}" if len(fitting) > 1 else "")
    text = f"{package.name} {package.version} has wheels for CPython {listed}, and none for {interpreter.minor}"
    hint = _hint(f"{package.name} {package.version}", fitting, requires_python)
    return BadArtifact(error.code, f"{error.message}\n{text}", hint=hint, facts=error.facts)


def _fitting_minors(package: LockedPackage, interpreter: Interpreter) -> list[int]:
    """The minor versions of CPython for which there is a wheel on this platform; none if one is for all."""
    minors = sorted({int(minor) for wheel in package.wheels for minor in _CPYTHON.findall(wheel.name)})
    own = int(interpreter.minor.removeprefix("3."))
    return [one for one in minors if one != own and best_wheel(package.wheels, _ranks(interpreter, own, one))]


def _ranks(interpreter: Interpreter, own: int, other: int) -> Mapping[str, int]:
    """The tags that the same machine supports with another Python, without those that are for all."""
    return tag_ranks([tag.replace(f"cp3{own}", f"cp3{other}") for tag in interpreter.tags if f"-cp3{own}-" in tag])


def _hint(distribution: str, fitting: list[int], requires_python: SpecifierSet) -> str:
    found = next(_present(fitting, requires_python), None)
    newest = fitting[-1]
    limit = f'`requires-python = ">=3.{min(newest, max(10, fitting[0]))},<3.{newest + 1}"` keeps to Pythons with wheels'
    if found is None:
        return f"{limit} of {distribution}; none is installed here"
    return f"`mvlock install --python {found}` needs no build of {distribution}; {limit} of it"


def _present(fitting: list[int], requires_python: SpecifierSet) -> Iterator[str]:
    """The Pythons on this machine that need no build, the newest first."""
    for minor in reversed(fitting):
        try:
            yield find_interpreter(requires_python, f"3.{minor}").minor
        except LocalError:
            continue
