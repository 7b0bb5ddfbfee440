"""The receipt in a tree: what was put there, written last, so that a tree with a receipt is complete."""

from __future__ import annotations

import msgspec

TREE_RECEIPT = ".mvlock.json"
"""The file's name, at the root of each environment that mvlock makes."""

TREE_RECEIPT_FORMAT = 14


class InstalledCommand(msgspec.Struct, frozen=True, array_like=True):
    """A command: calls ``attribute`` of ``module``; ``gui``: without a console where that makes a difference."""

    name: str
    module: str
    attribute: str
    gui: bool = False


class InstalledScript(msgspec.Struct, frozen=True, array_like=True):
    """A command that is a file of the wheel, in the tree's folder of scripts; ``python``: for the tree's Python."""

    name: str
    python: bool


class InstalledDistribution(msgspec.Struct, frozen=True):
    """One distribution of a tree.

    ``identity`` is the same for the same content (WantedDistribution), ``imports`` are the top-level names it has,
    sorted, ``spaces`` the dotted names at which the namespaces among them (PEP 420) end, sorted, ``paths`` the
    folders its ``.pth`` files add: relative to site-packages if they move with the tree, else absolute; POSIX.
    ``startup``: the name of a ``.pth`` or ``.start`` file and a line of it that Python executes when it starts, in
    the order of ``site``. ``commands`` and ``scripts``: sorted. ``data``: the files of its data scheme, relative to
    the environment, POSIX, sorted. ``declared``: the projects that it requires, with any extras (except those for
    its developers), with the marker if there is one, ``imported``: the names that its import always imports, that
    at least one in 30 of its modules imports, or that they look up in ``sys.modules``; both decide who can share it.
    ``copy``: which of the store's copies of its native files it has, so that trees that do not share it get another;
    None: none of them. ``info``: its .dist-info folder, ``record``: the digest of the RECORD there, in RECORD's format.
    ``executables``: its executable files, relative to the environment, POSIX, sorted. ``wheel``: the sha256 of the
    store's entry.
    """

    name: str
    version: str
    identity: str
    imports: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    startup: tuple[tuple[str, str], ...] = ()
    commands: tuple[InstalledCommand, ...] = ()
    scripts: tuple[InstalledScript, ...] = ()
    data: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    copy: int | None = None
    info: str = ""
    record: str = ""
    executables: tuple[str, ...] = ()
    wheel: str = ""


class InstalledLibrary(msgspec.Struct, frozen=True, array_like=True):
    """A shared library as the dynamic loader knows it: by ``name``.

    ``digest`` is that of the wheel's file, as in RECORD, ``python`` whether it works with Python objects,
    ``project`` the distribution that contains it, ``plain`` its name there, ``movable`` whether it can be renamed.
    """

    name: str
    digest: str
    python: bool
    project: str
    plain: str
    movable: bool = False


class TreeReceipt(msgspec.Struct, frozen=True):
    """What one environment holds.

    ``distributions`` sorted by name, ``python`` says for which interpreter, ``libraries`` sorted by name. ``links``:
    the requested link mode. ``place``: the project's folder if something in the tree names it, else "".
    """

    tree: str
    python: str
    distributions: tuple[InstalledDistribution, ...] = ()
    libraries: tuple[InstalledLibrary, ...] = ()
    links: str = "auto"
    place: str = ""
    format: int = TREE_RECEIPT_FORMAT
