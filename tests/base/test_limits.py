"""docs/limits.md has every limit, with its number."""

from __future__ import annotations

import pytest

from mvlock.base import limits
from tests.e2e.markdown import read_page

_TEXT = read_page("docs/limits.md").text


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper() and name != "MEGABYTE"])
def test_the_page_has_each_limit(name: str) -> None:
    value = getattr(limits, name)
    shown = f"{value // limits.MEGABYTE:,} MB" if value >= limits.MEGABYTE else f"{value:,} "
    assert f"{shown}" in _TEXT.replace(" |", "  ")
