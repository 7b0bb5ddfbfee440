"""Wheels that are not what they should be, in one line each."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

INFO = "a-1.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: a\nVersion: 1.0\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def row(path: str, content: bytes, algorithm: str = "sha256") -> str:
    """The correct line of RECORD for a member."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    return f"{path},{algorithm}={digest},{len(content)}"


def write_wheel(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    record: str | None = None,
    modes: Mapping[str, int] | None = None,
    more: Mapping[str, bytes] | None = None,
    info: str = INFO,
) -> Path:
    """A wheel of ``a 1.0`` with these members; ``modes`` are Unix modes, ``more`` is not in RECORD."""
    members = {**files, f"{info}/METADATA": METADATA, f"{info}/WHEEL": WHEEL} | {
        path: content for path, content in files.items() if path.startswith(info)
    }
    lines = [row(path, content) for path, content in members.items()] + [f"{info}/RECORD,,"]
    members[f"{info}/RECORD"] = (record if record is not None else "\n".join(lines) + "\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [*members.items(), *(more or {}).items()]:
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (modes or {}).get(path, 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    wheel = folder / "a-1.0-py3-none-any.whl"
    wheel.write_bytes(buffer.getvalue())
    return wheel
