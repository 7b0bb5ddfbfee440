"""From a project to its lock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.base.concurrency import long_turns
from mvlock.build.deferred import DeferredBuilder
from mvlock.errors import LocalError, UnmetRequest
from mvlock.index.order import DEFAULT_NAME
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.query import marker_environment
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.lock.locking import is_current, lock_project
from mvlock.lock.meeting_versions import target_matrix
from mvlock.lock.model import Lock
from mvlock.lock.options import LockOptions
from mvlock.lock.preferred import read_preferred
from mvlock.operations.interpreters import interpreter_of
from mvlock.operations.lock_hints import add_own_environment
from mvlock.operations.lock_request import LockRequest, requested_time
from mvlock.operations.machine import Machine
from mvlock.operations.opening_index import open_indexes, unnamed_indexes, unused_index
from mvlock.project.digest import inputs_digest
from mvlock.project.model import Age, Project
from mvlock.project.own_modules import check_alias_names
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.references import direct_references
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.target import (
    KNOWN_MINORS,
    Target,
    bounded,
    machine_target,
    newest_allowed,
    target_here,
)

if TYPE_CHECKING:
    from mvlock.build.builder import Builder


def make_lock(project: Project, previous: Lock | None, request: LockRequest, machine: Machine) -> Lock:
    """The lock of ``project``; ``previous`` itself if nothing has changed. Does not write the lock.

    ``--exclude-newer`` and ``--no-build`` on the command line apply to this run only: the lock stays current for
    pyproject.toml without them.

    :raises MvlockError: see ``lock_project`` and ``check_alias_names``
    """
    with long_turns(), machine.reporter.task("Resolving", counts=("requests", "conflicts", "versions tried")):
        return _made_lock(project, previous, request, machine)


def _made_lock(project: Project, previous: Lock | None, request: LockRequest, machine: Machine) -> Lock:
    check_alias_names(project)
    options = _lock_options(project, request, machine)
    if previous is None:
        minor = options.python or _newer_minor(project, machine)
        options = replace(options, python=minor, preferred=read_preferred(project))
    if previous is not None and not request.may_change_lock and is_current(project, previous, options):
        return previous
    _note_settings(project, request, machine)
    if previous is None:
        _note_indexes(project, machine)
    limited = replace(project, no_build=project.no_build or request.no_build)
    if request.exclude_newer is not None:
        limited = replace(limited, exclude_newer=request.exclude_newer)
    try:
        with open_ports(limited, request, machine, previous) as ports:
            lock = lock_project(
                limited, ports.index, ports.builder, options=options, previous=previous, reporter=machine.reporter
            )
    except UnmetRequest as error:
        if error.code == "project-missing" and previous is not None:
            _note_indexes(project, machine)
        if error.code == "conflict":
            add_own_environment(error, project)
        raise
    return replace(lock, inputs=inputs_digest(project))


def _note_settings(project: Project, request: LockRequest, machine: Machine) -> None:
    """Say what of this machine decides a lock, or could."""
    unused = unused_index(project, request.index_url, machine)
    if unused is not None:
        machine.reporter.note(unused)
    user, key = machine.user, "exclude-newer"
    if _cooldown(project, request, machine) is not None:
        machine.reporter.note(f"new releases are limited by {key} = {user.text(key)!r} of {user.source(key)}")


def _note_indexes(project: Project, machine: Machine) -> None:
    """Say which further indexes others use here: before the first lock, and if a project is on none of ours."""
    for text in unnamed_indexes(project, machine):
        machine.reporter.note(text)


def _cooldown(project: Project, request: LockRequest, machine: Machine) -> datetime | Age | None:
    """The user's limit for releases that are new to the lock, where neither command line nor project sets one."""
    if request.exclude_newer is not None or project.exclude_newer is not None:
        return None
    return requested_time(machine.user.text("exclude-newer"), "exclude-newer of the user configuration")


@contextmanager
def open_ports(
    project: Project, request: LockRequest, machine: Machine, previous: Lock | None = None
) -> Iterator[Ports]:
    """The indexes of a project, and what builds metadata. Projects stay on the indexes of ``previous``."""
    locked = _kept_indexes(project, previous, request)
    cache, reporter, offline = machine.cache, machine.reporter, request.offline
    with (
        open_indexes(project, machine, offline=offline, index_url=request.index_url, locked=locked) as index,
        ExitStack() as stack,
    ):

        def builder() -> Builder:
            from mvlock.build.opening import open_builder

            python = _build_interpreter(project, request.python, machine)
            opened = open_builder(project, index, cache=cache, reporter=reporter, interpreter=python, offline=offline)
            return stack.enter_context(opened)

        yield Ports(index, DeferredBuilder(builder))


def _kept_indexes(project: Project, lock: Lock | None, request: LockRequest) -> dict[NormalizedName, str]:
    """The indexes that projects must still come from.

    Only a project that is named to be upgraded may leave its index for one asked later. Where all projects or all of a
    tree are upgraded, no one says that another project of the same name is meant; unless the index is not configured
    any more, which somebody decided.
    """
    if lock is None:
        return {}
    trees = [tree for tree in lock.trees if request.upgrade or tree.name in request.upgrade_trees]
    upgraded = {member.name for tree in trees for member in tree.packages}
    configured = {index.name for index in project.indexes} | {DEFAULT_NAME}
    return {
        canonicalize_name(package.name): package.index
        for package in lock.packages
        if package.index is not None
        and package.name not in request.upgraded_projects
        and (package.index in configured or package.name not in upgraded)
    }


@contextmanager
def open_catalogue(project: Project, lock: Lock, request: LockRequest, machine: Machine) -> Iterator[Catalogue]:
    """What the indexes and sources say about the distributions of a lock, for its environments.

    :raises MvlockError: a source cannot be fetched, or nothing is in the lock's environments
    """
    with machine.reporter.task("Reading", item="indexes"), open_ports(project, request, machine) as ports:
        yield Catalogue(target_matrix(lock), ports, Rules(direct_references(project, ports.builder)))


def is_lock_current(project: Project, lock: Lock, request: LockRequest, machine: Machine) -> bool:
    """Whether ``resolve`` would leave the lock unchanged."""
    return is_current(project, lock, _lock_options(project, request, machine))


def target_of(interpreter: Interpreter) -> Target:
    """The environment of one interpreter as a target."""
    name = f"host-{interpreter.cache_tag}"
    return Target(name, interpreter.environment, interpreter.tags)


def _requested_target(project: Project, wanted: str | None, machine: Machine) -> Target:
    """The environment of this machine, even for a Python that is not installed or too old to install for.

    A version without a patch level then means its first release, which guarantees least.
    """
    try:
        return target_of(interpreter_of(project, wanted, machine))
    except LocalError as missing:
        if wanted is None or missing.code != "python-missing":
            raise
        target = _target_of_version(wanted, missing)
        if not project.requires_python.contains(target.environment["python_full_version"], prereleases=True):
            raise
        return target


def _target_of_version(wanted: str, missing: LocalError) -> Target:
    version = re.fullmatch(r"3\.(\d+)(\.\d+)?", wanted)
    if version is None:
        environment, free_threaded = marker_environment(Path(wanted))
        if free_threaded:  # nothing would be installed for it
            raise missing
        return target_here(environment, free_threaded=free_threaded)
    if int(version[1]) not in KNOWN_MINORS:
        raise missing
    return machine_target(wanted if version[2] else f"{wanted}.0")


def _build_interpreter(project: Project, wanted: str | None, machine: Machine) -> Interpreter:
    """The interpreter for builds: the project's own, else any."""
    try:
        return interpreter_of(project, wanted, machine)
    except LocalError as error:
        if error.code != "python-missing":
            raise
        return find_interpreter(SpecifierSet(), search=Search(cache=machine.cache))


def _lock_options(project: Project, request: LockRequest, machine: Machine) -> LockOptions:
    targets = None
    if request.only_host:
        targets = (_requested_target(project, request.python, machine),)
    return LockOptions(
        now=datetime.now(timezone.utc),
        targets=targets,
        upgrade=request.upgrade,
        upgrade_packages=request.upgraded_projects,
        upgrade_trees=request.upgrade_trees,
        cooldown=_cooldown(project, request, machine),
        python=_requested_minor(project, request.python, machine),
    )


def _newer_minor(project: Project, machine: Machine) -> int:
    """The minor version of the Python here, if all Pythons here are newer than those that a lock is for; else 0."""
    known = bounded(project.requires_python, newest_allowed(project.requires_python))
    try:
        find_interpreter(known, search=Search(cache=machine.cache))
    except LocalError:
        try:
            return Version(interpreter_of(project, None, machine).version).minor
        except LocalError:  # no Python at all: a lock needs none
            return 0
    return 0


def _requested_minor(project: Project, wanted: str | None, machine: Machine) -> int:
    """The minor version of the requested Python, even if it is not installed; 0 if there is none."""
    if wanted is None:
        return 0
    version = re.fullmatch(r"3\.(\d+)(\.\d+)?", wanted)
    if version is not None:
        return int(version[1])
    try:
        return Version(interpreter_of(project, wanted, machine).version).minor
    except LocalError as missing:
        if missing.code != "python-missing":
            raise
        return 0
