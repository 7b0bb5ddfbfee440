"""The licence that core metadata declares (PEP 639 and what came before)."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 100
_PREFIX = "License :: "
_EMPTY = frozenset({"", "UNKNOWN", "NONE"})


def license_in(content: bytes | str) -> str | None:
    """The expression (PEP 639), else a short ``License``, else the classifiers; None if there is none of them."""
    from packaging.metadata import parse_email

    headers, _ = parse_email(content)
    return (
        headers.get("license_expression") or _short(headers.get("license")) or _classified(headers.get("classifiers"))
    )


def _short(text: str | None) -> str | None:
    """The text, unless it is the licence itself, or says that there is none."""
    text = (text or "").strip()
    return text if text.upper() not in _EMPTY and "\n" not in text and len(text) <= _LONGEST else None


def _classified(classifiers: Iterable[str] | None) -> str | None:
    names = [line.rpartition(" :: ")[2] for line in classifiers or () if line.startswith(_PREFIX)]
    return ", ".join(name for name in names if name != "OSI Approved") or None
