"""From a wheel file to a folder and its receipt: the only place where a wheel's bytes are written to disk.

Every member must be safe (guard), listed in RECORD, and match its line there (PEP 427, "The .dist-info
directory"; PEP 376). The hash is computed while the file is written: one pass.
"""

from __future__ import annotations

import base64
import email.parser
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing, suppress
from email.message import Message
from pathlib import Path
from threading import Event
from typing import BinaryIO

from installer.exceptions import InstallerError
from installer.records import InvalidRecordEntry, RecordEntry
from installer.sources import WheelFile
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from mvlock.base.digests import STRONG, record_digest
from mvlock.base.pep508 import parse_version
from mvlock.base.wheel_paths import below_site_packages
from mvlock.codes import Code
from mvlock.errors import BadArtifact
from mvlock.store import guard
from mvlock.store.data_folder import data_problems
from mvlock.store.elf import read_linkage
from mvlock.store.interface import Imports, declared_projects, is_runtime_code, namespace_names, provided_names
from mvlock.store.model import StoredFile, WheelReceipt, WheelReference, WheelScript
from mvlock.store.native import is_native
from mvlock.store.scripts import parse_scripts
from mvlock.store.zip_structure import structure_problems

_CHUNK = 256 * 1024
_LARGE = 4096
_MAXIMUM_PATH_FILE = 100_000
"""In bytes. Files of real projects have a few lines, and every line is work for each start of Python."""
_RECORDS = {"/RECORD", "/RECORD.jws", "/RECORD.p7s"}


def unpack(archive: Path, reference: WheelReference, destination: Path, stopped: Event | None = None) -> WheelReceipt:
    """Write the members of ``archive`` under ``destination`` (created here) until it is ``stopped``, and describe them.

    ``archive`` must have the wheel's own file name. On failure ``destination`` may be incomplete: use a temporary
    folder.

    :raises CancelledError: it was stopped
    :raises BadArtifact: ``wheel-unsafe``, ``wheel-invalid``, ``record-mismatch``, ``metadata-mismatch``
    """
    try:
        with closing(zipfile.ZipFile(archive)) as opened:
            return _Unpacking(opened, reference, destination, stopped or Event()).run(archive.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _refusal(reference, "wheel-invalid", [f"the archive cannot be read: {error}"]) from error
    except UnicodeDecodeError as error:
        raise _refusal(reference, "wheel-invalid", [f"a metadata file is not UTF-8: {error}"]) from error
    except (InstallerError, InvalidRecordEntry) as error:
        reasons = [_without_path(text, archive) for text in getattr(error, "issues", ()) or [str(error)]]
        code: Code = "record-mismatch" if hasattr(error, "issues") else "wheel-invalid"
        raise _refusal(reference, code, reasons) from error


class _Unpacking:
    def __init__(self, archive: zipfile.ZipFile, reference: WheelReference, destination: Path, stopped: Event) -> None:
        self._stopped = stopped
        self._archive = archive
        self._reference = reference
        self._destination = destination
        self._folders: set[str] = set()
        self._large: dict[tuple[str, bool], str] = {}
        self._wheel = WheelFile(archive)
        self._imports = Imports()
        self._data = ""

    def run(self, archive_size: int) -> WheelReceipt:
        self._refuse("wheel-unsafe", guard.problems(self._archive.infolist(), archive_size))
        self._refuse("wheel-invalid", structure_problems(self._archive, archive_size))
        self._wheel.validate_record(validate_contents=False)
        info = self._wheel.dist_info_dir
        data = self._data = info.removesuffix(".dist-info") + ".data"
        self._refuse("wheel-unsafe", data_problems(self._archive.namelist(), data, info))
        self._refuse("wheel-unsafe", list(self._path_file_problems(data)))
        name, version = self._check_metadata()
        scripts = self._scripts()
        files = sorted(self._write_all(info), key=lambda file: file.path)
        modules = [below for file in files if (below := below_site_packages(file.path, data)) is not None]
        return WheelReceipt(
            wheel=self._reference.filename,
            sha256=self._reference.sha256,
            name=name,
            version=version,
            info=info,
            data=data,
            files=tuple(files),
            scripts=scripts,
            provided=provided_names(modules),
            spaces=namespace_names(modules),
            declared=declared_projects(self._headers("METADATA").get_all("Requires-Dist", ())),
            imported=self._imports.names(),
        )

    def _refuse(self, code: Code, reasons: list[str]) -> None:
        if reasons:
            raise _refusal(self._reference, code, reasons)

    def _path_file_problems(self, data: str) -> Iterator[str]:
        """What is wrong with the files that ``site`` reads whenever Python starts."""
        for member in self._archive.infolist():
            below = below_site_packages(member.filename, data) or ""
            if below.endswith((".pth", ".start")) and "/" not in below:
                if member.file_size > _MAXIMUM_PATH_FILE:
                    yield f"{member.filename!r} has {member.file_size} bytes; the limit is {_MAXIMUM_PATH_FILE}"
                elif b"\0" in self._archive.read(member):
                    yield f"{member.filename!r} contains a zero byte"

    def _check_metadata(self) -> tuple[str, str]:
        wheel_version = self._header("WHEEL", "Wheel-Version")
        if wheel_version.split(".")[0] != "1":
            self._refuse("wheel-invalid", [f"wheel format {wheel_version or 'unknown'} is not 1.x"])
        name, version = self._header("METADATA", "Name"), self._header("METADATA", "Version")
        expected, folder = _from_filename(self._reference), self._wheel.dist_info_dir.removesuffix(".dist-info")
        if _normalised(name, version) != expected:
            self._refuse("metadata-mismatch", [f"its metadata calls it {name or '?'} {version or '?'}"])
        if _normalised(*folder.rpartition("-")[::2]) != expected:
            self._refuse("metadata-mismatch", [f"its folder {folder}.dist-info is of another version"])
        return name, version

    def _header(self, filename: str, key: str) -> str:
        return str(self._headers(filename).get(key, "")).strip()

    def _headers(self, filename: str) -> Message:
        try:
            text = self._wheel.read_dist_info(filename)
        except KeyError as error:
            raise _refusal(self._reference, "wheel-invalid", [f"it has no {filename}"]) from error
        return email.parser.HeaderParser().parsestr(text)

    def _scripts(self) -> tuple[WheelScript, ...]:
        if "entry_points.txt" not in self._wheel.dist_info_filenames:
            return ()
        try:
            return parse_scripts(self._wheel.read_dist_info("entry_points.txt"))
        except ValueError as error:
            raise _refusal(self._reference, "wheel-unsafe", [str(error)]) from error

    def _write_all(self, info: str) -> list[StoredFile]:
        files, wrong = [], []
        for elements, stream, executable in self._wheel.get_contents():
            if self._stopped.is_set():
                raise CancelledError
            if elements[0].removeprefix(info) in _RECORDS:
                continue  # each tree gets its own RECORD, for which this one's signatures are not valid
            entry = RecordEntry.from_elements(*elements)
            written = self._write(entry, stream, executable)
            files.append(written[0])
            is_whole = written[0].size == self._archive.getinfo(entry.path).file_size
            wrong += [entry.path] if not (written[1] and is_whole) else []
        self._refuse("record-mismatch", [f"{path!r} does not match RECORD" for path in wrong])
        return files

    def _write(self, entry: RecordEntry, stream: BinaryIO, executable: bool) -> tuple[StoredFile, bool]:
        algorithm = entry.hash_.name if entry.hash_ else ""
        if algorithm not in STRONG:
            self._refuse("record-mismatch", [f"RECORD has no strong hash of {entry.path!r}"])
        digests = {name: hashlib.new(name) for name in {"sha256", algorithm}}
        target = self._target(entry.path)
        first, size = b"", 0
        with open(target, "xb") as out:  # noqa: PTH123  # thousands of them
            while chunk := stream.read(_CHUNK):
                first, size = first or chunk, size + len(chunk)
                for hashed in digests.values():
                    hashed.update(chunk)
                out.write(chunk)
        os.chmod(target, 0o555 if executable else 0o444)  # noqa: PTH101  # as above
        below = below_site_packages(entry.path, self._data)
        if below is not None and is_runtime_code(below):
            self._imports.add(below, first if size == len(first) else Path(target).read_bytes())
        is_intact = _matches(entry, digests[algorithm].digest(), size)
        digest, native = record_digest(digests["sha256"].digest()), is_native(entry.path, first[:4])
        linkage = read_linkage(Path(target)) if native else None
        if size >= _LARGE and not native:
            self._hard_link_if_duplicate(target, (digest, executable))
        return StoredFile(entry.path, digest, size, executable, native, linkage), is_intact

    def _hard_link_if_duplicate(self, target: str, what: tuple[str, bool]) -> None:
        """Hard-link a file to an equal earlier one, if there is one."""
        first = self._large.setdefault(what, target)
        if first != target:
            with suppress(OSError):  # no hard links here: then both copies stay
                os.link(first, f"{target}.link")
                os.replace(f"{target}.link", target)  # noqa: PTH105  # as above

    def _target(self, path: str) -> str:
        """The path for a member; its folder is created."""
        folder, _, name = f"{self._destination}/{path}".rpartition("/")
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103  # as above
            self._folders.add(folder)
        return f"{folder}/{name}"


def _matches(entry: RecordEntry, digest: bytes, size: int) -> bool:
    text = base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
    return entry.hash_ is not None and entry.hash_.value.rstrip("=") == text and entry.size in {None, size}


def _normalised(name: str, version: str) -> tuple[str, Version] | None:
    try:
        return canonicalize_name(name), parse_version(version)
    except InvalidVersion:
        return None


def _from_filename(reference: WheelReference) -> tuple[str, Version]:
    try:
        name, version, _, _ = parse_wheel_filename(reference.filename)
    except InvalidWheelFilename as error:
        raise _refusal(reference, "wheel-invalid", [str(error)]) from error
    return name, version


def _without_path(text: str, archive: Path) -> str:
    return text.removeprefix(f"In {archive}, ").replace(str(archive), archive.name)


def _refusal(reference: WheelReference, code: Code, reasons: list[str]) -> BadArtifact:
    shown = [f"  - {reason}" for reason in reasons[:10]]
    if len(reasons) > 10:
        shown.append(f"  - and {len(reasons) - 10} more")
    return BadArtifact(
        code,
        "\n".join([f"{reference.filename} is refused:", *shown]),
        facts={"wheel": reference.filename, "sha256": reference.sha256, "reasons": reasons},
    )
