"""Source archives are unpacked with the same distrust as wheels."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
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
    with pytest.raises(BadArtifact, match="claim to unpack to"):
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
    with pytest.raises(
        BadArtifact, match=f"{path.name} is refused:\n  - 'a-1.0/é+…é+' has a name of 256 bytes"
    ) as caught:
        unpack_source(path, tmp_path / "out")
    assert caught.value.code == "sdist-unsafe"


def hard_link(name: str, target: str) -> tarfile.TarInfo:
    """A second name of a file."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.LNKTYPE, target
    return member


def device(name: str) -> tarfile.TarInfo:
    """A pipe, which is as strange as any device."""
    member = tarfile.TarInfo(name)
    member.type = tarfile.FIFOTYPE
    return member


def file(name: str, mode: int = 0o644) -> tarfile.TarInfo:
    """A file of some size."""
    member = tarfile.TarInfo(name)
    member.mode, member.size = mode, 3
    return member


@pytest.mark.parametrize(
    "members",
    [
        [hard_link("a/passwd", "/etc/passwd")],
        [hard_link("a/passwd", "../../etc/passwd")],
        [device("a/pipe")],
        [link("a/sub", "other"), file("a/sub/x")],
        [link("a/b/first", "second/../../x"), link("a/b/second", "../..")],
        [link("a/b/second", "../.."), link("a/b/first", "second/../../x")],
    ],
    ids=["hard", "hard-up", "pipe", "through", "chain", "chain-back"],
)
def test_no_link_of_a_tar_leads_out(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    """As text, each of a chain may stay inside: where it ends is known once all are there."""
    with pytest.raises(BadArtifact) as caught:
        unpack_source(tar(tmp_path / "a.tar.gz", *members), tmp_path / "out")
    assert caught.value.code == "sdist-unsafe"


def test_links_within_a_tar_are_kept(tmp_path: Path) -> None:
    members = [file("a/x"), link("a/soft", "x"), link("a/b/up", "../x"), hard_link("a/hard", "a/x"), link("a/no", "z")]
    folder = unpack_source(tar(tmp_path / "a.tar.gz", *members), tmp_path / "out")
    assert [(folder / name).read_bytes() for name in ("soft", "b/up", "hard")] == [bytes(3)] * 3
    assert (folder / "soft").is_symlink()
    assert not (folder / "hard").is_symlink()
    assert (folder / "no").is_symlink()


@pytest.mark.parametrize(("given", "granted"), [(0o4777, 0o755), (0o011, 0o600), (0o000, 0o600), (0o700, 0o700)])
def test_modes_of_a_tar_give_others_no_more(tmp_path: Path, given: int, granted: int) -> None:
    folder = unpack_source(tar(tmp_path / "a.tar.gz", file("a/x", given)), tmp_path / "out")
    assert (folder / "x").stat().st_mode & 0o7777 == granted


def test_a_leading_slash_or_dot_in_a_tar_does_not_count(tmp_path: Path) -> None:
    folder = unpack_source(tar(tmp_path / "a.tar.gz", file("/a-1.0/x"), file("./a-1.0/y")), tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["x", "y"]


def test_of_two_members_in_one_place_the_last_counts(tmp_path: Path) -> None:
    folder = unpack_source(tar(tmp_path / "a.tar.gz", link("a/x", "y"), file("a/x"), file("a/y")), tmp_path / "out")
    assert not (folder / "x").is_symlink()


def test_unpacking_needs_no_filter_of_tarfile(tmp_path: Path) -> None:
    """CPython before 3.10.12 and 3.11.4 has none."""
    path = tar(tmp_path / "a.tar.gz", file("a-1.0/x"))
    script = (
        "import sys, tarfile; from pathlib import Path\n"
        "for name in ('data_filter', 'FilterError'): delattr(tarfile, name) if hasattr(tarfile, name) else None\n"
        "del tarfile.TarFile.extractall\n"
        "from mvlock.build.archive import unpack_source\n"
        "print(unpack_source(Path(sys.argv[1]), Path(sys.argv[2])).name)"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "a-1.0\n", done.stderr
