"""One install of one project: plan, supply, assemble beside, then change places.

Until every new tree stands complete beside its place, nothing of the project is touched; then each takes its
place by one rename. What is removed goes last.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from mvlock.environment.assemble import Assembler
from mvlock.environment.check import content_problems, foreign_files, missing_parts, tree_problems
from mvlock.environment.content import NativeFiles, TreeContent, described_distribution, folders_of, tree_content
from mvlock.environment.layout import Layout, TreePlace
from mvlock.environment.libraries import OwnNames, TreeLibraries, chosen_names, torn_trees, tree_libraries
from mvlock.environment.link import Linker, LinkMode
from mvlock.errors import UsageError
from mvlock.importmap import MAP_FILE, Arrangement, InstalledTree, compile_map, write_map
from mvlock.importmap.model import ImportMap
from mvlock.install import application
from mvlock.install.alone import alone_in
from mvlock.install.behind import Behind
from mvlock.install.copies import copies_of
from mvlock.install.exposure import exposure_notes
from mvlock.install.findings import (
    NO_RECEIPT,
    NOT_INSTALLED,
    OTHER_APPLICATION,
    Findings,
    described,
    findings,
    made_for_another,
    map_problems,
    said_of,
)
from mvlock.install.modules_folder import check_modules, claim_modules, leave_modules
from mvlock.install.offers import offers
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.present import installed_tree
from mvlock.install.receipts import check_ours, is_ours, read_receipt, read_trees
from mvlock.install.supply import Supplier
from mvlock.install.swap import make_sibling, remove, remove_siblings, swap
from mvlock.install.view import APPLICATION, BEHIND, View, description, view_folder, view_of, view_problem, write_view
from mvlock.interpreter import Interpreter
from mvlock.lock.model import Lock
from mvlock.lock.neighbours import manner_of
from mvlock.plan import Action, Plan, TreeReceipt, WantedDistribution, WantedTree, make_plan
from mvlock.progress import Reporter
from mvlock.project.model import Exposed, Project
from mvlock.project.problem import did_you_mean
from mvlock.store import Store, StoredWheel
from mvlock.store.bytecode import Compiler, bytecode_problems, compilation, compile_in_place

_CHANGES = (Action.CREATE, Action.REPLACE)
_LINKING_THREADS = 3


@dataclass(slots=True)
class _Made:
    """Finished environments beside their places, the receipts they bear, and how all trees will live together."""

    folders: dict[Path, Path] = field(default_factory=dict)
    receipts: dict[str, TreeReceipt] = field(default_factory=dict)
    arrangement: Arrangement = field(default_factory=lambda: Arrangement((), {}))


class Installation:
    """Carries out one install. ``wanted`` are the trees as they shall be."""

    def __init__(self, project: Project, lock: Lock, options: InstallOptions, reporter: Reporter) -> None:
        self._project = project
        self._lock = lock
        self._locked = {tree.name: tree for tree in lock.trees}
        self._options = options
        self._reporter = reporter
        self._layout = Layout.of(options.interpreter)
        self._modules = project.root / project.modules
        self._app = application.place_of(project, options.interpreter)
        self._view = self._app.root / view_folder(self._layout)
        self._store = Store(options.cache)

    @property
    def interpreter(self) -> Interpreter:
        """What the environments are made for."""
        return self._options.interpreter

    @property
    def map_path(self) -> Path:
        """Where the import map is."""
        return application.map_path(self._app)

    def folders(self) -> tuple[str, ...]:
        """The folders of the application that are ours alone: relative to the project."""
        code = (self._app.root / self._layout.scripts, self._app.site_packages, self.map_path.parent)
        data = folders_of(self._app_content(read_trees(self._modules)).symlinks)
        folders = [*code, *(self._app.root / folder for folder in sorted(data))]
        return tuple(dict.fromkeys(folder.relative_to(self._project.root).as_posix() for folder in folders))

    def parts(self) -> tuple[str, ...]:
        """What no tree can do without: relative to it."""
        return (f"{self._layout.scripts}/{self._layout.executables[0]}", self._layout.site_packages)

    def listings(self) -> tuple[str, ...]:
        """Folders whose names were decided, relative to the project.

        Those that ``.pth`` files of trees add, whose modules are in the map; those of the view.
        """
        receipts = read_trees(self._modules).items()
        pairs = [(name, item) for name, receipt in receipts if receipt for item in receipt.distributions]
        found = {self._place(name).site_packages / path for name, item in pairs for path in item.paths}
        found |= {self._view / name for name in (APPLICATION, BEHIND)}
        there = {os.path.normpath(folder) for folder in found if folder.is_dir()}
        return tuple(sorted(Path(os.path.relpath(folder, self._project.root)).as_posix() for folder in there))

    def run(self, wanted: tuple[WantedTree, ...], supplier: Supplier) -> InstallReport:
        """Make the project's environments what ``wanted`` says.

        :raises UsageError: ``folder-not-ours``, ``python-of-others``
        """
        check_modules(self._modules, self._project.root)
        if self._options.dry_run:
            return InstallReport(self._plan(wanted), done=False)
        with self._alone():
            plan = self._plan(wanted)
            made = _Made()
            try:
                plan = self._make(plan, wanted, supplier, made)
                return InstallReport(plan, done=True, map_changed=self._publish(plan, made))
            finally:
                self._clear_away(made)

    def _clear_away(self, made: _Made) -> None:
        for folder in made.folders.values():
            if folder.exists():
                remove(folder)
        leave_modules(self._modules)

    def _plan(self, wanted: tuple[WantedTree, ...]) -> Plan:
        """What an install has to do.

        :raises UsageError: ``folder-not-ours``, ``python-of-others``
        """
        installed = read_trees(self._modules)
        for tree in wanted:
            if tree.name not in installed:
                check_ours(self._modules / tree.name, "modules")
        check_ours(self._app.root, "app")
        self._check_others(wanted, installed)
        return self._planned(wanted, installed, self._damaged(wanted, installed))

    def _planned(
        self,
        wanted: tuple[WantedTree, ...],
        installed: Mapping[str, TreeReceipt | None],
        damaged: Mapping[str, str],
    ) -> Plan:
        damaged = {**self._linked_otherwise(installed), **self._moved(wanted, installed), **damaged}
        plan = self._plan_of(wanted, installed, damaged)
        kept = [receipt for name in plan.of(Action.KEEP) if (receipt := installed[name]) is not None]
        torn = _torn(kept, self._arrangement(kept))
        if torn:
            plan = self._plan_of(wanted, installed, {**torn, **damaged})
        return self._with_app(plan, installed)

    def _plan_of(
        self, wanted: tuple[WantedTree, ...], installed: Mapping[str, TreeReceipt | None], damaged: Mapping[str, str]
    ) -> Plan:
        return make_plan(wanted, installed, self._python, damaged=damaged, remove_others=not self._options.only)

    def _check_others(self, wanted: tuple[WantedTree, ...], installed: Mapping[str, TreeReceipt | None]) -> None:
        """The application has one Python with all its trees, those that ``only`` leaves as they are included.

        :raises UsageError: ``python-of-others``
        """
        if not self._options.only:
            return
        others = {name: installed[name] for name in installed if name not in {tree.name for tree in wanted}}
        pythons = {name: receipt.python for name, receipt in others.items() if receipt is not None}
        for name, python in pythons.items():
            if python != self._python:
                raise UsageError(
                    "python-of-others",
                    f"other trees are for {python} ({name}), and this is {self._python}",
                    hint="install without --only: an application has one Python",
                    facts={"tree": name, "python": python},
                )

    def _arrangement(self, receipts: Iterable[TreeReceipt]) -> Arrangement:
        """How trees live together."""
        trees = [self._installed(receipt).receipt for receipt in receipts]
        manners = {one.tree: manner_of(one.tree, self._locked.get(one.tree), self._project) for one in trees}
        return Arrangement(trees, manners)

    def _linked_otherwise(self, installed: Mapping[str, TreeReceipt | None]) -> dict[str, str]:
        """Why trees must be made anew although they hold what they shall: their files got there another way."""
        mode = self._options.link_mode
        if mode is LinkMode.AUTO:
            return {}
        there = ((name, receipt.links) for name, receipt in installed.items() if receipt is not None)
        return {name: f"its link mode was {links}" for name, links in there if links != mode.value}

    def _moved(self, wanted: tuple[WantedTree, ...], installed: Mapping[str, TreeReceipt | None]) -> dict[str, str]:
        """Why trees must be made anew after the project got to another place: they tell where a source is."""
        there = [(tree.name, installed.get(tree.name)) for tree in wanted if tree.names_its_place]
        old = {name: receipt.place for name, receipt in there if receipt is not None}
        return {name: f"the project was in {place}" for name, place in old.items() if place != str(self._project.root)}

    def _damaged(self, wanted: tuple[WantedTree, ...], installed: Mapping[str, TreeReceipt | None]) -> dict[str, str]:
        """Why trees must be made anew although their receipts are right; every file is read for a repair only."""
        there = {tree.name: receipt for tree in wanted if (receipt := installed.get(tree.name)) is not None}
        if self._options.repair:
            found = self._problems(there)
        else:
            found = {name: missing_parts(self._modules / name, one, self._layout) for name, one in there.items()}
        return {name: described(problems) for name, problems in found.items() if problems}

    def _problems(self, there: Mapping[str, TreeReceipt]) -> dict[str, list[str]]:
        """All that is wrong with trees, and with the bytecode that they have from the cache. Reads every file."""

        @cache
        def compiled(wheel: str) -> list[str]:
            stored = self._store.find(wheel)
            return bytecode_problems(stored) if stored is not None else []

        def of(name: str, receipt: TreeReceipt) -> list[str]:
            wheels = [item.wheel for item in receipt.distributions]
            shared = [f"in the cache {problem}" for wheel in wheels for problem in compiled(wheel)]
            return [*tree_problems(self._modules / name, receipt, self._layout), *shared]

        return {name: of(name, receipt) for name, receipt in there.items()}

    def verify(self, wanted: tuple[WantedTree, ...]) -> Findings:
        """What is not as it should be, by tree and for the application (called "")."""
        installed = read_trees(self._modules)
        receipts = {name: receipt for name, receipt in installed.items() if receipt is not None}
        app = read_receipt(self._app.root)
        pythons = {receipt.python for receipt in (*receipts.values(), *([app] if app else []))}
        if pythons and self._python not in pythons:
            return made_for_another(min(pythons), self._options.interpreter)
        plan = self._planned(wanted, installed, {})
        foreign = {name for name in plan.of(Action.CREATE) if not is_ours(self._modules / name)}
        foreign |= set() if is_ours(self._app.root) else {""}
        found = {name: [NO_RECEIPT] for name in foreign}
        for step in plan.steps:
            if step.action is not Action.KEEP and step.tree not in foreign:
                found[step.tree] = [said_of(step, self._locked.get(step.tree), self._options.selection(self._project))]
        kept = plan.of(Action.KEEP)
        damaged = self._problems({name: receipts[name] for name in kept})
        if not foreign and app == application.application_receipt(self._app_content(receipts), self._python):
            content = self._app_content(receipts)
            damaged[""] = content_problems(self._app.root, content, self._layout) + self._foreign_files(content)
            if not plan.of(*_CHANGES):  # it tells of every tree
                expected = self._map(receipts.values(), self._arrangement(receipts.values()))
                damaged[""] += map_problems(self.map_path, expected)
                problem = view_problem(self._view, description(self._view_of(expected), self._view, self._project.root))
                damaged[""] += [f"the view for tools that read the disk: {problem}"] if problem else []
        elif "" not in foreign and not (app and plan.of(*_CHANGES)):  # it changes with the trees
            found[""] = [OTHER_APPLICATION if app else NOT_INSTALLED]
        return findings(found, damaged, [self._folder(name) for name in sorted(foreign)])

    def _folder(self, tree: str) -> str:
        return f"{self._project.modules}/{tree}" if tree else f"{self._project.app}"

    @property
    def _python(self) -> str:
        interpreter = self._options.interpreter
        return f"{interpreter.implementation} {interpreter.version} at {interpreter.path}"

    def _with_app(self, plan: Plan, receipts: Mapping[str, TreeReceipt | None]) -> Plan:
        """The plan with what becomes of the application's environment if the trees are as ``receipts`` say."""
        gone = plan.of(Action.REMOVE)
        content = self._app_content({name: receipt for name, receipt in receipts.items() if name not in gone})
        there = read_receipt(self._app.root)
        sound = not content_problems(self._app.root, content, self._layout) and not self.map_path.is_dir()
        if self._options.repair and self._foreign_files(content):
            sound = False
        if sound and there == application.application_receipt(content, self._python):
            return replace(plan, app=Action.KEEP)
        return replace(plan, app=Action.CREATE if there is None else Action.REPLACE)

    def _foreign_files(self, content: TreeContent) -> list[str]:
        """What is in the application's environment and not of us; Python would run some of that at every start."""
        ours = {self.map_path.relative_to(self._app.root).as_posix()}
        found = foreign_files(self._app.root, content, self._layout, ours)
        return [text for text in found if not text.startswith(f"{view_folder(self._layout)}/")]

    def _app_content(self, receipts: Mapping[str, TreeReceipt | None]) -> TreeContent:
        return application.application_content(self._project, self._app, offers(self._lock, receipts))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Alone at work in this project, with what killed runs left cleared away."""

        def waiting() -> None:
            self._reporter.note(f"waiting for another mvlock at work in {self._project.root}")

        with alone_in(self._project.root, self._options.cache, waiting):
            remove_siblings(self._modules)
            remove_siblings(self._app.root.parent)
            remove_siblings(self._view.parent)
            yield

    def _make(self, plan: Plan, wanted: tuple[WantedTree, ...], supplier: Supplier, made: _Made) -> Plan:
        """Everything that changes, beside its place; the plan as it turned out: new trees may bring commands."""
        plan, trees, wheels = self._supplied(plan, wanted, supplier, made)
        if self._options.link_mode is LinkMode.SYMLINK:
            self._point_at(wheels.values())
        staying, sharing = self._staying(plan), made.arrangement.trees
        names = self._own_names(trees, wheels, staying, sharing)
        with ThreadPoolExecutor(_LINKING_THREADS) as threads:
            linker = Linker(self._store.make_spare, self._options.link_mode)
            assembler = Assembler(self._options.interpreter, linker, threads)
            with self._reporter.task("Linking", total=len(trees)) as task, Behind() as behind:
                for tree in trees:
                    members = [(item, self._store.get(wheels[item.identity])) for item in tree.distributions]
                    copies = copies_of(tree, [*staying.values(), *made.receipts.values()], sharing)
                    content = self._tree_content(tree.name, members, names[tree.name], copies)
                    made.receipts[tree.name] = receipt = TreeReceipt(
                        tree=tree.name,
                        python=self._python,
                        distributions=tuple(content.distributions),
                        libraries=names[tree.name].installed,
                        links=self._options.link_mode.value,
                        place=str(self._project.root) if tree.names_its_place else "",
                    )
                    behind.do(partial(self._assemble, self._place(tree.name), content, receipt, assembler, made))
                    task.advance(item=tree.name)
            if linker.gave_up:
                mode = self._options.link_mode.value
                self._reporter.note(
                    f"--link-mode {mode} is not to be had from the cache to the project: files are copied"
                )
            receipts = self._receipts_after(plan, made)
            plan = self._with_app(plan, receipts)
            if plan.app in _CHANGES:
                self._make_app(receipts, assembler, made)
        return plan

    def _supplied(
        self, plan: Plan, wanted: tuple[WantedTree, ...], supplier: Supplier, made: _Made
    ) -> tuple[Plan, list[WantedTree], dict[str, str]]:
        """What is to be made, with its wheels, after it is known how all trees will live together.

        Trees whose files do not suit that are made anew, too.
        """
        trees = [tree for tree in wanted if tree.name in plan.of(*_CHANGES)]
        wheels = self._wheels(trees, supplier)
        staying = self._staying(plan)
        made.arrangement = self._arrangement([*staying.values(), *(self._coming(tree, wheels) for tree in trees)])
        torn = _torn([staying[tree.name] for tree in wanted if tree.name in staying], made.arrangement)
        if torn:
            plan = plan.replacing(torn)
            more = [tree for tree in wanted if tree.name in torn]
            trees, wheels = [*trees, *more], {**wheels, **self._wheels(more, supplier)}
        return plan, trees, wheels

    def _point_at(self, wheels: Iterable[str]) -> None:
        unnoted = [sha256 for sha256 in wheels if not self._store.point_at(sha256)]
        if unnoted:
            self._reporter.note(
                f"the cache {self._options.cache} may only be read, so it does not know of the symbolic links into it: "
                "if somebody prunes it, they break"
            )

    def _wheels(self, trees: Iterable[WantedTree], supplier: Supplier) -> dict[str, str]:
        """Everything that ``trees`` hold, in the store and compiled: the store's hash of each by its identity."""
        coming = supplier.supply(item for tree in trees for item in tree.distributions)
        compiler = self._compiler()
        if compiler is None:
            return {identity: wheel.receipt.sha256 for identity, wheel in coming}
        found = {}
        with compilation(self._store, compiler, self._reporter) as compiling:
            for identity, wheel in coming:
                found[identity] = wheel.receipt.sha256
                compiling.add(wheel)
        return found

    def _make_app(self, receipts: Mapping[str, TreeReceipt], assembler: Assembler, made: _Made) -> None:
        content = self._app_content(receipts)
        for path, tree in content.overlaps:
            self._reporter.note(f"{path} in {self._project.app}/ is another's, not that of tree {tree}")
        receipt = application.application_receipt(content, self._python)
        self._assemble(self._app, content, receipt, assembler, made)
        compiler = self._compiler()
        if compiler is not None:  # importshim is imported by every start of the interpreter
            importshim = made.folders[self._app.root] / self._layout.site_packages / "importshim"
            compile_in_place(self._store, importshim, compiler)

    def _compiler(self) -> Compiler | None:
        interpreter = self._options.interpreter
        return Compiler(interpreter.path, interpreter.cache_tag) if self._options.compile else None

    def _staying(self, plan: Plan) -> dict[str, TreeReceipt]:
        """The trees that this install leaves as they are."""
        going = plan.of(*_CHANGES, Action.REMOVE)
        there = read_trees(self._modules).items()
        return {name: receipt for name, receipt in there if receipt is not None and name not in going}

    def _coming(self, tree: WantedTree, wheels: dict[str, str]) -> TreeReceipt:
        """A tree that is to be made, as far as its wheels tell what it will be."""
        place = self._place(tree.name)
        items = (
            described_distribution(item, self._store.get(wheels[item.identity]), place) for item in tree.distributions
        )
        return TreeReceipt(tree.name, self._python, tuple(items))

    def _own_names(
        self,
        trees: Sequence[WantedTree],
        wheels: dict[str, str],
        staying: dict[str, TreeReceipt],
        sharing: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> dict[str, OwnNames]:
        """The libraries of each changing tree, and new names for those that clash with another tree's."""

        def of(tree: WantedTree) -> TreeLibraries:
            return tree_libraries(self._store.get(wheels[item.identity]) for item in tree.distributions)

        coming = {tree.name: of(tree) for tree in trees}
        return chosen_names(coming, {name: receipt.libraries for name, receipt in staying.items()}, sharing)

    def _tree_content(
        self,
        name: str,
        members: list[tuple[WantedDistribution, StoredWheel]],
        libraries: OwnNames,
        copies: Mapping[str, int],
    ) -> TreeContent:
        if self._options.link_mode is LinkMode.SYMLINK:
            copies = {}  # $ORIGIN of a library is its own folder
        natives = NativeFiles(libraries.renames, libraries.needed, copies)
        content = tree_content(members, self._place(name), self._compiler(), natives)
        self._tell(name, members, content, libraries)
        return content

    def _tell(
        self,
        name: str,
        members: list[tuple[WantedDistribution, StoredWheel]],
        content: TreeContent,
        libraries: OwnNames,
    ) -> None:
        for note in exposure_notes(self._locked[name], members, self._options.interpreter.standard_library):
            self._reporter.note(note)
        for path, loser in content.overlaps:
            self._reporter.detail(f"{name}: {path} is another distribution's, not {loser}'s")
        if libraries.renames:
            first, *rest = sorted(libraries.renames)
            others = f" and {len(rest)} more" if rest else ""
            self._reporter.detail(f"{name}: other trees have {first}{others} too, so it has its own under other names")

    def _assemble(
        self, place: TreePlace, content: TreeContent, receipt: TreeReceipt, assembler: Assembler, made: _Made
    ) -> None:
        if place.root.parent == self._modules:
            claim_modules(self._modules, self._project.root)
        folder = made.folders[place.root] = make_sibling(place.root)
        assembler.write(folder, content, receipt)

    def _place(self, name: str) -> TreePlace:
        return TreePlace(self._modules / name, self._project.root, self._layout)

    def _publish(self, plan: Plan, made: _Made) -> bool:
        """Everything takes its place; whether the import map changed."""
        receipts = [*self._receipts_after(plan, made).values()]
        fresh = made.folders.get(self._app.root)
        if fresh is not None:  # a new environment appears with its map
            self._write_map(fresh / self._app.layout.site_packages / "importshim", receipts, made.arrangement)
        for place, folder in made.folders.items():
            old = swap(folder, place)
            if old is not None:
                made.folders[place] = old
        import_map = self._map(receipts, made.arrangement)
        changed = write_map(self.map_path, import_map)
        changed |= self._write_view(import_map)
        for name in plan.of(Action.REMOVE):
            remove(self._modules / name)
        self._tell_slips()
        return changed or fresh is not None

    def _write_view(self, value: ImportMap) -> bool:
        """After all else is in its place, for the view is made from that."""
        try:
            return write_view(self._view, self._view_of(value), self._project.root)
        except OSError as error:
            self._reporter.note(f"no links can be made here ({error.strerror}): type checkers will not find the trees")
            return False

    def _view_of(self, value: ImportMap) -> View:
        return view_of(value, self.map_path.parent, self._view)

    def _tell_slips(self) -> None:
        """Settings that name what is not there: projects to share, folders of the application's code."""
        there = {package.name for package in self._lock.packages}
        settings = [self._project.share, *(tree.share for tree in self._project.trees)]
        for name in sorted({name for one in settings for name in one.always | one.never} - there):
            self._reporter.note(f"tool.mvlock.share: no tree has {name}{did_you_mean(name, there)}")
        for folder in self._project.source_folders:
            if not (self._project.root / folder).is_dir():
                self._reporter.note(f"tool.mvlock.source: there is no folder {folder}")

    def _receipts_after(self, plan: Plan, made: _Made) -> dict[str, TreeReceipt]:
        gone = set(plan.of(Action.REMOVE))
        there = {name: receipt for name, receipt in read_trees(self._modules).items() if name not in gone}
        after = there | made.receipts
        return {name: receipt for name, receipt in sorted(after.items()) if receipt is not None}

    def _write_map(self, folder: Path, receipts: list[TreeReceipt], arrangement: Arrangement) -> bool:
        return write_map(folder / MAP_FILE, self._map(receipts, arrangement))

    def _map(self, receipts: Iterable[TreeReceipt], arrangement: Arrangement) -> ImportMap:
        trees = [self._installed(receipt) for receipt in receipts]
        names = self._options.interpreter.standard_library
        everything = self._project.expose is Exposed.ALL
        return compile_map(self._lock, trees, arrangement, standard_library=names, expose_all=everything)

    def _installed(self, receipt: TreeReceipt) -> InstalledTree:
        environment = self._options.interpreter.environment
        locked = self._locked.get(receipt.tree)
        return installed_tree(receipt, self._place(receipt.tree), self.map_path.parent, environment, locked)


def _torn(receipts: Iterable[TreeReceipt], arrangement: Arrangement) -> dict[str, str]:
    """Why trees must be made anew because they share something else by now."""
    torn = torn_trees(receipts, arrangement.trees)
    return {name: f"it shares {project} with other trees than before" for name, project in torn.items()}
