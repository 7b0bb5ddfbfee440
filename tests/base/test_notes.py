"""Notes hold texts by name; what is damaged is no note, and nothing that is noted wrongly is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvlock.base.freshness import note, read_note
from mvlock.base.sealed import sealed

_TEXTS = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]))


@given(content=st.dictionaries(_TEXTS, st.lists(_TEXTS), min_size=1))
def test_what_is_noted_is_read(tmp_path_factory: pytest.TempPathFactory, content: dict[str, list[str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "note"
    path.write_bytes(note(content))
    assert read_note(path) == content


def test_a_name_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(note({"root": ["/caf\udce9"]}))
    assert read_note(tmp_path / "note") == {"root": ["/caf\udce9"]}


@pytest.mark.parametrize("text", ["two\nlines", "a\0b"])
def test_what_would_be_read_as_something_else_is_not_noted(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be noted"):
        note({"root": [text]})


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path, whole = tmp_path / "note", note({"root": ["/a", "/b"], "quiet": []})
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read_note(path) == {}


def test_what_others_wrote_is_texts_too(tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(sealed(b"\xff\0\0\n\n=\r"))
    assert read_note(tmp_path / "note") == {"\udcff": ["", ""], "": [], "=\r": []}
    assert read_note(tmp_path) == read_note(tmp_path / "missing") == {}
