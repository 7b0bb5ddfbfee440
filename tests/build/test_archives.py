"""Source archives are unpacked with the same distrust as wheels."""

from __future__ import annotations

import errno
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from mvlock.build.archive import read_member, unpack_source
from mvlock.errors import BadArtifact
from tests.support.disks import small_disk


def tar(path: Path, *members: tarfile.TarInfo) -> Path:
    """A tar file of empty members."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def link(name: str, target: str) -> tarfile.TarInfo:
    """A symbolic link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


@pytest.mark.parametrize(
    "member", [tarfile.TarInfo("../evil"), link("a/link", "/etc/passwd"), link("a/link", "../../evil")]
)
def test_a_tar_that_leaves_its_folder_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(BadArtifact) as caught:
        unpack_source(tar(tmp_path / "a.tar.gz", member), tmp_path / "out")
    assert caught.value.code == "sdist-unsafe"
    assert not (tmp_path / "evil").exists()


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil", "x")
    with pytest.raises(BadArtifact) as caught:
        unpack_source(path, tmp_path / "out")
    assert caught.value.code == "sdist-unsafe"


def test_a_tar_of_absurd_ratio_is_refused(tmp_path: Path) -> None:
    big = tarfile.TarInfo("a/zeros")
    big.size = 80 * 1024 * 1024
    with pytest.raises(BadArtifact, match="claim to hold"):
        unpack_source(tar(tmp_path / "a.tar.gz", big), tmp_path / "out")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"nothing")
    for work in (lambda: unpack_source(path, tmp_path / "out"), lambda: read_member(path, "PKG-INFO")):
        with pytest.raises(BadArtifact) as caught:
            work()
        assert caught.value.code == "sdist-invalid"


def test_the_only_folder_of_an_archive_is_the_source(tmp_path: Path) -> None:
    folder = unpack_source(tar(tmp_path / "a.tar.gz", tarfile.TarInfo("a-1.0/x")), tmp_path / "out")
    assert folder == tmp_path / "out/a-1.0"


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_full_disk_is_not_the_fault_of_the_archive(tmp_path: Path, suffix: str) -> None:
    path, big = tmp_path / f"a{suffix}", tarfile.TarInfo("a-1.0/x")
    big.size = 200_000
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(big.name, bytes(big.size))
    else:
        tar(path, big)
    with small_disk(tmp_path / "disk", 64) as disk, pytest.raises(OSError, match="No space") as caught:
        unpack_source(path, disk / "out")
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_member_whose_name_is_too_long_is_refused_by_name(tmp_path: Path, suffix: str) -> None:
    path, name = tmp_path / f"a{suffix}", "a-1.0/" + "é" * 128
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "x")
    else:
        tar(path, tarfile.TarInfo(name))
    with pytest.raises(BadArtifact, match=f"{path.name} is refused:\n  - '{name}' has a name of 256 bytes") as caught:
        unpack_source(path, tmp_path / "out")
    assert caught.value.code == "sdist-unsafe"
