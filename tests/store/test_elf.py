"""The names that the dynamic loader reads are found at their offsets, and invalid files give nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mvlock.store.elf import read_linkage
from tests.support.native import shared_library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """``libone.so.1``, which needs ``libtwo.so``."""
    shared_library(tmp_path, "libtwo.so", "int two(void) { return 2; }", soname="libtwo.so")
    source = "int two(void); int one(void) { return two() - 1; }"
    shared_library(tmp_path, "libone.so.1", source, "-L.", "-l:libtwo.so", soname="libone.so.1")
    return tmp_path / "libone.so.1"


def test_names_are_reported_with_their_places(library: Path) -> None:
    linkage = read_linkage(library)
    assert linkage is not None
    assert linkage.soname is not None
    names = [linkage.soname, *linkage.needed]
    assert [name.text for name in names][:2] == ["libone.so.1", "libtwo.so"]
    content = library.read_bytes()
    assert all(content[name.offset :].startswith(name.text.encode() + b"\0") for name in names)


@pytest.mark.parametrize("symbol", ["PyObject_Call", "Py_None", "_PyRuntime"])
def test_a_library_that_uses_python_is_known_by_its_symbols(tmp_path: Path, library: Path, symbol: str) -> None:
    plain = read_linkage(library)
    assert plain is not None
    assert not plain.python
    shared_library(tmp_path, "libpy.so", f"extern void *{symbol}; void *kept(void) {{ return {symbol}; }}")
    using = read_linkage(tmp_path / "libpy.so")
    assert using is not None
    assert using.python


def test_what_is_cut_off_or_damaged_is_never_a_failure(library: Path) -> None:
    content, damaged = library.read_bytes(), library.with_name("damaged")
    chance = random.Random(1)
    for _ in range(300):
        changed = bytearray(content[: chance.choice([chance.randrange(len(content)), len(content)])])
        for _ in range(8):
            if changed:
                changed[chance.randrange(min(len(changed), 2000))] = chance.randrange(256)
        damaged.write_bytes(changed)
        read_linkage(damaged)


def test_other_files_have_no_linkage(tmp_path: Path) -> None:
    for content in (b"", b"\x7fELF", b"MZ", b"text\n"):
        (tmp_path / "file").write_bytes(content)
        assert read_linkage(tmp_path / "file") is None
