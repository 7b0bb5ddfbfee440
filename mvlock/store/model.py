"""What the store knows about a wheel that it holds."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import msgspec

from mvlock.base.wheel_paths import below_site_packages

RECEIPT_FORMAT = 12


class WheelReference(msgspec.Struct, frozen=True):
    """A wheel by file name and sha256 (lower-case hex): the name says what it is, the hash identifies it."""

    filename: str
    sha256: str


class LinkName(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name that the dynamic loader reads, and its offset in the file (a NUL follows)."""

    text: str
    offset: int


class Linkage(msgspec.Struct, frozen=True, array_like=True):
    """How an ELF file is linked: its own name, if it has one, and those of the libraries that it needs.

    ``python``: it works with Python objects, so one loaded copy cannot serve two trees.
    """

    soname: LinkName | None
    needed: tuple[LinkName, ...]
    python: bool


class StoredFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One member of a wheel: ``path`` is POSIX and relative to the archive, ``digest`` as in RECORD.

    ``native``: ELF, Mach-O or PE by its first bytes or its name. The dynamic loader identifies a library by its
    inode, so such a file must not share one with another tree of a project. ``linkage``: for ELF files that have one.
    ``size`` in bytes.
    """

    path: str
    digest: str
    size: int
    executable: bool = False
    native: bool = False
    linkage: Linkage | None = None


class WheelScript(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry point that becomes a command: ``name = module:attribute`` (entry points specification)."""

    name: str
    module: str
    attribute: str
    gui: bool = False


class WheelReceipt(msgspec.Struct, frozen=True):
    """The contents of one unpacked wheel; ``files`` in the order of their paths, without RECORD.

    ``info`` is the name of the ``.dist-info`` folder, ``data`` that of the ``.data`` folder, ``name`` and
    ``version`` are those of its METADATA. ``provided`` and ``imported`` names, ``spaces`` (namespace packages,
    PEP 420), ``declared`` projects: see ``store.interface``.
    """

    wheel: str
    sha256: str
    name: str
    version: str
    info: str
    data: str
    files: tuple[StoredFile, ...]
    scripts: tuple[WheelScript, ...] = ()
    provided: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    format: int = RECEIPT_FORMAT

    def sources(self) -> tuple[StoredFile, ...]:
        """The Python files that will be in site-packages, to be compiled ahead."""
        return tuple(file for file in self.files if file.path.endswith(".py") and self.in_site_packages(file.path))

    def in_site_packages(self, path: str) -> bool:
        """Whether a member goes to site-packages (PEP 427, "The .data directory")."""
        return below_site_packages(path, self.data) is not None
