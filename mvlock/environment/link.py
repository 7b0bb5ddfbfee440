"""How a file of the store gets into a tree: a clone, a hard link, a symbolic link or a copy.

``auto`` uses the cheapest way that the file systems support, in this order: a clone shares the blocks, a hard link
the inode, a copy nothing. A way that failed is not tried again. The dynamic loader treats two paths to one inode as
one library, so a native file that is loaded twice must be *separate* from the store's: a clone, a hard link to a
spare copy in the store, or a copy.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from enum import Enum

from mvlock.base.os_errors import NOT_WRITABLE

_FICLONE = 0x40049409
_REFUSALS = {
    errno.EXDEV,
    errno.EPERM,
    errno.EOPNOTSUPP,
    errno.ENOTTY,
    errno.EINVAL,
    errno.ENOSYS,
    errno.EACCES,
    errno.EMLINK,
}

PlaceFile = Callable[[str, str], None]


class LinkMode(Enum):
    """What ``--link-mode`` offers."""

    AUTO = "auto"
    REFLINK = "reflink"
    HARDLINK = "hardlink"
    COPY = "copy"
    SYMLINK = "symlink"


class Linker:
    """Places files one way, or the next best if the file systems refuse. Safe for several threads."""

    def __init__(self, make_spare: Callable[[str, str], None], mode: LinkMode = LinkMode.AUTO) -> None:
        self._order: tuple[PlaceFile, ...] = _ORDERS[mode]
        self._can_clone = mode is not LinkMode.COPY
        self._make_spare = make_spare
        self._requested = _ORDERS[mode][0] if mode is not LinkMode.AUTO else None

    @property
    def fell_back(self) -> bool:
        """Whether the requested link mode does not work here, so that another was used."""
        return self._requested is not None and self._requested not in self._order

    @property
    def links_hard(self) -> bool:
        """Whether files that may share their inode are hard links, as far as is known by now."""
        return self._order[0] is _hardlink

    def place_shared(self, source: str, target: str) -> None:
        """Place a file that may share its inode with its source."""
        for place_file in self._order:
            refusal = _try(place_file, source, target)
            if not refusal:
                return
            if refusal != errno.EMLINK:  # EMLINK: this file has reached its limit of links, others have not
                self._order = _without(self._order, place_file)
        _copy(source, target)

    def place_private(self, source: str, target: str, spare: str = "") -> None:
        """Place a file that must not share its inode with its source, but may with a copy in the store at ``spare``."""
        if self._can_clone:
            if not _try(_reflink, source, target):
                return
            self._can_clone = False
        if not (spare and _hardlink in self._order and self._link_to_spare(source, target, spare)):
            _copy(source, target)

    def _link_to_spare(self, source: str, target: str, spare: str) -> bool:
        try:
            self._make_spare(source, spare)
        except OSError as error:
            if error.errno not in NOT_WRITABLE:
                raise
            return False
        return not _try(_hardlink, spare, target)


def _without(order: tuple[PlaceFile, ...], place_file: PlaceFile) -> tuple[PlaceFile, ...]:
    return tuple(other for other in order if other is not place_file)


def _try(place_file: PlaceFile, source: str, target: str) -> int:
    try:
        place_file(source, target)
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        return error.errno or 0
    return 0


def _hardlink(source: str, target: str) -> None:
    os.link(source, target)


def _symlink(source: str, target: str) -> None:
    os.symlink(source, target)  # noqa: PTH211  # called for every file; a Path costs as much as the link


def _copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    _copy_time_and_mode(source, target)


def _reflink(source: str, target: str) -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "files cannot be cloned here")
    import fcntl

    try:
        with open(source, "rb") as opened, open(target, "xb") as created:  # noqa: PTH123  # as above
            fcntl.ioctl(created.fileno(), _FICLONE, opened.fileno())
    except OSError as error:
        if error.errno in _REFUSALS:
            os.unlink(target)  # noqa: PTH108  # as above
        raise
    _copy_time_and_mode(source, target)


def _copy_time_and_mode(source: str, target: str) -> None:
    """Keep the time, on which the bytecode's validity depends; the owner may write, since the copy is the tree's."""
    status = os.stat(source)  # noqa: PTH116  # as above
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.chmod(target, status.st_mode | 0o200)  # noqa: PTH101  # as above


_ORDERS: dict[LinkMode, tuple[PlaceFile, ...]] = {
    LinkMode.AUTO: (_reflink, _hardlink, _copy),
    LinkMode.REFLINK: (_reflink, _copy),
    LinkMode.HARDLINK: (_hardlink, _copy),
    LinkMode.COPY: (_copy,),
    LinkMode.SYMLINK: (_symlink, _copy),
}
