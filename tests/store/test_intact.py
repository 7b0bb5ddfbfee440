"""What an install reads of the store: files whose status has changed since they were last known to be intact."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mvlock.progress import SilentReporter
from mvlock.store.bytecode import compilation
from mvlock.store.intact import note_intact, noted_intact
from mvlock.store.store import Store, StoredWheel
from mvlock.store.verify import discard_changed, discard_damaged, discard_damaged_rest, note_installed
from tests.store.test_store import OURS, wheel_file

TAG = OURS.cache_tag

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there, files have no time of the last change of status")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def stored(store: Store, tmp_path: Path) -> StoredWheel:
    """An entry with bytecode."""
    made = store.add_file(wheel_file(tmp_path, files={"a/__init__.py": "x = 1\n", "a/other.py": "y = 1\n"}))
    with compilation(store, OURS, SilentReporter()) as compiling:
        compiling.add(made)
    return made


def change_silently(file: Path) -> None:
    """Change a byte; size, mode and time stay."""
    status, content = file.stat(), file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    file.chmod(status.st_mode & 0o777)


def note(store: Store, stored: StoredWheel) -> None:
    """Note that an entry is intact, at a later time than any of its files has."""
    latest = max(path.stat().st_ctime_ns for path in stored.folder.rglob("*.py*"))
    while min(noted_intact(folder) for folder in (stored.folder, stored.bytecode(TAG))) <= latest:
        note_installed(store, [stored.receipt.sha256], TAG)


def test_a_write_that_restores_the_time_is_found(store: Store, stored: StoredWheel) -> None:
    note(store, stored)
    assert discard_changed(store, stored, TAG) == []
    change_silently(stored.files / "a/__init__.py")
    assert discard_changed(store, stored, TAG) == ["a/__init__.py was changed"]
    assert store.find(stored.receipt.sha256) is None


def test_damaged_bytecode_is_removed_alone(store: Store, stored: StoredWheel) -> None:
    change_silently(stored.bytecode(TAG) / OURS.compiled_name("a/other.py"))
    assert discard_changed(store, stored, None) == []
    assert discard_changed(store, stored, TAG) == [f"{OURS.compiled_name('a/other.py')} was changed"]
    assert store.find(stored.receipt.sha256) is not None
    assert not stored.bytecode(TAG).exists()


def test_only_a_thorough_check_reads_what_is_noted_as_intact(store: Store, stored: StoredWheel) -> None:
    change_silently(stored.files / "a/__init__.py")
    note(store, stored)
    assert discard_changed(store, stored, TAG) == []
    assert discard_damaged(store, stored) == ["a/__init__.py was changed"]


def test_a_link_is_no_damage_but_a_reason_to_read(store: Store, stored: StoredWheel, tmp_path: Path) -> None:
    change_silently(stored.files / "a/__init__.py")
    note(store, stored)
    os.link(stored.files / "a/other.py", tmp_path / "link")
    assert discard_changed(store, stored, TAG) == []
    os.link(stored.files / "a/__init__.py", tmp_path / "another")
    assert discard_changed(store, stored, TAG) == ["a/__init__.py was changed"]


def test_a_store_that_cannot_be_written_has_no_notes(tmp_path: Path) -> None:
    note_intact(tmp_path / "missing")
    assert noted_intact(tmp_path / "missing") == 0


def test_a_changed_record_is_as_good_as_none(store: Store, stored: StoredWheel) -> None:
    change_silently(stored.folder / "receipt")
    again = Store(store.root.parent)
    assert again.find(stored.receipt.sha256) is None
    assert [text.rpartition(": ")[2] for text in discard_damaged_rest(again)] == ["its record cannot be read"]
    assert not stored.folder.exists()
