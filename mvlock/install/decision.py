"""What all trees and the application's environment will be, and what they share. Decided once, before anything is
made; a check of the result reaches the same decision from it. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mvlock.environment.content import TreeContent
from mvlock.environment.libraries import LibraryNames, library_names
from mvlock.environment.link import LinkMode
from mvlock.environment.native_files import NativeFiles
from mvlock.importmap.map_builder import InstalledTree, build_map
from mvlock.importmap.model import ImportMap
from mvlock.importmap.sharing import Arrangement
from mvlock.install.application import with_scripts_and_data
from mvlock.install.goal import Goal
from mvlock.install.native_copies import copies_of
from mvlock.install.prepared import PreparedTree
from mvlock.install.scripts_and_data import offered_distributions
from mvlock.lock.agreeing_trees import runtime_settings_of
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import Exposed


class Decision(msgspec.Struct, frozen=True):
    """``receipts``: of all trees, sorted; for trees still to be made, as far as is known before their files exist.

    ``native_files``: how the native files of each tree to be made differ from the store's. ``app``: the content of the
    application's environment except ``import_map``.
    """

    arrangement: Arrangement
    receipts: Mapping[str, TreeReceipt]
    native_files: Mapping[str, NativeFiles]
    app: TreeContent
    import_map: ImportMap

    def lines(self) -> Iterator[str]:
        """The decision for people: what is shared, and what is kept separate."""
        for world in self.arrangement.worlds:
            if len(world.trees) > 1:
                yield f"one environment: {', '.join(sorted(world.trees))}"
        for domain in self.import_map.domains:
            if domain.name not in {tree.domain for tree in self.import_map.trees.values()}:
                shared = ", ".join(f"{item.name} {item.version}" for item in domain.distributions)
                yield f"shared by {', '.join(domain.trees)}: {shared}"
        for tree, native_files in sorted(self.native_files.items()):
            yield from (f"{tree}: {old} is renamed to {new}" for old, new in sorted(native_files.renames.items()))
            copies = {item.name: item.copy for item in self.receipts[tree].distributions if item.copy}
            yield from (
                f"{tree}: uses copy {copy} of the native files of {name}" for name, copy in sorted(copies.items())
            )


def arrangement_of(goal: Goal, trees: Iterable[InstalledTree]) -> Arrangement:
    """Which trees are one environment, and what the rest share."""
    receipts = sorted((tree.receipt for tree in trees), key=lambda receipt: receipt.tree)
    settings_by_tree = {
        receipt.tree: runtime_settings_of(receipt.tree, goal.locked.get(receipt.tree), goal.project)
        for receipt in receipts
    }
    return Arrangement(receipts, settings_by_tree)


def decide(
    goal: Goal,
    trees: Mapping[str, InstalledTree],
    arrangement: Arrangement,
    prepared: Mapping[str, PreparedTree],
    base: TreeContent,
) -> Decision:
    """The decision on ``trees``; those in ``prepared`` are made, the others stay as they are.

    ``base``: the part of the application's environment that does not depend on trees.
    """
    kept = {name: tree.receipt for name, tree in trees.items() if name not in prepared}
    sharing = arrangement.trees
    libraries = {name: tree.libraries for name, tree in prepared.items()}
    names = library_names(libraries, {name: receipt.libraries for name, receipt in kept.items()}, sharing)
    receipts, native_files = dict(kept), {}
    for name, tree in prepared.items():
        native_files[name] = _native_files(goal, tree, names[name], copies_of(tree.wanted, receipts.values(), sharing))
        receipts[name] = _receipt(goal, tree, names[name], native_files[name])
    receipts = dict(sorted(receipts.items()))
    return Decision(
        arrangement=arrangement,
        receipts=receipts,
        native_files=native_files,
        app=with_scripts_and_data(base, offered_distributions(goal.lock, receipts), goal.places),
        import_map=_import_map(goal, trees.values(), arrangement),
    )


def _native_files(goal: Goal, tree: PreparedTree, names: LibraryNames, copies: Mapping[str, int]) -> NativeFiles:
    if goal.options.link_mode is LinkMode.SYMLINK:
        copies = {}  # $ORIGIN of a library is its own folder
    return NativeFiles(names.renames, names.needed, copies)


def _receipt(goal: Goal, tree: PreparedTree, names: LibraryNames, native_files: NativeFiles) -> TreeReceipt:
    """The receipt, without what is only known from a tree's files (``complete_receipt``)."""

    def with_copy(item: InstalledDistribution) -> InstalledDistribution:
        copy = native_files.copies.get(item.identity)
        is_copied = any(native_files.has_copy(file, copy) for file in tree.native_files[item.identity])
        return msgspec.structs.replace(item, copy=copy if is_copied else None)

    return TreeReceipt(
        tree=tree.wanted.name,
        python=goal.python,
        distributions=tuple(with_copy(item) for item in tree.distributions),
        libraries=names.installed,
        links=goal.options.link_mode.value,
        place=str(goal.project.root) if tree.wanted.records_its_path else "",
    )


def complete_receipt(receipt: TreeReceipt, content: TreeContent) -> TreeReceipt:
    """The receipt of a tree whose files are known."""
    recorded = [(item, content.recorded[item.identity]) for item in receipt.distributions]
    complete = (
        msgspec.structs.replace(item, record=files.record, executables=files.executables) for item, files in recorded
    )
    return msgspec.structs.replace(receipt, distributions=tuple(complete))


def _import_map(goal: Goal, trees: Iterable[InstalledTree], arrangement: Arrangement) -> ImportMap:
    names = goal.options.interpreter.standard_library
    expose_all = goal.project.expose is Exposed.ALL
    return build_map(goal.lock, trees, arrangement, standard_library=names, expose_all=expose_all)
