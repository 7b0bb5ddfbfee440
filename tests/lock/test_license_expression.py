"""Licences and lists of licences."""

from __future__ import annotations

import pytest

from mvlock.lock.license_expression import is_allowed


@pytest.mark.parametrize(
    ("text", "allowed", "expected"),
    [
        ("MIT", ["mit"], True),
        ("MIT", ["BSD-3-Clause"], False),
        ("MIT OR GPL-3.0-only", ["MIT"], True),
        ("MIT AND GPL-3.0-only", ["MIT"], False),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", ["MIT", "BSD-3-Clause"], True),
        ("MIT OR GPL-3.0-only AND BSD-3-Clause", ["GPL-3.0-only"], False),
        ("MIT OR GPL-3.0-only AND BSD-3-Clause", ["GPL-3.0-only", "BSD-3-Clause"], True),
        ("Apache-2.0 WITH LLVM-exception", ["Apache-2.0"], False),
        ("Apache-2.0 WITH LLVM-exception OR MIT", ["apache-2.0 with llvm-exception"], True),
        ("BSD License", ["BSD License"], True),
        ("BSD License, MIT License", ["BSD License"], False),
        ("BSD License, MIT License", ["MIT License", "BSD license"], True),
        ("unknown", ["MIT"], False),
    ],
)
def test_or_needs_one_side_and_and_needs_both(text: str, allowed: list[str], expected: bool) -> None:
    assert is_allowed(text, allowed) is expected
