"""The store keeps each wheel once, whole, and says what is in it."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from mvlock.base.digests import record_digest
from mvlock.errors import BadArtifact
from mvlock.progress import SilentReporter
from mvlock.store.bytecode import compilation, compiled_sources
from mvlock.store.compiler import Compiler
from mvlock.store.model import StoredFile, WheelReference, WheelScript
from mvlock.store.store import Store, StoredWheel
from mvlock.store.verify import discard_damaged, entry_problems
from tests.store.hostile import INFO, write_wheel
from tests.support.release import Release, wheel

OURS = Compiler(Path(sys.executable), str(sys.implementation.cache_tag))


def wheel_file(folder: Path, **values: object) -> Path:
    name, content = wheel(Release("a", "1.0", **values))  # type: ignore[arg-type]  # passed through
    path = folder / name
    path.write_bytes(content)
    return path


def test_an_entry_holds_the_files_and_their_hashes(tmp_path: Path) -> None:
    stored = Store(tmp_path / "cache").add_file(wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n"}))
    assert (stored.receipt.name, stored.receipt.version) == ("a", "1.0")
    expected = StoredFile("a/__init__.py", record_digest(hashlib.sha256(b"x = 1\n").digest()), 6)
    assert expected in stored.receipt.files
    assert (stored.files / "a/__init__.py").read_text() == "x = 1\n"


def test_large_files_that_are_equal_are_one_but_for_native_ones(tmp_path: Path) -> None:
    large, native = "x" * 4096, b"\x7fELF" + bytes(4096)
    files = {"a/__init__.py": large, "a/b.py": large, "a/c.txt": large[1:], "a/d.txt": large[1:]}
    natives = {"a/one.so": native, "a/two.so": native}
    stored = Store(tmp_path / "cache").add_file(wheel_file(tmp_path, files=files | natives))
    assert entry_problems(stored) == []
    inodes = [(stored.files / name).stat().st_ino for name in (*files, *natives)]
    assert inodes[0] == inodes[1]
    assert len(set(inodes)) == len(inodes) - 1


def test_record_is_left_out_for_trees_write_their_own(tmp_path: Path) -> None:
    stored = Store(tmp_path / "cache").add_file(wheel_file(tmp_path))
    assert not any(file.path.endswith("RECORD") for file in stored.receipt.files)


def test_files_in_the_store_are_read_only_and_keep_their_executable_bit(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, {"a/run.sh": b"#!/bin/sh\n", "a/x.py": b""}, modes={"a/run.sh": 0o100755})
    stored = Store(tmp_path / "cache").add_file(path)
    modes = {file.path: stat.S_IMODE((stored.files / file.path).stat().st_mode) for file in stored.receipt.files}
    assert (modes["a/run.sh"], modes["a/x.py"]) == (0o555, 0o444)
    assert {file.path for file in stored.receipt.files if file.executable} == {"a/run.sh"}


def test_native_files_are_known_by_their_first_bytes_or_their_name(tmp_path: Path) -> None:
    files = {"a/x.so": b"?", "a/y.so.1.2": b"?", "a/tool": b"\x7fELF rest", "a/z.pyd": b"", "a/x.py": b"so"}
    stored = Store(tmp_path / "cache").add_file(write_wheel(tmp_path, files))
    assert {file.path for file in stored.receipt.files if file.native} == set(files) - {"a/x.py"}


def test_commands_are_read_from_entry_points(tmp_path: Path) -> None:
    stored = Store(tmp_path / "cache").add_file(wheel_file(tmp_path, scripts={"do": "a.cli:main.run"}))
    assert stored.receipt.scripts == (WheelScript("do", "a.cli", "main.run"),)


def test_a_wheel_is_fetched_once_for_any_number_of_threads(tmp_path: Path) -> None:
    path = wheel_file(tmp_path)
    reference = WheelReference(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    fetched: list[Path] = []

    def fetch(target: Path) -> None:
        fetched.append(target)
        target.write_bytes(path.read_bytes())

    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda _: Store(tmp_path / "cache").add(reference, fetch), range(8)))
    assert len(fetched) == 1
    assert len({entry.folder for entry in stored}) == 1


def test_other_bytes_than_locked_are_refused_with_both_hashes(tmp_path: Path) -> None:
    path, store = wheel_file(tmp_path), Store(tmp_path / "cache")
    with pytest.raises(BadArtifact) as caught:
        store.add(WheelReference(path.name, "0" * 64), lambda target: target.write_bytes(path.read_bytes()))
    assert caught.value.code == "hash-mismatch"
    assert path.name in caught.value.message
    assert "0" * 64 in caught.value.message
    assert hashlib.sha256(path.read_bytes()).hexdigest() in caught.value.message
    assert store.find("0" * 64) is None


@pytest.mark.parametrize("digest", ["x/../../../guard/x", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_digest_names_no_place(tmp_path: Path, digest: str) -> None:
    """It comes from a page of an index, or from a lock."""
    store = Store(tmp_path / "cache")
    with pytest.raises(BadArtifact, match="is not a sha256"):
        store.find(digest)
    with pytest.raises(BadArtifact, match="is not a sha256"):
        store.add(WheelReference("a-1.0-py3-none-any.whl", digest), lambda target: target.write_bytes(b""))
    assert list(tmp_path.iterdir()) == []


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")

    def fetch(target: Path) -> None:
        target.write_bytes(b"half")
        raise BadArtifact("hash-mismatch", "no")

    with pytest.raises(BadArtifact):
        store.add(WheelReference("a-1.0-py3-none-any.whl", "1" * 64), fetch)
    assert list((store.root / "tmp").iterdir()) == []


def test_an_entry_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    path, store = wheel_file(tmp_path), Store(tmp_path / "cache")
    first = store.add_file(path)
    (first.folder / "receipt").write_bytes(b"{ cut off")
    assert store.add_file(path).receipt.files == first.receipt.files


def test_an_entry_that_is_discarded_is_no_longer_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    sha256 = store.add_file(wheel_file(tmp_path)).receipt.sha256
    found = store.find(sha256)
    assert found is not None
    store.discard(found, found.folder, lambda: True)
    assert store.find(sha256) is None


def test_what_another_process_has_just_made_again_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    path = wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n"})
    damaged = store.add_file(path)
    file = damaged.files / "a/__init__.py"
    file.chmod(0o644)
    file.write_text("evil = 1\n")
    assert entry_problems(damaged) == ["a/__init__.py was changed"]
    assert discard_damaged(store, damaged) == ["a/__init__.py was changed"]
    mended = store.add_file(path)
    store.discard(damaged, damaged.folder, lambda: entry_problems(damaged))  # who saw the damage too, but comes second
    assert store.find(mended.receipt.sha256) is not None


def test_a_further_copy_is_the_same_file_again_and_is_watched_like_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    stored = store.add_file(wheel_file(tmp_path, files={"a/__init__.py": "", "a/native.so": b"\x7fELF"}))
    source, spare = stored.files / "a/native.so", stored.spare(1) / "a/native.so"
    for _ in range(2):
        store.make_spare(str(source), str(spare))
        assert (spare.read_bytes(), spare.stat().st_mtime_ns) == (source.read_bytes(), source.stat().st_mtime_ns)
        assert spare.stat().st_ino != source.stat().st_ino
        assert entry_problems(stored) == []
        spare.chmod(0o644)
        spare.write_bytes(b"evil")
        assert entry_problems(stored) == ["a further copy of a/native.so was changed"]


def compiled_names(stored: StoredWheel) -> list[str]:
    return [name for name, _ in compiled_sources(stored, OURS)]


def compile_all(store: Store, stored: StoredWheel) -> None:
    with compilation(store, OURS, SilentReporter()) as compiling:
        compiling.add(stored)


def test_bytecode_is_made_once_and_is_valid_beside_its_source(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    stored = store.add_file(wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n", "a/bad.py": "def (\n"}))
    compile_all(store, stored)
    assert compiled_names(stored) == ["a/__init__.py"]
    compiled = stored.bytecode(OURS.cache_tag) / OURS.compiled_name("a/__init__.py")
    before = compiled.stat().st_ino
    compile_all(store, stored)
    assert compiled.stat().st_ino == before
    source = (stored.files / "a/__init__.py").stat()
    assert compiled.read_bytes()[8:16] == (int(source.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (
        source.st_size
    ).to_bytes(4, "little")


@pytest.mark.parametrize("text", [None, "", "3", "{ cut off"])
def test_bytecode_that_another_version_wrote_is_made_again(tmp_path: Path, text: str | None) -> None:
    store = Store(tmp_path / "cache")
    stored = store.add_file(wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n"}))
    compile_all(store, stored)
    receipt = stored.bytecode(OURS.cache_tag) / "compiled"
    receipt.unlink()
    if text is not None:
        receipt.write_text(text)
    compile_all(store, stored)
    assert compiled_names(stored) == ["a/__init__.py"]


def test_bytecode_that_somebody_changed_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    stored = store.add_file(wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n"}))
    compile_all(store, stored)
    assert entry_problems(stored) == []
    compiled = stored.bytecode(OURS.cache_tag) / OURS.compiled_name("a/__init__.py")
    assert not compiled.stat().st_mode & 0o222
    compiled.chmod(0o644)
    compiled.write_bytes(compiled.read_bytes()[:-1])
    assert entry_problems(stored) == [f"{OURS.compiled_name('a/__init__.py')} was changed"]


def test_large_sources_are_compiled_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    large = "x = 1\n" * 60_000
    files = {"a/large.py": large, "a/also.py": large, "a/bad.py": f"{large}def (", "a/small.py": ""}
    stored = store.add_file(wheel_file(tmp_path, files=files))
    compile_all(store, stored)
    assert compiled_names(stored) == ["a/also.py", "a/large.py", "a/small.py"]


@pytest.mark.skipif(os.name == "nt", reason="scripts lie elsewhere")
def test_only_what_lands_in_site_packages_is_compiled(tmp_path: Path) -> None:
    files = {"a/x.py": b"", "a-1.0.data/purelib/p.py": b"", "a-1.0.data/scripts/s.py": b"", "a-1.0.data/data/d.py": b""}
    stored = Store(tmp_path / "cache").add_file(write_wheel(tmp_path, files))
    assert {file.path for file in stored.receipt.sources()} == {"a/x.py", "a-1.0.data/purelib/p.py"}
    assert stored.receipt.info == INFO


def test_once_it_is_stopped_nothing_is_unpacked_any_more(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    store.stop_adding()
    with pytest.raises(CancelledError):
        store.add_file(wheel_file(tmp_path))
    assert list(store.entries()) == [] and list((store.root / "tmp").iterdir()) == []
