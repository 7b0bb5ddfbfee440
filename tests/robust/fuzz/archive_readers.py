"""What unpacks archives from outside: wheels and sdists. Most mutants are of what is in them, packed again."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

from mvlock.build.archive import read_member, unpack_source
from mvlock.build.names import declared_names
from mvlock.build.static import SourceDescription, static_package_info
from mvlock.store.model import WheelReference
from mvlock.store.unpack import unpack
from tests.robust.fuzz.mutation import Mutator
from tests.support.release import Release, sdist, wheel, zip_archive

_WHEEL, _SDIST = "a-1.0-py3-none-any.whl", "a-1.0.tar.gz"
_RELEASE = Release(
    "a",
    "1.0",
    requires=["b>=1; python_version < '3.12'"],
    scripts={"a": "a:main"},
    files={
        "a/__init__.py": "import b.c\n",
        "a/deep/er/data.txt": "text",
        "a.pth": "import a\n../other\n",
        "a-1.0.data/scripts/tool": "#!python\n",
        "a-1.0.data/purelib/a/more.py": "",
    },
)


def read_wheel(data: bytes, folder: Path) -> object:
    """Unpack a wheel into the store's form; nothing may appear beside its folder."""
    (folder / _WHEEL).write_bytes(data)
    reference = WheelReference(_WHEEL, hashlib.sha256(data).hexdigest())
    try:
        return unpack(folder / _WHEEL, reference, folder / "unpacked")
    finally:
        _check_beside(folder, {_WHEEL, "unpacked"})


def read_sdist(data: bytes, folder: Path) -> object:
    """Unpack a source archive, and what it says without a build."""
    archive = folder / _SDIST
    archive.write_bytes(data)
    try:
        static_package_info(read_member(archive, "PKG-INFO"), archive.name)
        declared_names(archive)
        return SourceDescription.read(unpack_source(archive, folder / "unpacked")).metadata()
    finally:
        _check_beside(folder, {_SDIST, "unpacked"})


def wheels() -> list[bytes]:
    """Seeds."""
    return [wheel(_RELEASE)[1], wheel(Release("a", "1.0"))[1]]


def sdists() -> list[bytes]:
    """Seeds."""
    return [sdist(_RELEASE)[1], sdist(Release("a", "1.0", dynamic=["requires-dist"]))[1]]


def wheel_mutant(mutator: Mutator, seed: bytes) -> bytes:
    """A wheel with a mutant of a name, or of the content of a member; one in three is any bytes."""
    if mutator.one_in(3):
        return mutator.mutant(seed)
    try:
        with zipfile.ZipFile(io.BytesIO(seed)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # a mutant itself
        return mutator.mutant(seed)
    if not members:
        return mutator.mutant(seed)
    name, content = members.pop(mutator.number(len(members)))
    if mutator.one_in(4):
        name = mutator.mutant(name.encode()).decode("utf-8", "replace")[:2000]
    else:
        content = mutator.mutant(content)
    return zip_archive(dict(sorted([*members, (name, content)])))


def sdist_mutant(mutator: Mutator, seed: bytes) -> bytes:
    """A mutant of the archive inside the compression; one in five is any bytes."""
    try:
        inside = gzip.decompress(seed)
    except Exception:  # a mutant itself
        return mutator.mutant(seed)
    return mutator.mutant(seed) if mutator.one_in(5) else gzip.compress(mutator.mutant(inside), 1)


def _check_beside(folder: Path, expected: set[str]) -> None:
    found = {path.name for path in folder.iterdir()}
    if not found <= expected:
        raise AssertionError(f"written outside: {sorted(found - expected)}")
