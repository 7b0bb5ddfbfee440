"""The two sides of an application: in an ordinary virtual environment, and in a project of mvlock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from tests.public.applications import Application
from tests.public.outcomes import Outcomes, from_lines, from_xml
from tests.public.requirements import requirements_of
from tests.support.kept_projects import clean_environment

_TAG = "1.0"
_XML, _OUTPUT, _DESCRIPTION = "outcomes.xml", "output.txt", "made-from.json"


class SideError(Exception):
    """A side could not be created, or printed no outcomes: the command, and the end of its output."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        super().__init__(f"{' '.join(command)}: {output[-4000:]}")


@dataclass(frozen=True, slots=True)
class Side:
    """A copy of the application in ``root``; ``limit`` is the time limit of its tests, in seconds."""

    application: Application
    root: Path
    python: Path
    limit: float

    @property
    def folder(self) -> Path:
        """Where its pyproject.toml is."""
        return self.root / self.application.folder

    def copy(self, checkout: Path) -> None:
        """Take the files of ``checkout``; nothing of an earlier run stays.

        They are in a repository whose history is one tag, from which build backends get the version.
        """
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(checkout, self.root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        _run(["git", "init", "-q", str(self.root)], self.root)
        who = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
        _run(["git", *who, "commit", "-q", "--allow-empty", "-m", "checkout"], self.root)
        _run(["git", "tag", _TAG], self.root)

    def run(self, programs: Path) -> Outcomes:
        """Run its tests with the commands in ``programs``.

        :raises SideError: it printed no outcomes
        """
        command = list(self.application.command)
        if self.application.uses_pytest:
            command.append(f"--junitxml={self.root / _XML}")
        (self.root / _XML).unlink(missing_ok=True)
        output = self._run_tests(command, programs)
        (self.root / _OUTPUT).write_text(output, "utf-8")
        (self.root / _DESCRIPTION).write_text(self._description, "utf-8")
        found = self._read(output)
        if not found:
            raise SideError(command, output)
        return found

    def stored_outcomes(self) -> Outcomes | None:
        """The outcomes of an earlier run of the same application and command; None: there are none."""
        output = self.root / _OUTPUT
        is_same = (self.root / _DESCRIPTION).exists() and (self.root / _DESCRIPTION).read_text(
            "utf-8"
        ) == self._description
        return self._read(output.read_text("utf-8")) if is_same and output.exists() else None

    @property
    def _description(self) -> str:
        return self.application.model_dump_json()

    def _read(self, output: str) -> Outcomes:
        if not self.application.uses_pytest:
            return from_lines(output)
        return from_xml(self.root / _XML) if (self.root / _XML).exists() else {}

    def _run_tests(self, command: list[str], programs: Path) -> str:
        environment = {**clean_environment(), **self.application.variables}
        environment["PATH"] = os.pathsep.join([str(programs), environment["PATH"]])
        environment.pop("VIRTUAL_ENV", None)
        done = subprocess.run(
            [str(programs / command[0]), *command[1:]], cwd=self.folder, env=environment, timeout=self.limit,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return done.stdout.decode(errors="replace")

    def requirements(self) -> tuple[list[str], list[str]]:
        """Its requirements, and those of its tests."""
        pyproject, application = self.pyproject(), self.application
        needed = requirements_of(
            application, (*application.dependencies, *application.declared), self.folder, pyproject
        )
        return needed, requirements_of(application, application.tests, self.folder, pyproject)

    def pyproject(self) -> dict[str, Any]:
        """What the application's own pyproject.toml says, if it has one."""
        path = self.folder / "pyproject.toml"
        return tomlkit.parse(path.read_text("utf-8")).unwrap() if path.exists() else {}


def run_plain(side: Side, checkout: Path) -> Outcomes:
    """The tests in a virtual environment that has all requirements.

    :raises SideError: it could not be created, or printed no outcomes
    """
    side.copy(checkout)
    environment = side.folder / ".venv"
    _run(["uv", "venv", "-q", "--python", str(side.python), str(environment)], side.folder)
    needed, tests = side.requirements()
    listed = side.folder / ".requirements.txt"
    listed.write_text("\n".join([*needed, *tests]) + "\n", "utf-8")
    install = ["uv", "pip", "install", "-q", "--python", str(environment / "bin" / "python")]
    _run([*install, "-r", str(listed)], side.folder)
    if side.application.installed:
        _run([*install, "--no-deps", "-e", "."], side.folder)
    return side.run(environment / "bin")


def run_tool(side: Side, checkout: Path) -> Outcomes:
    """The tests in a project of mvlock with default settings.

    :raises SideError: it could not be created, or printed no outcomes
    """
    side.copy(checkout)
    needed, tests = side.requirements()
    _write_project(side, needed, tests)
    for command in (["resolve", "--only-host"], ["install"]):
        _run([sys.executable, "-m", "mvlock", "--no-progress", *command, "--python", str(side.python)], side.folder)
    return side.run(side.folder / "app" / "bin")


def _write_project(side: Side, needed: list[str], tests: list[str]) -> None:
    """The application's pyproject.toml, with the requirements written out."""
    content = side.pyproject()
    application = side.application
    project = {"name": application.name, **content.get("project", {})}
    project.pop("optional-dependencies", None)
    if "version" in project.pop("dynamic", ()) and application.installed and "build-system" in content:
        project["dynamic"] = ["version"]
    else:
        project.setdefault("version", "1.0")
    fixed = {"requires-python": f"=={application.python}.*", "dependencies": needed}
    content["project"] = {**project, **fixed, **application.project}
    content["dependency-groups"] = {"dev": tests}
    if application.settings:
        content.setdefault("tool", {})["mvlock"] = application.settings
    (side.folder / "pyproject.toml").write_text(tomlkit.dumps(content), "utf-8")


def _run(command: list[str], folder: Path) -> None:
    variables = dict(os.environ)
    variables.pop("VIRTUAL_ENV", None)
    repository = str(Path(__file__).resolve().parents[2])
    variables["PYTHONPATH"] = repository
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SideError(command, done.stdout + done.stderr)
    for line in done.stderr.splitlines():
        if line.startswith(("note", "warning")):
            print(line, file=sys.stderr, flush=True)
