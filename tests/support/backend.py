"""A PEP 517/660 build backend of one file: wheels out of ``src/``, with the standard library alone.

Copied into every sdist that tests make, where ``build.json`` says what to build.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_File = tuple[str, bytes]


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    """Nothing in addition to pyproject.toml."""
    return []


def get_requires_for_build_editable(config_settings: object = None) -> list[str]:
    """Nothing in addition to pyproject.toml."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: object = None) -> str:
    """Write the ``.dist-info`` folder and return its name."""
    settings = _settings()
    for path, content in _info(settings):
        target = Path(metadata_directory, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return f"{settings['stem']}.dist-info"


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    """Build the wheel and return its file name."""
    settings = _settings()
    return _write(Path(wheel_directory), settings, [*_sources(), *_info(settings)])


def build_editable(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    """Build a wheel whose ``.pth`` file points at ``src/``."""
    settings = _settings()
    pth = f"_{settings['stem'].partition('-')[0]}.pth", f"{Path('src').resolve()}\n".encode()
    return _write(Path(wheel_directory), settings, [pth, *_info(settings)])


def _settings() -> Any:
    settings = json.loads(Path("build.json").read_text(encoding="utf-8"))
    if settings["error"]:
        raise RuntimeError(settings["error"])
    return settings


def _sources() -> Iterator[_File]:
    root = Path("src")
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _info(settings: Any) -> Iterator[_File]:
    info = f"{settings['stem']}.dist-info"
    yield f"{info}/METADATA", settings["metadata"].encode()
    yield (
        f"{info}/WHEEL",
        b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    )
    if settings["entry_points"]:
        yield f"{info}/entry_points.txt", settings["entry_points"].encode()


def _write(folder: Path, settings: Any, files: Iterable[_File]) -> str:
    name = f"{settings['stem']}-py3-none-any.whl"
    record, rows = f"{settings['stem']}.dist-info/RECORD", []
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            archive.writestr(zipfile.ZipInfo(path), content)
            rows.append(f"{path},sha256={digest},{len(content)}")
        archive.writestr(zipfile.ZipInfo(record), "\n".join([*rows, f"{record},,"]) + "\n")
    return name
