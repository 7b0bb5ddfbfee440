"""Builds the decided environments beside their places; holds one tree's content at a time, to save memory."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from mvlock.base.concurrency import BackgroundThread
from mvlock.base.folders import Staging
from mvlock.environment.assemble import Assembler
from mvlock.environment.content import TreeContent, tree_content
from mvlock.environment.layout import TreePlace
from mvlock.environment.link import Linker, LinkMode
from mvlock.environment.native_files import NativeFiles
from mvlock.install.application import application_receipt
from mvlock.install.decision import Decision, complete_receipt
from mvlock.install.exposure import exposure_notes, overlap_notes
from mvlock.install.goal import Goal
from mvlock.install.modules_folder import create_modules
from mvlock.install.prepared import PreparedTree
from mvlock.plan.model import WantedDistribution
from mvlock.plan.receipt import TreeReceipt
from mvlock.progress import Reporter
from mvlock.store.bytecode import compile_in_place
from mvlock.store.file_workers import FileWorkers
from mvlock.store.store import Store, StoredWheel
from mvlock.store.verify import note_installed

_Members = list[tuple[WantedDistribution, StoredWheel]]


class Assembly:
    """Makes the environments of a decision in ``staging``."""

    def __init__(self, goal: Goal, store: Store, staging: Staging, workers: FileWorkers, reporter: Reporter) -> None:
        self._goal = goal
        self._store = store
        self._staging = staging
        self._workers = workers
        self._reporter = reporter

    def run(self, decision: Decision, trees: Iterable[PreparedTree], *, with_app: bool) -> None:
        """Make ``trees``, and the application's environment if it is to be made."""
        trees, mode = list(trees), self._goal.options.link_mode
        if mode is LinkMode.SYMLINK:
            self._record_symlinks(sha256 for tree in trees for sha256 in tree.wheels.values())
        with ThreadPoolExecutor(self._workers.count + 1) as threads:
            linker = Linker(self._store.make_spare, mode)
            assembler = Assembler(self._goal.options.interpreter, linker, threads, self._workers)
            self._make_trees(decision, trees, assembler)
            if linker.fell_back:
                self._reporter.note(
                    f"--link-mode {mode.value} is not supported between the cache and the project: files are copied"
                )
            if with_app:
                self._make_app(decision.app, assembler)

    def _record_symlinks(self, wheels: Iterable[str]) -> None:
        unrecorded = [sha256 for sha256 in dict.fromkeys(wheels) if not self._store.record_symlinks(sha256)]
        if unrecorded:
            self._reporter.note(
                f"the cache {self._goal.options.cache} is read-only, so symbolic links into it "
                "are not recorded: `mvlock cache prune` breaks them"
            )

    def _make_trees(self, decision: Decision, trees: list[PreparedTree], assembler: Assembler) -> None:
        with self._reporter.task("Linking", total=len(trees), unit="trees") as task, BackgroundThread() as thread:
            for tree in trees:
                name = tree.wanted.name
                content = self._content(tree, decision.native_files[name])
                receipt = complete_receipt(decision.receipts[name], content)
                thread.run(partial(self._write_tree, tree, content, receipt, assembler))
                task.advance(item=name)

    def _write_tree(self, tree: PreparedTree, content: TreeContent, receipt: TreeReceipt, assembler: Assembler) -> None:
        self._write(self._goal.places.tree(tree.wanted.name), content, receipt, assembler)
        compiler = self._goal.compiler
        note_installed(self._store, tree.wheels.values(), compiler.cache_tag if compiler is not None else None)

    def _content(self, tree: PreparedTree, native_files: NativeFiles) -> TreeContent:
        members = [(item, self._store.get(tree.wheels[item.identity])) for item in tree.wanted.distributions]
        content = tree_content(members, self._goal.places.tree(tree.wanted.name), self._goal.compiler, native_files)
        self._report(tree.wanted.name, members, content, native_files)
        return content

    def _report(self, name: str, members: _Members, content: TreeContent, native_files: NativeFiles) -> None:
        for note in exposure_notes(self._goal.locked[name], members, self._goal.options.interpreter.standard_library):
            self._reporter.note(note)
        for note in overlap_notes(name, content):
            self._reporter.note(note)
        if native_files.renames:
            first, *rest = sorted(native_files.renames)
            others = f" and {len(rest)} more" if rest else ""
            self._reporter.detail(f"{name}: other trees have {first}{others} with other content; renamed here")

    def _make_app(self, content: TreeContent, assembler: Assembler) -> None:
        for path, tree in content.overlaps:
            self._reporter.note(
                f"{path} of tree {tree} is left out of {self._goal.project.app}/, which already has one"
            )
        place = self._goal.places.app
        self._write(place, content, application_receipt(content, self._goal.python), assembler)
        staged = self._staging.of(place.root)
        if staged is not None:
            folder = f"{place.layout.site_packages}/importshim/"
            files = {
                path.removeprefix(folder): file for path, file in content.written.items() if path.startswith(folder)
            }
            sources = {path: file.content for path, file in files.items() if path.endswith(".py")}
            compile_in_place(self._store, staged / folder, sources, self._goal.own_compiler)

    def _write(self, place: TreePlace, content: TreeContent, receipt: TreeReceipt, assembler: Assembler) -> None:
        places = self._goal.places
        if place.root.parent == places.modules:
            create_modules(places.modules, places.project)
        assembler.write(self._staging.open(place.root, places.modules), content, receipt)
