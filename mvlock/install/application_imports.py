"""What the application's own modules import, found by parsing them: nothing is run.

Imports that need not run here are left out: under ``TYPE_CHECKING``, under version or platform conditions, where
an ImportError was caught. Optional imports, in a ``try`` that catches ImportError, are marked.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeAlias, TypeGuard

import msgspec

from mvlock.install.newer_syntax import outer_imports
from mvlock.project.model import Project
from mvlock.project.own_modules import is_module_file, is_of_others

_MAX_FILES = 5_000
_MAX_BYTES = 1_000_000
_CAUGHT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_CONDITIONS = {"TYPE_CHECKING", "version_info", "platform", "implementation", "hexversion", "find_spec"}
_SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
_Import: TypeAlias = tuple[int, str, bool]
"""Line, name, whether the code continues without it."""


class ApplicationImport(msgspec.Struct, frozen=True, order=True):
    """``name``: absolute, as far as the statement says (``google.cloud.storage``); ``file``: from the root, POSIX.

    ``is_caught``: the code continues without it.
    """

    file: str
    line: int
    name: str
    is_caught: bool = False


def application_imports(project: Project) -> list[ApplicationImport]:
    """Every absolute import of a module that is not the application's own, in the order of files and lines.

    Files that cannot be read are skipped. Of a file in a newer Python's syntax only unindented imports are read. If
    there are very many files, only the first ones are read.
    """
    found: list[ApplicationImport] = []
    modules_in = cache(_module_names_in)
    sources = [project.root / folder for folder in project.source_folders]
    for path in islice(_modules(project), _MAX_FILES):
        own = frozenset().union(*map(modules_in, [*sources, _top_folder(path.parent)]))
        file = Path(os.path.relpath(path, project.root)).as_posix()
        found += [
            ApplicationImport(file, *entry) for entry in _imports_of(path) if entry[1].partition(".")[0] not in own
        ]
    return sorted(found)


def _modules(project: Project) -> Iterator[Path]:
    generated = {project.root / project.app, project.root / project.modules}
    seen: set[Path] = set()
    for source in project.source_folders:
        top = project.root / source
        for folder, folders, files in os.walk(top):
            place = Path(os.path.normpath(folder))
            folders[:] = sorted(name for name in folders if _is_searched(place / name, generated))
            new = [place / name for name in sorted(files) if name.endswith(".py") and place / name not in seen]
            seen.update(new)
            yield from new


def _is_searched(folder: Path, generated: Iterable[Path]) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS or folder in generated:
        return False
    return not is_of_others(folder)


def _top_folder(folder: Path) -> Path:
    """The folder that contains a file's package: it is on ``sys.path`` when the file runs as a script or by pytest."""
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _module_names_in(folder: Path) -> frozenset[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return frozenset()
    return frozenset(entry.name.partition(".")[0] for entry in entries if entry.is_dir() or is_module_file(entry.name))


def _imports_of(path: Path) -> list[_Import]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are for their authors to fix
            return list(_imports_in(_statements_of(path.read_bytes())))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []


def _statements_of(content: bytes) -> list[ast.stmt]:
    try:
        return ast.parse(content).body
    except SyntaxError:
        return outer_imports(content)


def _imports_in(body: Iterable[ast.stmt], *, is_caught: bool = False) -> Iterator[_Import]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, is_caught) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module:
                yield from ((node.lineno, f"{node.module}.{alias.name}", is_caught) for alias in node.names)
        elif _catches_import_error(node):
            yield from _imports_in([*node.body, *getattr(node, "orelse", [])], is_caught=True)
        elif not _is_conditional(node):
            yield from _imports_in(_statements(node), is_caught=is_caught)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            yield from child.body


def _catches_import_error(node: ast.stmt) -> TypeGuard[ast.Try | ast.With]:
    """Whether the code continues if an import in this statement fails."""
    if isinstance(node, ast.Try):
        return any(_catches(handler.type) for handler in node.handlers)
    calls = (item.context_expr for item in node.items) if isinstance(node, ast.With) else ()
    return any(_catches(call) for call in calls if isinstance(call, ast.Call))


def _is_conditional(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and bool(_names_in(node.test) & _CONDITIONS)


def _catches(caught: ast.expr | None) -> bool:
    return caught is None or bool(_names_in(caught) & _CAUGHT)


def _names_in(node: ast.expr) -> set[str]:
    names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return names | {child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)}
