"""The content of a tree, as a value: which stored file goes where, which files are written for it.

If two distributions have the same path, the first by name wins, and both RECORDs describe its file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import msgspec

from mvlock.base.digests import record_digest
from mvlock.environment.direct_url import direct_url
from mvlock.environment.launcher import entry_point, with_interpreter
from mvlock.environment.layout import TreePlace
from mvlock.environment.libraries import Edit, edited_digest, names_of
from mvlock.environment.native_files import NativeFiles
from mvlock.environment.pth import PATH_FILE, read_path_file
from mvlock.environment.record import record_row, record_text
from mvlock.errors import BadArtifact
from mvlock.plan.model import WantedDistribution
from mvlock.store.bytecode import compiled_sources
from mvlock.store.compiler import Compiler
from mvlock.store.model import StoredFile
from mvlock.store.store import StoredWheel

_GENERATED = {"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"}


class LinkedFile(msgspec.Struct, frozen=True, gc=False):  # there are thousands; a dataclass is made ten times slower
    """A file that comes from the store; ``digest`` as in RECORD, after ``edits``.

    ``stored`` is the store's entry for it, ``wheel`` where it comes from. ``private``: only this tree has it.
    ``spare``: the place in the store of a copy that is linked instead of it.
    """

    source: str
    digest: str
    stored: StoredFile
    wheel: str
    private: bool = False
    spare: str = ""
    edits: tuple[Edit, ...] = ()

    @property
    def is_special(self) -> bool:
        """Whether it is more than a link to its source."""
        return self.private or bool(self.spare or self.edits)


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that is made for this tree."""

    content: bytes
    executable: bool = False

    @property
    def digest(self) -> str:
        """The digest as in RECORD."""
        return record_digest(hashlib.sha256(self.content).digest())


class Recorded(msgspec.Struct, frozen=True):
    """What the files of a distribution add to its entry in the receipt (InstalledDistribution)."""

    record: str
    executables: tuple[str, ...]


class TreeContent(msgspec.Struct):
    """Files by POSIX path relative to the tree's root.

    ``symlinks``: the target of each link, relative to its folder. ``recorded``: by identity (WantedDistribution).
    ``overlaps``: paths for which two distributions have different content, with the name of the one that lost.
    """

    linked: dict[str, LinkedFile] = msgspec.field(default_factory=dict)
    written: dict[str, WrittenFile] = msgspec.field(default_factory=dict)
    symlinks: dict[str, str] = msgspec.field(default_factory=dict)
    recorded: dict[str, Recorded] = msgspec.field(default_factory=dict)
    overlaps: list[tuple[str, str]] = msgspec.field(default_factory=list)


def tree_content(
    members: Iterable[tuple[WantedDistribution, StoredWheel]],
    place: TreePlace,
    compiler: Compiler | None,
    native_files: NativeFiles | None = None,
) -> TreeContent:
    """The content of the tree at ``place`` that holds ``members``; with bytecode if a compiler is given.

    Without ``native_files``, all its native files are private.
    """
    content = TreeContent()
    for wanted, wheel in sorted(members, key=lambda pair: pair[0].package.name):
        _Addition(content, wanted, wheel, place, native_files or NativeFiles()).run(compiler)
    _refuse_collisions(content)
    return content


def _refuse_collisions(content: TreeContent) -> None:
    """Check for wheels that are valid on their own but cannot be installed together.

    :raises BadArtifact: ``files-collide``
    """
    folders = folders_of(chain(content.linked, content.written))
    wrong = sorted(folder for folder in folders if folder in content.linked or folder in content.written)
    if wrong:
        raise BadArtifact("files-collide", f"{wrong[0]} is a file of one distribution and a folder of another")


def folders_of(targets: Iterable[str]) -> set[str]:
    """Every folder above these POSIX paths, without the root."""
    found: set[str] = set()
    for folder in {target.rpartition("/")[0] for target in targets}:
        above = folder
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


class _Addition:
    """Adds one distribution to a tree."""

    def __init__(
        self,
        content: TreeContent,
        wanted: WantedDistribution,
        wheel: StoredWheel,
        place: TreePlace,
        native_files: NativeFiles,
    ) -> None:
        self._content = content
        self._wanted = wanted
        self._wheel = wheel
        self._place = place
        self._layout = place.layout
        self._files = str(wheel.files)  # text: a Path for each of thousands of files takes longer than their links
        self._name = wheel.receipt.wheel
        self._native_files, self._renames = native_files, native_files.renames
        self._copy = native_files.copies.get(wanted.identity)
        self._rows: list[str] = []
        self._executables: list[str] = []
        self._record = ""

    def run(self, compiler: Compiler | None) -> None:
        self._add_files()
        self._add_scripts()
        self._add_metadata()
        if compiler is not None:
            self._add_bytecode(compiler)
        self._content.recorded[self._wanted.identity] = Recorded(self._record, tuple(sorted(self._executables)))

    def _add_files(self) -> None:
        """Most files go to site-packages unchanged, by a fast path; some need more checks."""
        receipt = self._wheel.receipt
        special = (f"{receipt.info}/", f"{receipt.data}/")
        generated = {f"{receipt.info}/{name}" for name in _GENERATED}
        plain: list[StoredFile] = []
        others: list[StoredFile] = []
        for file in receipt.files:
            is_special = file.native or file.path.startswith(special) or file.path.endswith(PATH_FILE)
            (others if is_special else plain).append(file)
        self._add_plain(plain)
        for file in others:
            if file.path not in generated:
                self._add_special(file)

    def _add_plain(self, files: list[StoredFile]) -> None:
        """Link files that go to site-packages as they are."""
        site, source, name, content = self._layout.site_packages, self._files, self._name, self._content
        linked = {f"{site}/{file.path}": LinkedFile(f"{source}/{file.path}", file.digest, file, name) for file in files}
        if linked.keys().isdisjoint(content.linked.keys()) and linked.keys().isdisjoint(content.written.keys()):
            content.linked.update(linked)
            self._rows += [record_row(file.path, file.digest, file.size) for file in files]
            self._executables += [target for target, file in linked.items() if file.stored.executable]
        else:
            for target, file in linked.items():
                self._link(target, file)

    def _target(self, path: str) -> str:
        return self._layout.target(path, data=self._wheel.receipt.data, name=self._wheel.receipt.name)

    def _add_special(self, file: StoredFile) -> None:
        target = self._target(file.path)
        rewritten = self._rewritten(file, target)
        if rewritten is not None:
            self._write(target, rewritten, executable=file.executable or target.startswith(self._layout.scripts))
            return
        source = f"{self._files}/{file.path}"
        changes = self._native_files.changes(file)
        digest = edited_digest(Path(source), changes) if changes else file.digest
        private = bool(changes) or (file.native and self._copy is None)
        is_copy = self._native_files.has_copy(file, self._copy)
        spare = f"{self._wheel.spare(self._copy)}/{file.path}" if is_copy and self._copy else ""
        self._link(target, LinkedFile(source, digest, file, self._name, private, spare, changes))
        if self._renames and file.linkage:
            folder, _, basename = target.rpartition("/")
            for name in names_of(file, file.linkage, self._renames):
                if name in self._renames:
                    link = f"{folder}/{self._renames[name]}"
                    self._content.symlinks[link] = basename
                    self._note(link, digest, file.size)

    def _rewritten(self, file: StoredFile, target: str) -> bytes | None:
        if file.path.startswith(f"{self._wheel.receipt.data}/scripts/"):
            script = self._read(file)
            # Scripts may come without an executable bit; a link would not have one.
            return with_interpreter(script, windows=self._layout.windows) or (None if file.executable else script)
        if file.path.endswith(PATH_FILE) and self._layout.is_top_level(target):
            return read_path_file(target.rpartition("/")[2], self._read(file), self._place).content
        return None

    def _read(self, file: StoredFile) -> bytes:
        return (self._wheel.files / file.path).read_bytes()

    def _add_scripts(self) -> None:
        for script in self._wheel.receipt.scripts:
            name, content = entry_point(script, windows=self._layout.windows)
            self._write(f"{self._layout.scripts}/{name}", content, executable=True)

    def _add_metadata(self) -> None:
        info = f"{self._layout.site_packages}/{self._wheel.receipt.info}"
        self._write(f"{info}/INSTALLER", b"mvlock\n")
        if self._wanted.requested:
            self._write(f"{info}/REQUESTED", b"")
        origin = direct_url(self._wanted.package, self._place.project)
        if origin is not None:
            self._write(f"{info}/direct_url.json", origin)
        record = f"{info}/RECORD"
        self._rows.append(record_row(self._layout.record_path(record)))
        file = self._content.written[record] = WrittenFile(record_text(self._rows))
        self._record = file.digest

    def _add_bytecode(self, compiler: Compiler) -> None:
        folder, linked = str(self._wheel.bytecode(compiler.cache_tag)), self._content.linked
        for path, compiled in compiled_sources(self._wheel, compiler):
            existing = linked.get(self._target(path))
            if existing is not None and existing.wheel == self._name:
                file = LinkedFile(f"{folder}/{compiled.path}", compiled.digest, compiled, self._name)
                linked.setdefault(self._target(compiled.path), file)

    def _link(self, target: str, file: LinkedFile) -> None:
        written = self._content.written.get(target)
        if written is not None:
            self._note_written(target, written, file.digest)
        else:
            self._note_linked(target, self._content.linked.setdefault(target, file), file.digest)

    def _write(self, target: str, content: bytes, *, executable: bool = False) -> None:
        file, linked = WrittenFile(content, executable), self._content.linked.get(target)
        if linked is not None:
            self._note_linked(target, linked, file.digest)
        else:
            existing = self._content.written.setdefault(target, file)
            self._note_written(target, existing, "" if existing is file else file.digest)

    # The file at ``target`` may be another distribution's; RECORD describes what is there.

    def _note_linked(self, target: str, existing: LinkedFile, digest: str) -> None:
        if existing.stored.executable:
            self._executables.append(target)
        self._note(target, existing.digest, existing.stored.size, digest)

    def _note_written(self, target: str, existing: WrittenFile, digest: str) -> None:
        if existing.executable:
            self._executables.append(target)
        self._note(target, existing.digest, len(existing.content), digest)

    def _note(self, target: str, digest: str, size: int, wanted: str = "") -> None:
        if wanted not in {"", digest}:
            self._content.overlaps.append((target, self._wanted.package.name))
        self._rows.append(record_row(self._layout.record_path(target), digest, size))
