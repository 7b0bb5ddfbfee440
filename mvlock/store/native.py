"""Which files hold native code: those that the dynamic loader may map, and then identifies by inode."""

from __future__ import annotations

import re

_NAME = re.compile(r"\.(so|pyd|dylib|dll)$|\.so(\.\d+)+$")
_MAGIC = {
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Mach-O for several processors (and Java classes, which is harmless)
}


def is_native(path: str, head: bytes) -> bool:
    """Whether a file is ELF, Mach-O or PE, by its name or its first four bytes."""
    return head in _MAGIC or head[:2] == b"MZ" or _NAME.search(path) is not None
