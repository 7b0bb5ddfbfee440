"""From a lock to installed trees, and whether what is installed is what the lock says."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack

import msgspec
from packaging.utils import canonicalize_name

from mvlock.base.lazy import Lazy
from mvlock.codes import Code
from mvlock.environment.link import LinkMode
from mvlock.errors import LocalError, UnmetRequest
from mvlock.index.model import FileIndex
from mvlock.install.findings import Findings
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.project import install_project, verify_project
from mvlock.lock.model import Lock
from mvlock.operations.install_hints import adding_hints
from mvlock.operations.interpreters import interpreter_for
from mvlock.operations.machine import Machine
from mvlock.project.model import Project
from mvlock.project.problem import did_you_mean

_SHOWN = 10


class InstallRequest(msgspec.Struct, frozen=True):
    """What to install of a lock, and how.

    ``groups``: dependency groups (None: ``dev``, where it exists), ``extras``: optional dependencies.
    ``only_groups``: nothing that only ``[project]`` requires. ``only``: these trees; the others stay as they are.
    ``python``: ``3.12``, or the path of an interpreter. ``index_url``: the default index, instead of the configured
    one. ``dry_run``: change nothing. ``repair``: check every file, and restore what is damaged. ``no_build``: build no
    sdist of an index. ``bytecode``: compile all modules.
    """

    groups: frozenset[str] | None = None
    extras: frozenset[str] = frozenset()
    only_groups: bool = False
    only: frozenset[str] = frozenset()
    link_mode: LinkMode = LinkMode.AUTO
    python: str | None = None
    offline: bool = False
    index_url: str | None = None
    dry_run: bool = False
    repair: bool = False
    no_build: bool = False
    bytecode: bool = True


def install(project: Project, lock: Lock, request: InstallRequest, machine: Machine) -> InstallReport:
    """Make the trees and the application's environment what the lock says.

    :raises MvlockError: see ``install_project`` and ``install_options``
    """
    with ExitStack() as stack:
        stack.enter_context(machine.reporter.task("Installing"))
        options = install_options(project, lock, request, machine)
        index = Lazy(lambda: stack.enter_context(_index(project, request, machine)))
        with adding_hints(project, lock, index):
            return install_project(project, lock, index, options=options, reporter=machine.reporter)


def _index(project: Project, request: InstallRequest, machine: Machine) -> AbstractContextManager[FileIndex]:
    from mvlock.operations.opening_index import open_indexes

    return open_indexes(project, machine, offline=request.offline, index_url=request.index_url)


def verify(project: Project, lock: Lock, request: InstallRequest, machine: Machine) -> None:
    """Compare every file of what is installed with the lock; changes nothing.

    :raises UnmetRequest: ``verification-failed``, and see ``install_options``
    """
    options = install_options(project, lock, request, machine)
    with machine.reporter.task("Verifying"), adding_hints(project, lock):
        check_findings(project, verify_project(project, lock, options=options))


def check_findings(project: Project, findings: Findings) -> None:
    """Report all that does not match the lock, and how to fix it.

    :raises UnmetRequest: ``verification-failed``
    """
    lines = []
    for name, problems in findings.trees.items():
        lines.append(f"{project.modules}/{name}" if name else f"{project.app}/")
        lines[-1] += " does not match mv.lock:"
        lines += [f"  {problem}" for problem in problems[:_SHOWN]]
        lines += [f"  and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    if lines:
        raise UnmetRequest(
            "verification-failed",
            "\n".join(lines),
            hint=findings.remedy,
            facts={"trees": {name: list(problems) for name, problems in findings.trees.items()}},
        )


def install_options(project: Project, lock: Lock, request: InstallRequest, machine: Machine) -> InstallOptions:
    """The complete options of the request, with defaults from this machine.

    :raises LocalError: ``python-missing``, ``group-unknown``, ``extra-unknown``
    :raises UnmetRequest: ``python-not-locked``
    """
    return InstallOptions(
        interpreter=interpreter_for(project, lock, request.python, machine),
        cache=machine.cache,
        link_mode=request.link_mode,
        groups=None if request.groups is None else known_groups(request.groups, project.groups),
        extras=known_extras(request.extras, project),
        only_groups=request.only_groups,
        only=request.only,
        offline=request.offline,
        dry_run=request.dry_run,
        repair=request.repair,
        no_build=request.no_build,
        compile=request.bytecode,
    )


def known_groups(texts: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """The normalised names of dependency groups.

    :raises LocalError: ``group-unknown``
    """
    return _known("group-unknown", "there is no dependency group", texts, known)


def known_extras(texts: Iterable[str], project: Project) -> frozenset[str]:
    """The normalised names of optional dependencies.

    :raises LocalError: ``extra-unknown``
    """
    return _known("extra-unknown", "there is no extra", texts, project.extras)


def _known(code: Code, message: str, texts: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    names, known = frozenset(map(canonicalize_name, texts)), list(known)
    for name in sorted(names - set(known)):
        raise LocalError(code, f"{message} '{name}'{did_you_mean(name, known)}")
    return names
