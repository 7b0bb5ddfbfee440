"""What each distribution of a tree takes on disk, alone and with all that it needs; or its wheel, before an install."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from mvlock.commands.amounts import formatted_size
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.commands.tree_marks import Mark, Marks
from mvlock.install.receipts import read_trees
from mvlock.interpreter.model import Interpreter
from mvlock.lock.model import Lock, LockedPackage, LockedTree, TreePackage
from mvlock.lock.tree_graph import TreeGraph, reachable, tree_graphs
from mvlock.operations.interpreters import interpreter_of
from mvlock.pictures.weights import distribution_sizes
from mvlock.plan.tags import best_wheel, tag_ranks

_Release = tuple[str, str]
"""A project and its version."""
_Sizes = Mapping[_Release, int | None]
"""In bytes; None: unknown, because nothing has been built or fetched yet."""


def size_marks(lock: Lock, trees: Iterable[LockedTree], python: str | None, context: Context) -> Marks:
    """The sizes for the Python that an install here would use. A tree that is not installed has those of its wheels.

    :raises MvlockError: the project cannot be read, or there is no Python for it
    """
    project = open_project(context.options).project
    interpreter = interpreter_of(project, python, context.machine)
    modules = project.root / project.modules
    receipts, wheels = read_trees(modules), _wheel_sizes(lock, interpreter)
    present = (_in_environment(tree, interpreter.environment) for tree in trees)
    marks: dict[tuple[str, str, str], Mark] = {}
    for graph in tree_graphs(lock, present):
        tree = graph.tree
        receipt, members = receipts.get(tree.name), {_release(member) for member in tree.packages}
        disk = distribution_sizes(modules / tree.name, receipt, interpreter.cache_tag) if receipt is not None else {}
        is_installed = receipt is not None and members <= disk.keys()
        sizes = {release: (disk if is_installed else wheels).get(release) for release in members}
        marks[tree.name, "", ""] = _tree_mark(sizes, is_installed=is_installed)
        marks |= {(tree.name, *release): mark for release, mark in _member_marks(graph, sizes)}
    return marks


def _in_environment(tree: LockedTree, environment: Mapping[str, str]) -> LockedTree:
    return replace(tree, packages=tuple(member for member in tree.packages if member.is_for(environment)))


def _wheel_sizes(lock: Lock, interpreter: Interpreter) -> _Sizes:
    ranks = tag_ranks(interpreter.tags)
    return {(package.name, package.version): _wheel_size(package, ranks) for package in lock.packages}


def _wheel_size(package: LockedPackage, ranks: Mapping[str, int]) -> int | None:
    file = best_wheel(package.wheels, ranks)
    return file.size if file is not None else None


def _tree_mark(sizes: _Sizes, *, is_installed: bool) -> Mark:
    where = "on disk" if is_installed else "in wheels: not installed"
    facts = {"size": _known(sizes.values()), "size-of": "disk" if is_installed else "wheels"}
    return Mark(f"{_total_text(sizes.values())} {where}", "dim", facts)


def _release(member: TreePackage) -> _Release:
    return member.name, member.version


def _member_marks(graph: TreeGraph, sizes: _Sizes) -> Iterator[tuple[_Release, Mark]]:
    for member in graph.tree.packages:
        size = sizes[_release(member)]
        closure = [sizes[_release(one)] for one in reachable([member], graph.dependencies)]
        text = formatted_size(size) if size is not None else "size unknown"
        if len(closure) > 1:
            text += f", with dependencies {_total_text(closure)}"
        yield _release(member), Mark(text, "dim", {"size": size, "total-size": _known(closure)})


def _known(sizes: Collection[int | None]) -> int:
    return sum(size or 0 for size in sizes)


def _total_text(sizes: Collection[int | None]) -> str:
    return f"{'at least ' if None in sizes else ''}{formatted_size(_known(sizes))}"
