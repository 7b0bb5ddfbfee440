"""Files that people and tools write, read up to a size: a repository may have a link to a device in their place."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mvlock.base.limits import LARGEST_TEXT


def read_bounded(path: Path) -> bytes:
    """The content of a file, pipe or device that ends.

    :raises OSError: it cannot be read, or is larger than ``LARGEST_TEXT``
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content
