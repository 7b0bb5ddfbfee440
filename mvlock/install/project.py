"""Installing a project: from its lock to its environments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mvlock.base.digests import sha256_of
from mvlock.base.freshness import folder_fingerprint
from mvlock.base.lazy import Lazy
from mvlock.base.os_errors import file_system_error
from mvlock.base.pep508 import parse_version
from mvlock.base.urls import without_secrets
from mvlock.build.built_metadata import BuiltMetadata
from mvlock.errors import BadArtifact
from mvlock.index.model import FileIndex, IndexFile, PackageIndex
from mvlock.install.dynamic_metadata import (
    BackendQuery,
    installed_metadata,
    with_backend_version,
    with_installed_version,
)
from mvlock.install.findings import Findings
from mvlock.install.goal import Goal
from mvlock.install.installation import install
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.places import Places
from mvlock.install.verification import verify
from mvlock.install.wheel_fetcher import WheelFetcher
from mvlock.interpreter.model import Interpreter
from mvlock.lock.model import Lock, LockedArchive, LockedDirectory, LockedPackage
from mvlock.progress import Reporter
from mvlock.project.digest import editable_fingerprint
from mvlock.project.model import GitSource, PathSource, Project, UrlSource
from mvlock.resolver.ports import DirectReference
from mvlock.store.file_workers import FileWorkers
from mvlock.store.store import Store, StoredWheel

if TYPE_CHECKING:
    from mvlock.build.builder import Builder


def install_project(
    project: Project, lock: Lock, index: Callable[[], FileIndex], *, options: InstallOptions, reporter: Reporter
) -> InstallReport:
    """Make the trees and the application's environment what ``lock`` says, touching only what changes.

    ``index`` is opened if something is not in the store. Nothing in the project changes until everything needed is
    there, verified and built.

    :raises UnmetRequest: the lock does not serve this interpreter, or has nothing that fits it
    :raises BadArtifact: a file is not what the lock says, or a build failed
    :raises NetworkFailure: a file cannot be fetched
    :raises LocalError: ``folder-not-ours``, ``python-of-others``, ``source-missing``, ``disk-full``, ``file-system``
    """
    with (
        _file_system_errors(project, options.cache),
        FileWorkers(options.interpreter.path) as workers,
        ExitStack() as stack,
    ):
        builder = Lazy(lambda: stack.enter_context(_builder(project, index(), options, reporter)))
        project = with_backend_version(project, _version_queries(project, builder, options), reporter)
        goal = Goal.of(project, lock, options, _fingerprints(project, lock))
        store, wheels = Store(options.cache), _LockedSources(project, builder, options.interpreter)
        tag = goal.compiler.cache_tag if goal.compiler is not None else None
        fetcher = WheelFetcher(store, index, wheels, reporter, workers=workers, cache_tag=tag, thorough=options.repair)
        return install(goal, store, fetcher, workers, reporter)


def _version_queries(
    project: Project, builder: Callable[[], Builder], options: InstallOptions
) -> Iterator[BackendQuery]:
    """Ways to ask for the project's own version. A build elsewhere is unknown here: no environment, no answer."""
    is_new = installed_metadata(project, Places.of(project, options.interpreter).app.site_packages) is None
    if not options.dry_run:
        yield lambda source: builder().editable_metadata(source, refresh=options.repair or is_new)
    yield lambda source: BuiltMetadata(builder().version(source, refresh=options.repair))


def _builder(
    project: Project, index: PackageIndex, options: InstallOptions, reporter: Reporter
) -> AbstractContextManager[Builder]:
    from mvlock.build.opening import open_builder

    return open_builder(
        project,
        index,
        cache=options.cache,
        reporter=reporter,
        interpreter=options.interpreter,
        offline=options.offline,
    )


def verify_project(project: Project, lock: Lock, *, options: InstallOptions) -> Findings:
    """Whether all environments of ``project`` are what ``lock`` says, down to every file; changes nothing.

    :raises UnmetRequest: the lock does not serve this interpreter
    """
    with _file_system_errors(project, options.cache):
        project = with_installed_version(project, Places.of(project, options.interpreter).app.site_packages)
        return verify(Goal.of(project, lock, options, _fingerprints(project, lock)))


class _LockedSources:
    """WheelMaker: from what the lock says of a source to the builder's source."""

    def __init__(self, project: Project, builder: Callable[[], Builder], interpreter: Interpreter) -> None:
        self._project = project
        self._interpreter = interpreter
        self._builder = builder

    def wheel_of(self, package: LockedPackage, sdist: IndexFile | None) -> StoredWheel:
        """See ``WheelBuilder.wheel_of``."""
        editable = package.directory is not None and package.directory.editable
        try:
            wheel = self._builder().wheel(sdist or self._source(package), editable=editable)
        except BadArtifact as error:
            from mvlock.install.fitting_pythons import explained_build_failure

            raise explained_build_failure(error, package, self._interpreter, self._project.requires_python) from error
        _check_built(wheel, package)
        return wheel

    def stop(self) -> None:
        """See ``WheelBuilder.stop``."""
        self._builder().stop()

    def _source(self, package: LockedPackage) -> DirectReference:
        if package.vcs is not None:
            url = self._with_login(package, package.vcs.url)
            return GitSource(url, package.vcs.commit_id, package.vcs.subdirectory)
        if package.directory is not None:
            return _path_source(self._project, package.directory)
        if package.archive is not None:
            return self._archive(package, package.archive)
        raise TypeError(f"{package.name} {package.version} has no origin")

    def _with_login(self, package: LockedPackage, url: str) -> str:
        """The URL as pyproject.toml has it: a lock has no logins."""
        declared = self._project.sources.get(canonicalize_name(package.name))
        if isinstance(declared, GitSource | UrlSource) and without_secrets(declared.url) == url:
            return declared.url
        return url

    def _archive(self, package: LockedPackage, archive: LockedArchive) -> DirectReference:
        expected = archive.hashes.get("sha256")
        if expected is None:
            raise BadArtifact("hash-missing", f"the lock has no sha256 of the archive of {package.name}")
        if archive.url is not None:
            return UrlSource(self._with_login(package, archive.url), expected, archive.subdirectory)
        source = PathSource(self._project.root / (archive.path or ""), archive.path or "")
        if source.path.is_file() and (got := sha256_of(source.path)) != expected:
            raise BadArtifact(
                "hash-mismatch",
                f"{source.relative} is not the file that was locked: expected sha256 {expected}, got {got}",
                hint="if the change is intended, run `mvlock resolve`",
                facts={"file": source.relative, "expected": expected, "got": got},
            )
        return source


def _check_built(wheel: StoredWheel, package: LockedPackage) -> None:
    """Refuse what is not of the package that the lock names; a build may add a local version, a folder may move on."""
    built, locked = parse_version(wheel.receipt.version), parse_version(package.version)
    is_version = package.directory is not None or str(locked) in {str(built), built.public}
    if canonicalize_name(wheel.receipt.name) != package.name or not is_version:
        raise BadArtifact(
            "metadata-mismatch",
            f"the build of {package.name} {package.version} made {wheel.receipt.name} {wheel.receipt.version}",
            facts={"locked": [package.name, package.version], "built": [wheel.receipt.name, wheel.receipt.version]},
        )


def _path_source(project: Project, directory: LockedDirectory) -> PathSource:
    return PathSource((project.root / directory.path).resolve(), directory.path, directory.editable)


def _fingerprints(project: Project, lock: Lock) -> dict[str, str]:
    """The state of each folder that the lock names, so that a changed one is built again."""
    directories = [package.directory for package in lock.packages if package.directory is not None]
    return {
        item.path: (editable_fingerprint if item.editable else folder_fingerprint)(project.root / item.path)
        for item in directories
    }


@contextmanager
def _file_system_errors(project: Project, cache: Path) -> Iterator[None]:
    """Turns errors of the operating system into errors that the user can fix: they are not our bug."""
    try:
        yield
    except OSError as error:
        raise file_system_error(error, {"the cache": cache, "the project": project.root}) from error
