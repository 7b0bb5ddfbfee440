"""What mvlock knows about a Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec


class Interpreter(msgspec.Struct, frozen=True):
    """A CPython that can run what mvlock installs.

    ``path`` is absolute, and that of the base interpreter. ``version`` is PEP 440 text (``3.11.7``),
    ``environment`` has every marker variable of PEP 508 except ``extra``, ``tags`` the wheel tags that it supports
    (PEP 425), best first. ``layout`` has the folders of its virtual environments by sysconfig's names,
    relative and POSIX. ``platform`` is sysconfig's name (``linux-x86_64``), ``triple`` the compiler's,
    ``cache_tag`` that of PEP 3147, ``standard_library`` the top-level names that no distribution provides.
    """

    path: Path
    version: str
    implementation: str
    environment: Mapping[str, str]
    tags: tuple[str, ...]
    prefix: Path
    layout: Mapping[str, str]
    platform: str
    triple: str
    cache_tag: str
    extension_suffix: str
    standard_library: frozenset[str]

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])

    @property
    def is_free_threaded(self) -> bool:
        """Whether it was built to run without the GIL (PEP 703), according to its wheel tags (``cp314t``)."""
        return self.tags[0].split("-")[1].endswith("t")

    @property
    def libc(self) -> str:
        """``glibc 2.36`` or ``musl 1.2``, the newest in its wheel tags; "" if it is not on Linux."""
        for tag in self.tags:
            found = re.search(r"-(many|musl)linux_(\d+)_(\d+)_", tag)
            if found:
                return f"{'glibc' if found[1] == 'many' else 'musl'} {found[2]}.{found[3]}"
        return ""
