"""Tables for the pages that are generated from results."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence


def table_text(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def platform_kind() -> str:
    """Such as "Linux x86_64, glibc"; nothing that identifies a machine."""
    kind = f"{platform.system()} {platform.machine()}"
    library = platform.libc_ver()[0]
    return f"{kind}, {library}" if library else kind


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
