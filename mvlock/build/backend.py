"""One source tree and its build backend: PEP 517 and 660 hooks, run in an isolated environment.

``build`` is imported when something is built, which most commands that can build never do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from mvlock.base.limits import LARGEST_METADATA
from mvlock.base.outside import is_file_name
from mvlock.build.logs import remove_old_logs
from mvlock.build.ports import BuildEnvironment, BuildEnvironments
from mvlock.build.processes import Processes
from mvlock.errors import BadArtifact, UnmetRequest

if TYPE_CHECKING:
    from build import ProjectBuilder

Kind = Literal["wheel", "editable"]
_T = TypeVar("_T")

_SHOWN_LINES = 8
_SHOWN_WIDTH = 160
_KEPT_FROM_BUILDS = ("PYTHON", "MVLOCK_")
"""Variables that begin with this: they are for other programs, and the URL of an index may have a login."""
# Setuptools would make a flat layout editable by an import hook; a path in a .pth file works for all tools.
_SETTINGS: Mapping[str, Mapping[str, str]] = {"setuptools": {"editable_mode": "compat"}}


class BuildJob(msgspec.Struct, frozen=True):
    """What is built: ``source`` is its folder, ``name`` its name for users, ``log`` where the output goes.

    ``backend`` is the module of its build backend, ``temporary_folder`` a folder for the results.
    ``processes`` runs its hooks.
    """

    source: Path
    name: str
    backend: str
    log: Path
    temporary_folder: Path
    processes: Processes


def build_wheel(job: BuildJob, environments: BuildEnvironments, kind: Kind) -> Path:
    """The wheel of a source tree, in the job's temporary folder.

    :raises BadArtifact: ``build-failed`` with the end of the log
    :raises UnmetRequest: its build requirements have no resolution
    """

    def build(builder: ProjectBuilder) -> Path:
        settings = _SETTINGS.get(job.backend.partition(".")[0], {}) if kind == "editable" else {}
        folder = job.temporary_folder / "wheel"
        wheel = _made(job, folder, lambda: builder.build(kind, folder, settings))
        if not wheel.is_file() or not is_file_name(wheel.name):
            raise _made_nothing(job)
        return wheel

    return _in_environment(job, environments, kind, build)


def _made(job: BuildJob, folder: Path, call: Callable[[], str]) -> Path:
    """What a hook has made, by the name that it returned: in ``folder``, where it had to be (PEP 517)."""
    try:
        made = Path(call())
    except TypeError as error:  # it returned no text
        raise _made_nothing(job) from error
    if os.path.normpath(made.parent) != os.path.normpath(folder):
        raise _made_nothing(job)
    return made


def _made_nothing(job: BuildJob) -> BadArtifact:
    text = f"{job.name} cannot be built: its backend does not return the name of what it had to make"
    return BadArtifact("build-failed", text, facts={"source": job.name, "log": str(job.log)})


def build_metadata(job: BuildJob, environments: BuildEnvironments) -> bytes:
    """The METADATA of a source tree: from ``prepare_metadata_for_build_wheel``, else from a built wheel."""

    def prepare(builder: ProjectBuilder) -> bytes:
        folder = job.temporary_folder / "metadata"
        metadata = _made(job, folder, lambda: builder.metadata_path(folder)) / "METADATA"
        if not metadata.is_file() or metadata.stat().st_size > LARGEST_METADATA:
            raise _made_nothing(job)
        return metadata.read_bytes()

    return _in_environment(job, environments, "wheel", prepare)


def _in_environment(
    job: BuildJob, environments: BuildEnvironments, kind: Kind, work: Callable[[ProjectBuilder], _T]
) -> _T:
    with _build_errors(job):
        requires = _builder(job, None).build_system_requires
        environment = environments.make(sorted(requires), job.temporary_folder / "environment")
        builder = _builder(job, environment)
        extra_requires = builder.get_requires_for_build(kind) - requires
        if extra_requires:
            environment = environments.make(sorted(requires | extra_requires), job.temporary_folder / "environment-2")
            builder = _builder(job, environment)
        return work(builder)


def _builder(job: BuildJob, environment: BuildEnvironment | None) -> ProjectBuilder:
    """Reads the source's pyproject.toml; without an environment nothing can be run."""
    from build import ProjectBuilder

    try:
        if environment is None:
            return ProjectBuilder(job.source)
        return ProjectBuilder(job.source, str(environment.python), runner=_Runner(job, environment.scripts))
    except ValueError as error:  # of pyproject_hooks, about backend-path
        raise BadArtifact("build-failed", f"{job.name} cannot be built: {error}") from error


class _Runner:
    """Runs hooks with the environment's commands first on PATH and all their output in the log."""

    def __init__(self, job: BuildJob, scripts: Path) -> None:
        self._job = job
        self._scripts = scripts

    def __call__(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        variables = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_FROM_BUILDS)}
        # pyproject_hooks repeats a backend's warnings in this process, where they are only noise.
        variables["PYTHONWARNINGS"] = "ignore"
        variables["PATH"] = os.pathsep.join([str(self._scripts), os.environ.get("PATH", os.defpath)])
        with self._job.log.open("ab") as log:
            self._job.processes.run(cmd, log, cwd, variables | dict(extra_environ or {}))


@contextmanager
def _build_errors(job: BuildJob) -> Iterator[None]:
    from build import BuildBackendException, BuildException

    job.log.parent.mkdir(parents=True, exist_ok=True)
    job.log.write_bytes(b"")
    try:
        yield
    except UnmetRequest as error:
        text = f"{job.name} cannot be built: {error.message}"
        raise UnmetRequest(error.code, text, hint=error.hint, facts=error.facts) from error
    except (BuildException, BuildBackendException) as error:
        output = job.log.read_text("utf-8", "replace").strip().splitlines()
        if job.processes.stopped:
            job.log.unlink(missing_ok=True)
        remove_old_logs(job.log)
        lines = [f"{job.name} cannot be built: {error}", *map(_shown, output[-_SHOWN_LINES:])]
        raise BadArtifact(
            "build-failed",
            "\n".join([*lines, f"the whole log: {job.log}"]),
            hint=_hint(output),
            facts={"source": job.name, "log": str(job.log)},
        ) from error
    job.log.unlink(missing_ok=True)


def _shown(line: str) -> str:
    """A line of a log, which may be the command of a compiler: its beginning."""
    return f"  {line}" if len(line) <= _SHOWN_WIDTH else f"  {line[:_SHOWN_WIDTH]} …"


def _hint(output: list[str]) -> str | None:
    """What to do if setuptools takes what was installed into a folder for packages of the project in it."""
    if not any(re.search("flat-layout: .*'(app|py_modules)'", line) for line in output):
        return None
    fix = 'name yours in [tool.setuptools], as `packages = ["NAME"]`, or move it to src/'
    return f"setuptools takes app/ and py_modules/ for packages: {fix}"
