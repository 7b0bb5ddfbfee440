"""Archives whose metadata is read at a resolve, and sdists that are built at an install."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.robust.case import DEEP, LOCK, NINES, WHEEL, Case, World, headers
from tests.support.release import Release, metadata, sdist

PASSED_OVER = frozenset({0})
"""The release cannot be used, and 0.9 can."""
REFUSED = frozenset({4})

_INFO = "a-1.0.dist-info/METADATA"
_BACKEND = """
import os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    {}
"""
_PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def _zip(members: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED, **fields: int) -> bytes:
    """A zip whose headers say ``fields`` of all its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return _patched(buffer.getvalue(), fields)


def _patched(content: bytes, fields: Mapping[str, int]) -> bytes:
    """In every local header and every entry of the directory: fields of 16 bits."""
    places = {"version": (4, 6), "flags": (6, 8), "method": (8, 10)}
    changed = bytearray(content)
    for signature, which in ((b"PK\3\4", 0), (b"PK\1\2", 1)):
        at = content.find(signature)
        while at >= 0:
            for name, value in fields.items():
                struct.pack_into("<H", changed, at + places[name][which], value)
            at = content.find(signature, at + 4)
    return bytes(changed)


def _damaged(content: bytes) -> bytes:
    """The compressed content of the first member replaced by noise."""
    start = 30 + struct.unpack_from("<H", content, 26)[0]
    return content[:start] + b"\xff" * 20 + content[start + 20 :]


def _twice(name: str) -> bytes:
    return _zip({name: b"1", f"{name[:-1]}y": b"2"}).replace(f"{name[:-1]}y".encode(), name.encode())


_MEMBERS = {_INFO: headers().encode() + b"x" * 3000, "a-1.0.dist-info/WHEEL": WHEEL}
_BOMB = {_INFO: headers().encode() + bytes(40_000_000)}
_WHEELS: Mapping[str, bytes] = {
    "stream of deflate": _damaged(_zip(_MEMBERS)),
    "stream of bzip2": _damaged(_zip(_MEMBERS, zipfile.ZIP_BZIP2)),
    "stream of lzma": _damaged(_zip(_MEMBERS, zipfile.ZIP_LZMA)),
    "method 97": _zip(_MEMBERS, method=97),
    "flag of a password": _zip(_MEMBERS, flags=1),
    "flag of masked headers": _zip(_MEMBERS, flags=0x2001),
    "format 25.5": _zip(_MEMBERS, version=255),
    "bomb": _zip(_BOMB),
    "end": _zip(_MEMBERS)[:-10],
    "start": b"PK\5\6" + bytes(18),
    "offset": _zip(_MEMBERS)[:-6] + struct.pack("<I", 0xFFFFFF00) + b"\0\0",
    "name of another project": _zip({_INFO.replace("a-1", "b-1"): headers().encode()}),
    "METADATA, in a folder": _zip({_INFO + "/x": b""}),
    "content: text": b"hello",
}


def _tar(files: Mapping[str, str | bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # a mode by name
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(f"a-1.0/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _source(backend: str = "return None", pyproject: str = _PYPROJECT, **more: str | bytes) -> dict[str, str | bytes]:
    info = metadata(Release("a", "1.0"), dynamic=["requires-dist"])
    return {"PKG-INFO": info, "pyproject.toml": pyproject, "backend.py": _BACKEND.format(backend), **more}


def _built(name: str, version: str, filename: str | None = None) -> str:
    """The body of a backend that makes a wheel of this project and version."""
    folder = f"{name}-{version}.dist-info"
    files = {f"{folder}/METADATA": f"Name: {name}\nVersion: {version}\n", f"{folder}/WHEEL": WHEEL.decode()}
    filename = filename or f"{name}-{version}-py3-none-any.whl"
    return (
        f"import base64, hashlib; files = {files!r}; record = ''\n"
        "    with zipfile.ZipFile(os.path.join(folder, os.path.basename(" + repr(filename) + ")), 'w') as archive:\n"
        "        for path, text in files.items():\n"
        "            archive.writestr(path, text)\n"
        "            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')\n"
        "            record += f'{path},sha256={digest},{len(text)}\\n'\n"
        f"        archive.writestr('{folder}/RECORD', record + '{folder}/RECORD,,\\n')\n"
        f"    return {filename!r}"
    )


def _replaced(content: bytes, at: int) -> bytes:
    """The content with four other bytes at a place, counted from its end."""
    return content[:at] + b"abcd" + content[len(content) + at + 4 :]


_SDISTS: Mapping[str, bytes] = {
    "checksum of gzip": _replaced(_tar(_source()), -8),
    "length of gzip": _replaced(_tar(_source()), -4),
    "data behind gzip": _tar(_source()) + b"x" * 100,
    "checksum of xz": _replaced(_tar(_source(), "w:xz"), -20),
    "checksum of bzip2": _replaced(_tar(_source(), "w:bz2"), -4),
    "cut off": _tar(_source())[:-30],
    "zeros behind the end, packed": gzip.compress(gzip.decompress(_tar(_source())) + bytes(200_000_000), 9),
    "lzma without a header": lzma.compress(b"x" * 10_000)[10:],
    "bzip2 of nothing": bz2.compress(b""),
    "zlib": zlib.compress(b"x" * 10_000),
    "pyproject.toml of arrays": _tar(_source(pyproject="x = " + "[" * DEEP)),
    "pyproject.toml of digits": _tar(_source(pyproject=f"x = {NINES}")),
    "pyproject.toml of zeros": _tar(_source(pyproject="\0" * 1000)),
    "requires of a URL": _tar(_source(pyproject=_PYPROJECT.replace("[]", '["b @ https://127.0.0.1:1/b.whl"]', 1))),
    "requires of 300 digits": _tar(_source(pyproject=_PYPROJECT.replace("[]", f'["b>={"9" * 300}"]', 1))),
    "requires of 51 brackets": _tar(
        _source(pyproject=_PYPROJECT.replace("[]", f"[\"b; {'(' * 51}os_name == 'x'{')' * 51}\"]", 1))
    ),
    "backend-path of a home": _tar(_source(pyproject=_PYPROJECT.replace('["."]', '["/root"]'))),
    "backend-path of dots": _tar(_source(pyproject=_PYPROJECT.replace('["."]', '["x/../../.."]'))),
    "a number": _tar(_source("return 7")),
    "bytes": _tar(_source("return list(range(9))")),
    "an empty name": _tar(_source("return ''")),
    "a folder": _tar(_source("return '.'")),
    "an absolute path": _tar(_source("return '/etc/passwd'")),
    "a name with a line break": _tar(_source("open(os.path.join(folder, 'a\\nb.whl'), 'w'); return 'a\\nb.whl'")),
    "a wheel that is text": _tar(
        _source("open(os.path.join(folder, 'a-1.0-py3-none-any.whl'), 'w'); return 'a-1.0-py3-none-any.whl'")
    ),
    "another project": _tar(_source(_built("b", "1.0"))),
    "a newer version": _tar(_source(_built("a", "1.0.1"))),
    "an older version": _tar(_source(_built("a", "0.9"))),
    "a pre-release": _tar(_source(_built("a", "1.0rc1"))),
}
_ZIPS: Mapping[str, bytes] = {
    "method 97": _zip({"a-1.0/x": b"x"}, method=97),
    "flag of a password": _zip({"a-1.0/x": b"x"}, flags=1),
    "format 25.5": _zip({"a-1.0/x": b"x"}, version=255),
    "stream of deflate": _damaged(_zip({"a-1.0/x": b"x" * 5000})),
    "bomb": _zip({"a-1.0/x": bytes(200_000_000)}),
    "data in front": b"#!/bin/sh\n" + _zip({"a-1.0/x": b"x"}),
    "data behind": _zip({"a-1.0/x": b"x"}) + b"x" * 50,
    "two of one name": _twice("a-1.0/x"),
    "a name that leaves": _zip({"a-1.0/../../x": b"x"}),
    "a name that is a drive": _zip({"C:/x": b"x"}),
}


def archive_cases() -> Iterator[Case]:
    """All of them."""
    for name, content in _WHEELS.items():
        file = partial(World.file, filename="a-1.0-py3-none-any.whl", content=content)
        yield Case(f"wheel, metadata of it: broken {name}", file, PASSED_OVER)
    install = ("install", "--frozen")
    yield Case("sdist: right", _with_sdist(sdist(Release("a", "1.0"))[1]), frozenset({0}), install)
    yield Case("sdist: a local version", _with_sdist(_tar(_source(_built("a", "1.0+local")))), frozenset({0}), install)
    for name, content in _SDISTS.items():
        yield Case(f"sdist: {name}", _with_sdist(content), REFUSED, install)
    for name, content in _ZIPS.items():
        yield Case(f"sdist: zip: {name}", _with_sdist(content, "a-1.0.zip"), REFUSED, install)


def _with_sdist(content: bytes, filename: str = "a-1.0.tar.gz") -> Callable[[World], None]:
    def prepare(world: World) -> None:
        file = world.project.index.publish_file("a", filename, content)
        text = LOCK[: LOCK.index("wheels")].replace('"0.9"', '"1.0"')
        sdist = f'sdist = {{ name = "{filename}", hashes = {{ sha256 = "{file.sha256}" }} }}\n'
        world.project.add_file("mv.lock", text + sdist)

    return prepare
