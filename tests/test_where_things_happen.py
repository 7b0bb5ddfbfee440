"""The table "Where things happen" of docs/architecture.md, row by row: it happens there, and nowhere else.

A row names modules (``index/transport.py``) and folders (``store/``). Each of them does what the row says, and no other
module of mvlock does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, imported, sources, syntax

ELSEWHERE = {"interpreter/probe.py", "pack/unpack.py", "store/worker.py", "schemas.py"}
"""Separate programs: they do not run in the process that the page describes."""

_PLACE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py|/))`")
_OPENED = {"open", "os.fdopen"}
_TO_WRITE = re.compile(r"(?=.*[wxa+])[rwxabt+]+")
_WRITING = re.compile(
    r"\.(write_text|write_bytes|mkdir|rename|hardlink_to|symlink_to|touch)$"
    r"|^os\.(replace|rename|link|symlink|makedirs|mkdir)$|^tempfile\.(mk|Named|TemporaryD)"
    r"|^shutil\.(copy\w*|move)$|^atomic\.(write|update|replacing)$|^drafts\.write$|^draft_file$"
)
_STARTS = ("os.execv", "os.execve", "os.execvp", "os.execvpe", "os.fork", "os.posix_spawn", "os.posix_spawnp")
_CLOCK = re.compile(r"^(date|datetime|datetime\.datetime)\.(now|utcnow|today)$|^time\.(time|time_ns|localtime|gmtime)$")


def _module(path: Path) -> str:
    return path.relative_to(ROOT / "mvlock").as_posix()


MODULES = {_module(path): path for path in sources("mvlock") if _module(path) not in ELSEWHERE}


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a module, by what is called as it is written there."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def _imports(*modules: str) -> Callable[[Path], bool]:
    """Whether a module imports one of these."""
    return lambda path: any(name == one or name.startswith(f"{one}.") for name in imported(path) for one in modules)


def _names(*names: str) -> Callable[[Path], bool]:
    """Whether a module has one of these dotted names."""
    return lambda path: any(isinstance(n, ast.Attribute) and ast.unparse(n) in names for n in ast.walk(syntax(path)))


def _either(*tests: Callable[[Path], bool]) -> Callable[[Path], bool]:
    return lambda path: any(test(path) for test in tests)


def _reads_the_clock(path: Path) -> bool:
    return any(_CLOCK.search(name) for name, _ in _calls(path))


def _reads_receipts(path: Path) -> bool:
    return any(ast.unparse(one.value) == "TreeReceipt" for _, call in _calls(path) for one in call.keywords)


def _writes(path: Path) -> bool:
    return any(_WRITING.search(name) or _opens_to_write(name, call) for name, call in _calls(path))


def _opens_to_write(name: str, call: ast.Call) -> bool:
    modes = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return (name in _OPENED or name.endswith(".open")) and any(
        re.fullmatch(r"[rb]*[wxa+][wxab+t]*", one) for one in modes
    )


HAPPENS: Mapping[str, Callable[[Path], bool]] = {
    "TOML is parsed": _imports("mvlock.base.toml", "tomlkit"),
    "Pages of an index are parsed": _either(_imports("html"), _names("msgspec.json.Decoder")),
    "Network": _imports("urllib3", "ssl", "socket", "http"),
    "Archives are opened": _imports("zipfile", "tarfile"),
    "Files of the project are written": _writes,
    "The cache is written": _writes,
    "Processes are started": _either(_imports("subprocess", "multiprocessing"), _names(*_STARTS)),
    "Environment variables are read": _names("os.environ", "os.getenv"),
    "The clock": _reads_the_clock,
    "Receipts are read": _reads_receipts,
    "What trees share is decided": _imports("mvlock.install.decision.decide"),
    "Output is written": _either(_imports("rich"), _names("sys.stdout", "sys.stderr")),
}


@cache
def rows() -> Mapping[str, tuple[str, ...]]:
    """The table of the page: what happens, and the places that it names."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| What | Only in |\n|---|---|\n")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()]
    return {what: tuple(_PLACE.findall(where)) for what, where in cells}


def _found(what: str) -> set[str]:
    return {module for module, path in MODULES.items() if HAPPENS[what](path)}


def _is_in(module: str, where: str) -> bool:
    return module.startswith(where) if where.endswith("/") else module == where


def test_every_row_of_the_table_is_checked() -> None:
    assert list(rows()) == list(HAPPENS)


@pytest.mark.parametrize("what", HAPPENS)
def test_it_happens_nowhere_else(what: str) -> None:
    """A test cannot see what a module writes: only that one of the rows for writing has it."""
    places = [where for row, named in rows().items() if HAPPENS[row] is HAPPENS[what] for where in named]
    assert {module for module in _found(what) if not any(_is_in(module, where) for where in places)} == set()


@pytest.mark.parametrize("what", HAPPENS)
def test_it_happens_wherever_the_row_says(what: str) -> None:
    found = _found(what)
    assert [where for where in rows()[what] if not any(_is_in(module, where) for module in found)] == []


@pytest.mark.parametrize("module", ["store/unpack.py", "build/archive.py", "build/tarball.py"])
def test_modules_that_unpack_archives_import_the_guard(module: str) -> None:
    assert "mvlock.store.guard" in imported(MODULES[module])


@pytest.mark.parametrize("layer", ["resolver/", "plan/"])
def test_a_layer_without_disk_and_network_has_none(layer: str) -> None:
    done = {what: [module for module in _found(what) if _is_in(module, layer)] for what in HAPPENS}
    assert {what: modules for what, modules in done.items() if modules} == {}
