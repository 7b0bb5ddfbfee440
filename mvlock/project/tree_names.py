"""The names of trees."""

from __future__ import annotations

from packaging.utils import canonicalize_name

RESERVED = frozenset({"importshim", "py_modules", "__pycache__"})
"""Names that no tree may have."""


def tree_name(text: str) -> str:
    """The PEP 503 name with ``-`` as ``_``."""
    return canonicalize_name(text).replace("-", "_")
