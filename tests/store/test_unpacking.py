"""What the store refuses to unpack, and that nothing of it stays."""

from __future__ import annotations

import stat
import warnings
from pathlib import Path

import pytest

from mvlock.errors import BadArtifact
from mvlock.store.store import Store
from tests.store.hostile import INFO, row, write_wheel


def refusal(tmp_path: Path, wheel: Path) -> BadArtifact:
    """The error that adding ``wheel`` ends with; the store is as empty as before."""
    store = Store(tmp_path / "cache")
    with pytest.raises(BadArtifact) as caught:
        store.add_file(wheel)
    left = [path for path in store.root.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []
    assert wheel.name in caught.value.message
    assert caught.value.exit_code == 4
    return caught.value


@pytest.mark.parametrize(
    "path",
    ["../evil.py", "a/../../evil.py", "/etc/evil.py", "C:/evil.py", "a\\..\\evil.py", "a/./b.py", "a//b.py", "a/\n.py"],
)
def test_a_path_that_leaves_the_wheel_is_refused(tmp_path: Path, path: str) -> None:
    error = refusal(tmp_path, write_wheel(tmp_path, {path: b"x = 1\n"}))
    assert error.code == "wheel-unsafe"
    assert not (tmp_path / "evil.py").exists()


def test_a_name_that_no_file_system_takes_is_refused_by_name(tmp_path: Path) -> None:
    path = f"a/{'x' * 253}.py"
    error = refusal(tmp_path, write_wheel(tmp_path, {path: b""}))
    assert error.code == "wheel-unsafe"
    assert "xxx.py' has a name of 256 bytes; the limit is 255" in error.message


def test_a_path_that_is_longer_than_systems_take_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, write_wheel(tmp_path, {f"a/{'d/' * 1500}x.py": b""}))
    assert "has 3006 bytes; the limit is 1000" in error.message


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/link": b"/etc/passwd"}, modes={"a/link": stat.S_IFLNK | 0o777})
    assert "symbolic link" in refusal(tmp_path, wheel).message


def test_a_device_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/null": b""}, modes={"a/null": stat.S_IFCHR | 0o666})
    assert "not a regular file" in refusal(tmp_path, wheel).message


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns whoever writes such an archive
        wheel = write_wheel(tmp_path, {"a/x.py": b"one"}, more={"a/x.py": b"two"})
    assert "appears twice" in refusal(tmp_path, wheel).message


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/x.py": b"one", "a/X.py": b"two"})
    assert "collides" in refusal(tmp_path, wheel).message


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a": b"file", "a/x.py": b"inside"})
    assert "the folder of" in refusal(tmp_path, wheel).message


@pytest.mark.parametrize(
    "path", ["a-1.0.data/purelib/a/x.py", "a-1.0.data/platlib/A/X.py", "a-1.0.data/purelib/a/x.py/below.py"]
)
def test_members_that_land_at_one_place_are_refused(tmp_path: Path, path: str) -> None:
    error = refusal(tmp_path, write_wheel(tmp_path, {"a/x.py": b"one", path: b"two"}))
    assert error.code == "wheel-unsafe"
    assert "'a/x.py'" in error.message
    assert f"'{path}'" in error.message


def test_an_absurd_ratio_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/zeros": bytes(80 * 1024 * 1024)})
    assert "claim to unpack to" in refusal(tmp_path, wheel).message


def test_a_file_that_record_does_not_list_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/x.py": b"one"}, more={"a/stowaway.py": b"two"})
    error = refusal(tmp_path, wheel)
    assert error.code == "record-mismatch"
    assert "a/stowaway.py" in error.message


def test_a_record_that_is_wrong_about_a_file_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/x.py": b"one"}, record=row("a/x.py", b"two") + f"\n{INFO}/RECORD,,\n")
    assert refusal(tmp_path, wheel).code == "record-mismatch"


def test_a_record_with_weak_hashes_is_refused(tmp_path: Path) -> None:
    good = write_wheel(tmp_path, {"a/x.py": b"one"})
    weak = row("a/x.py", b"one", "md5")
    info = [row(f"{INFO}/{name}", content) for name, content in _info(good).items()]
    wheel = write_wheel(tmp_path, {"a/x.py": b"one"}, record="\n".join([weak, *info, f"{INFO}/RECORD,,"]))
    assert "no strong hash" in refusal(tmp_path, wheel).message


def test_a_wheel_of_another_project_than_its_name_says_is_refused(tmp_path: Path) -> None:
    other = b"Metadata-Version: 2.1\nName: b\nVersion: 1.0\n"
    assert refusal(tmp_path, write_wheel(tmp_path, {f"{INFO}/METADATA": other})).code == "metadata-mismatch"


@pytest.mark.parametrize("command", ["python", "python3", "Python3.11", "../evil", "activate", "activate.fish"])
def test_a_command_may_not_replace_the_interpreter(tmp_path: Path, command: str) -> None:
    entry = f"[console_scripts]\n{command} = a:main\n".encode()
    error = refusal(tmp_path, write_wheel(tmp_path, {f"{INFO}/entry_points.txt": entry}))
    assert "is not allowed" in error.message


def test_a_command_is_no_place_for_code(tmp_path: Path) -> None:
    entry = b"[console_scripts]\na = os:system('x')\n"
    assert "module:attribute" in refusal(tmp_path, write_wheel(tmp_path, {f"{INFO}/entry_points.txt": entry})).message


@pytest.mark.parametrize("path", ["scripts/python", "data/bin/python3", "data/pyvenv.cfg", "unknown/x"])
def test_data_may_not_replace_parts_of_the_environment(tmp_path: Path, path: str) -> None:
    assert refusal(tmp_path, write_wheel(tmp_path, {f"a-1.0.data/{path}": b"x"})).code == "wheel-unsafe"


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    wheel = tmp_path / "a-1.0-py3-none-any.whl"
    wheel.write_bytes(content)
    assert refusal(tmp_path, wheel).code == "wheel-invalid"


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/x.bin": bytes(range(256)) * 64})
    content = bytearray(wheel.read_bytes())
    content[60] ^= 0xFF
    wheel.write_bytes(bytes(content))
    refusal(tmp_path, wheel)


def _info(wheel: Path) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(f"{INFO}/{name}") for name in ("METADATA", "WHEEL")}


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("a.pth", b"x\n" * 60_000, "has 120000 bytes; the limit is 100000"),
        ("a-1.0.data/purelib/a.start", b"x\n" * 60_000, "has 120000 bytes; the limit is 100000"),
        ("a.pth", b"/etc\n\0\n", "contains a zero byte"),
    ],
)
def test_what_every_start_of_python_reads_is_small_text(tmp_path: Path, path: str, content: bytes, reason: str) -> None:
    assert f"{path!r} {reason}" in refusal(tmp_path, write_wheel(tmp_path, {path: content})).message


@pytest.mark.parametrize(
    "path",
    [
        "a-1.0.data/data/bin/python/x",
        "a-1.0.data/data/bin",
        "a-1.0.data/data/lib/python3.11",
        "a-1.0.data/data/Lib/site-packages",
        "a-1.0.data/data/lib/python3.11/site-packages/a/x.py",
        "a-1.0.data/purelib/a-1.0.dist-info/INSTALLER",
        "a-1.0.data/data/lib/python3.11/site-packages/a-1.0.dist-info/METADATA",
    ],
)
def test_data_that_lands_on_something_else_is_refused(tmp_path: Path, path: str) -> None:
    error = refusal(tmp_path, write_wheel(tmp_path, {"a/x.py": b"one", path: b"two"}))
    assert error.code == "wheel-unsafe"
    assert f"'{path}'" in error.message


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, write_wheel(tmp_path, {"a/x.py": b""}, info="a-2.0.dist-info"))
    assert (error.code, "a-2.0.dist-info is of another version" in error.message) == ("metadata-mismatch", True)


def test_a_wheel_with_something_in_front_of_it_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, {"a/x.py": b""})
    wheel.write_bytes(b"#!/bin/sh\n" + wheel.read_bytes())
    assert "data before its start" in refusal(tmp_path, wheel).message
