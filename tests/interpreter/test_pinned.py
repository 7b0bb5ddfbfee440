"""``.python-version``: the nearest one from a project up to the root of its workspace, in forms of pyenv and uv."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.interpreter.pinned import pinned_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.12\n", "3.12"),
        ("# first\n\n3.12.4 # mine\n3.11\n", "3.12.4"),
        ("3.12.4 3.11.1\n", "3.12.4"),
        ("cpython-3.12.4-linux-x86_64-gnu\n", "3.12.4"),
        ("cpython@3.12\n", "3.12"),
        ("3.15-dev\n", "3.15"),
        ("system\n3.12\n", None),
        ("pypy3.10-7.3.12\n", None),
        ("3.13t\n", None),
        ("", None),
        ("\udcff", None),
    ],
)
def test_the_first_entry_counts_if_it_is_a_version_of_cpython(tmp_path: Path, text: str, version: str | None) -> None:
    (tmp_path / ".python-version").write_text(text, "utf-8", errors="surrogateescape")
    assert pinned_version(tmp_path, tmp_path) == version


def test_the_nearest_file_below_the_top_counts(tmp_path: Path) -> None:
    root = tmp_path / "workspace/libs/a"
    root.mkdir(parents=True)
    (tmp_path / ".python-version").write_text("3.10\n")
    assert pinned_version(root, root) is None
    assert pinned_version(root, tmp_path / "workspace") is None
    (tmp_path / "workspace/.python-version").write_text("3.11\n")
    assert pinned_version(root, tmp_path / "workspace") == "3.11"
    (root / ".python-version").write_text("3.12\n")
    assert pinned_version(root, tmp_path / "workspace") == "3.12"
