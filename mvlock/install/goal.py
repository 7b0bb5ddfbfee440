"""The goal of an install; it does not change while the install runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from mvlock.install.options import InstallOptions
from mvlock.install.places import Places
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan.model import WantedTree
from mvlock.plan.select import wanted_trees
from mvlock.project.model import Project
from mvlock.project.problem import did_you_mean
from mvlock.resolver.target import Target
from mvlock.store.compiler import Compiler


class Goal(msgspec.Struct, frozen=True, dict=True):
    """The environments of ``project`` according to ``lock``, for one interpreter, with the trees in ``wanted``.

    ``fingerprints``: the state of each folder that the lock names, by its path.
    """

    project: Project
    lock: Lock
    options: InstallOptions
    fingerprints: Mapping[str, str]
    wanted: tuple[WantedTree, ...]
    places: Places

    @classmethod
    def of(cls, project: Project, lock: Lock, options: InstallOptions, fingerprints: Mapping[str, str]) -> Goal:
        """The goal of an install with ``options``.

        :raises UnmetRequest: the lock does not serve this interpreter, or has nothing that fits it
        """
        python = options.interpreter
        target = Target(f"Python {python.minor} on {python.platform}", python.environment, python.tags)
        wanted = wanted_trees(lock, target, options.selection(project, fingerprints))
        return cls(project, lock, options, fingerprints, wanted, Places.of(project, python))

    @property
    def python(self) -> str:
        """The interpreter as receipts name it."""
        interpreter = self.options.interpreter
        return f"{interpreter.implementation} {interpreter.version} at {interpreter.path}"

    @property
    def own_compiler(self) -> Compiler:
        """The compiler of importshim, which is imported at every start of the interpreter."""
        return Compiler(self.options.interpreter.path, self.options.interpreter.cache_tag)

    @property
    def compiler(self) -> Compiler | None:
        """The compiler of trees; None: they are not compiled."""
        return self.own_compiler if self.options.compile else None

    @cached_property
    def locked(self) -> Mapping[str, LockedTree]:
        """What the lock says of each tree."""
        return {tree.name: tree for tree in self.lock.trees}

    def trees_named(self, names: Iterable[str]) -> list[WantedTree]:
        """The wanted trees with these names, in the order of ``wanted``."""
        chosen = set(names)
        return [tree for tree in self.wanted if tree.name in chosen]

    def unmatched_settings(self) -> Iterator[str]:
        """Settings that name something that does not exist: projects to share, folders of the application's code."""
        locked = {package.name for package in self.lock.packages}
        settings = [self.project.share, *(tree.share for tree in self.project.trees)]
        for name in sorted({name for share in settings for name in share.always | share.never} - locked):
            yield f"tool.mvlock.share: no tree has {name}{did_you_mean(name, locked)}"
        for folder in self.project.source_folders:
            if not (self.project.root / folder).is_dir():
                yield f"tool.mvlock.source: there is no folder {folder}"
