"""One release of a project: real wheels and sdists, made in memory, byte-identical for the same values."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

Content = str | bytes

_BACKEND = Path(__file__).with_name("backend.py")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Release:
    """The metadata and the files of a distribution.

    ``files`` None: one package ``<name>/__init__.py`` with ``__version__``. ``dynamic`` names the fields that
    the sdist's PKG-INFO leaves to the build (PEP 643); those are then left out. ``build_requires`` are the
    sdist's build requirements; ``build_error`` makes its build fail with this text.
    """

    name: str
    version: str
    requires: Sequence[str] = ()
    python: str | None = None
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Content] | None = None
    dynamic: Sequence[str] = ()
    build_requires: Sequence[str] = ()
    build_error: str | None = None
    headers: Sequence[str] = ()
    """Further lines of its core metadata."""

    @property
    def stem(self) -> str:
        """``name-version`` as file names have it (PEP 427, 625)."""
        return f"{canonicalize_name(self.name).replace('-', '_')}-{Version(self.version)}"

    def contents(self) -> dict[str, bytes]:
        """The files of the distribution by their path in site-packages."""
        if self.files is None:
            module = canonicalize_name(self.name).replace("-", "_")
            return {f"{module}/__init__.py": f'__version__ = "{self.version}"\n'.encode()}
        return {path: _bytes(content) for path, content in self.files.items()}


def metadata(release: Release, *, dynamic: Sequence[str] = ()) -> bytes:
    """Core metadata 2.2; the fields in ``dynamic`` are only announced."""
    lines = ["Metadata-Version: 2.2", f"Name: {release.name}", f"Version: {release.version}"]
    lines += [*release.headers, *(f"Dynamic: {name}" for name in dynamic)]
    if release.python and "requires-python" not in dynamic:
        lines.append(f"Requires-Python: {release.python}")
    if "requires-dist" not in dynamic:
        lines += _requirement_lines(release)
    return ("\n".join(lines) + "\n\nA release made for a test.\n").encode()


def wheel(release: Release, tag: str = "py3-none-any") -> tuple[str, bytes]:
    """File name and bytes of a wheel (PEP 427) with a correct RECORD."""
    info = f"{release.stem}.dist-info"
    files = release.contents() | {f"{info}/METADATA": metadata(release), f"{info}/WHEEL": _wheel_file(tag)}
    if release.scripts:
        files[f"{info}/entry_points.txt"] = _entry_points(release)
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    return f"{release.stem}-{tag}.whl", zip_archive(files)


def sdist(release: Release) -> tuple[str, bytes]:
    """File name and bytes of an sdist (PEP 625) that builds with only the standard library."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        files = source_files(release) | {"PKG-INFO": metadata(release, dynamic=release.dynamic)}
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(f"{release.stem}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    raw = bytearray(buffer.getvalue())
    raw[4:8] = b"\0\0\0\0"  # gzip stamps the time; the same release must be byte-identical
    return f"{release.stem}.tar.gz", bytes(raw)


def source_files(release: Release) -> dict[str, bytes]:
    """The files of a source tree by relative path, buildable (editable too) as they are."""
    files = {f"src/{path}": content for path, content in release.contents().items()}
    files["pyproject.toml"] = _pyproject(release)
    files["backend.py"] = _BACKEND.read_bytes()
    files["build.json"] = json.dumps(
        {
            "stem": release.stem,
            "metadata": metadata(release).decode(),
            "entry_points": _entry_points(release).decode(),
            "error": release.build_error,
        }
    ).encode()
    return files


def write_source(folder: Path, release: Release) -> Path:
    """Write ``release`` as a source tree, for path sources; returns ``folder``."""
    for path, content in source_files(release).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def zip_archive(files: Mapping[str, Content]) -> bytes:
    """A zip of ``files`` in their order, for invalid wheels."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _requirement_lines(release: Release) -> list[str]:
    lines = [f"Requires-Dist: {requirement}" for requirement in release.requires]
    for extra, requirements in release.extras.items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {_under_extra(text, extra)}" for text in requirements]
    return lines


def _under_extra(text: str, extra: str) -> str:
    requirement = Requirement(text)
    own = f"({requirement.marker}) and " if requirement.marker else ""
    requirement.marker = None
    separator = " ; " if requirement.url else "; "
    return f'{requirement}{separator}{own}extra == "{extra}"'


def _wheel_file(tag: str) -> bytes:
    pythons, abis, platforms = tag.split("-")
    pure = "true" if (abis, platforms) == ("none", "any") else "false"
    lines = ["Wheel-Version: 1.0", "Generator: tests", f"Root-Is-Purelib: {pure}"]
    expanded = [(p, a, s) for p in pythons.split(".") for a in abis.split(".") for s in platforms.split(".")]
    lines += [f"Tag: {'-'.join(parts)}" for parts in expanded]
    return ("\n".join(lines) + "\n").encode()


def _entry_points(release: Release) -> bytes:
    if not release.scripts:
        return b""
    rows = [f"{name} = {reference}" for name, reference in sorted(release.scripts.items())]
    return ("[console_scripts]\n" + "\n".join(rows) + "\n").encode()


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in files.items()]
    return ("\n".join([*rows, f"{own},,"]) + "\n").encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _pyproject(release: Release) -> bytes:
    dynamic = [_PYPROJECT_KEYS[name] for name in release.dynamic]
    lines = [
        "[build-system]",
        f"requires = {json.dumps(list(release.build_requires))}",
        'build-backend = "backend"',
        'backend-path = ["."]',
        "[project]",
        f'name = "{release.name}"',
        f'version = "{release.version}"',
        f"dynamic = {json.dumps(dynamic)}",
    ]
    if release.python and "requires-python" not in dynamic:
        lines.append(f'requires-python = "{release.python}"')
    if "dependencies" not in dynamic:
        lines.append(f"dependencies = {json.dumps(list(release.requires))}")
    lines += _pyproject_tables(release, dynamic)
    return ("\n".join(lines) + "\n").encode()


def _pyproject_tables(release: Release, dynamic: Sequence[str]) -> list[str]:
    lines: list[str] = []
    if release.extras and "dependencies" not in dynamic:
        lines.append("[project.optional-dependencies]")
        lines += [f"{name} = {json.dumps(list(texts))}" for name, texts in release.extras.items()]
    if release.scripts:
        lines.append("[project.scripts]")
        lines += [f"{name} = {json.dumps(reference)}" for name, reference in release.scripts.items()]
    return lines


_PYPROJECT_KEYS = {"requires-dist": "dependencies", "requires-python": "requires-python"}
