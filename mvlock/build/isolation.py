"""Isolated build environments made with our own resolver, store and environments.

Build requirements are installed from wheels only, so a build never starts another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from mvlock.base.digests import sha256_key
from mvlock.base.pep508 import parse_requirement
from mvlock.build.ports import BuildEnvironment
from mvlock.environment.assemble import Assembler
from mvlock.environment.content import tree_content
from mvlock.environment.layout import TreePlace
from mvlock.environment.link import Linker
from mvlock.errors import BadArtifact
from mvlock.index.model import CoreMetadata, IndexFile, PackageIndex
from mvlock.interpreter.model import Interpreter
from mvlock.lock.model import LockedFile, LockedPackage
from mvlock.plan.model import WantedDistribution
from mvlock.plan.receipt import TreeReceipt
from mvlock.plan.tags import best_wheel, tag_ranks
from mvlock.project.declaration import Declaration, Origin
from mvlock.project.model import TreeRequest
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.explain import explained
from mvlock.resolver.ports import DirectReference, LockedSource
from mvlock.resolver.preference import Preferences
from mvlock.resolver.release import Release
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.solve import Unsolvable, solve_tree
from mvlock.resolver.solve_input import tree_requirements
from mvlock.resolver.target import Target
from mvlock.resolver.target_set import TargetMatrix
from mvlock.store.model import WheelReference
from mvlock.store.store import Store, StoredWheel
from mvlock.store.verify import discard_changed

_NAME = "build"


class StoreEnvironments:
    """BuildEnvironments for one interpreter, from one index, through the store, within ``constraints``."""

    def __init__(
        self, interpreter: Interpreter, index: PackageIndex, store: Store, constraints: tuple[Declaration, ...] = ()
    ) -> None:
        self._interpreter = interpreter
        self._index = index
        self._store = store
        self._constraints = constraints

    def make(self, requirements: Collection[str], folder: Path) -> BuildEnvironment:
        """See ``BuildEnvironments.make``."""
        folder.mkdir(parents=True)
        with ThreadPoolExecutor(4) as threads:
            assembler = Assembler(self._interpreter, Linker(self._store.make_spare), threads)
            wheels = self._wheels(_parsed(requirements))
            place = TreePlace(folder, folder, folder, assembler.layout)
            content = tree_content(zip(map(_wanted, wheels), wheels, strict=True), place, None)
            assembler.write(folder, content, TreeReceipt(_NAME, self._interpreter.version))
        scripts = folder / assembler.layout.scripts
        return BuildEnvironment(scripts / assembler.layout.executables[0], scripts)

    def _wheels(self, requirements: Sequence[Requirement]) -> list[StoredWheel]:
        if not requirements:
            return []
        ranks = tag_ranks(self._interpreter.tags)
        return [self._add(_best(release, ranks)) for release in self._resolve(requirements)]

    def _add(self, file: IndexFile) -> StoredWheel:
        digest = sha256_key(file.hashes)
        if digest is None:
            raise BadArtifact("hash-missing", f"the index has no sha256 of {file.filename}, so it is not used")
        reference = WheelReference(file.filename, digest)
        found = self._store.find(digest)
        if found is not None:
            discard_changed(self._store, found, None)
        return self._store.add(reference, lambda target: self._index.download(file, target))

    def _resolve(self, requirements: Sequence[Requirement]) -> Iterable[Release]:
        target = Target("host", self._interpreter.environment, self._interpreter.tags)
        catalogue = Catalogue(TargetMatrix([target]), Ports(self._index, _NoBuilder()), Rules({}, no_build=True))
        origin = Origin(("build-system", "requires"))
        declared = tuple(Declaration(requirement, origin) for requirement in requirements)
        required = tree_requirements(TreeRequest(_NAME, declared, self._constraints))
        try:
            (resolution,) = solve_tree(catalogue, required, Preferences(), all_targets=True)
        except Unsolvable as unsolvable:
            raise explained(_NAME, unsolvable, catalogue, called="its build environment") from unsolvable
        return [member.release for member in resolution.members]


class _NoBuilder:
    """A MetadataBuilder where there are only wheels."""

    def read_ahead(self, sources: Iterable[DirectReference | IndexFile]) -> None:
        """There are only wheels."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def metadata(self, source: DirectReference | IndexFile) -> CoreMetadata:
        raise _unexpected(source)

    def import_names(self, source: DirectReference | IndexFile) -> tuple[str, ...]:
        raise _unexpected(source)

    def locked_source(self, source: DirectReference) -> LockedSource:
        raise _unexpected(source)


def _unexpected(source: object) -> TypeError:
    return TypeError(f"nothing is built for a build: {source}")


def _parsed(requirements: Collection[str]) -> list[Requirement]:
    try:
        parsed = sorted(map(parse_requirement, requirements), key=str)
    except InvalidRequirement as error:
        raise BadArtifact("build-failed", f"a build requirement cannot be understood: {error}") from error
    for requirement in parsed:
        if requirement.url:
            text = f"the build requirement {requirement.name} is a direct reference; only those of an index are used"
            raise BadArtifact("build-failed", text)
    return parsed


def _best(release: Release, ranks: dict[str, int]) -> IndexFile:
    files = {file.filename: file for file in release.wheels}
    locked = [LockedFile(name=name, hashes=dict(file.hashes)) for name, file in files.items()]
    chosen = best_wheel(locked, ranks)
    if chosen is None:
        raise BadArtifact("build-failed", f"the build requirement {release} has no wheel for this interpreter")
    return files[chosen.name]


def _wanted(wheel: StoredWheel) -> WantedDistribution:
    receipt = wheel.receipt
    file = LockedFile(name=receipt.wheel, hashes={"sha256": receipt.sha256})
    package = LockedPackage(name=receipt.name, version=receipt.version, index=_NAME, wheels=(file,))
    return WantedDistribution(package, file, f"wheel sha256:{receipt.sha256}")
