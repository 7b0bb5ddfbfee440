"""The headers of METADATA and PKG-INFO, as far as resolution needs them."""

from __future__ import annotations

import pytest

from mvlock.errors import BadArtifact
from mvlock.index.metadata import KEPT_HEADERS, MetadataText, parse_metadata, read_metadata
from mvlock.index.model import CoreMetadata


def parse(content: str) -> CoreMetadata:
    return parse_metadata(read_metadata(content.encode(), "a-1.0.whl"), "a-1.0.whl")


def test_the_needed_fields_are_read() -> None:
    metadata = parse(
        "Metadata-Version: 2.2\nName: A.B\nversion: 1.0\nSummary: x\nRequires-Python: >=3.8\n"
        "Provides-Extra: My_Extra\nRequires-Dist: b (>=2)\nRequires-Dist: c; extra == 'my-extra'\nDynamic: License\n"
    )
    assert (metadata.name, str(metadata.version)) == ("a-b", "1.0")
    assert [str(requirement) for requirement in metadata.requires_dist] == ["b>=2", 'c; extra == "my-extra"']
    assert str(metadata.requires_python) == ">=3.8"
    assert metadata.provides_extra == {"my-extra"}
    assert metadata.dynamic == {"license"}


def test_every_header_that_is_kept_is_read() -> None:
    text = read_metadata("".join(f"{header}: 1\n" for header in sorted(KEPT_HEADERS)).encode(), "a")
    assert [name for name in MetadataText.__struct_fields__ if not getattr(text, name)] == []


def test_the_description_says_nothing_about_requirements() -> None:
    text = "Name: a\r\nVersion: 1.0\r\nLicense: MIT\r\n  Requires-Dist: no\r\n\r\nRequires-Dist: no\r\n"
    assert parse(text).requires_dist == ()


def test_a_folded_header_is_one_line() -> None:
    text = "Name: a\nVersion: 1.0\nRequires-Dist: b>=1,\n  <2\n"
    assert [str(requirement) for requirement in parse(text).requires_dist] == ["b<2,>=1"]


def test_bytes_that_are_not_utf8_do_no_harm() -> None:
    text = read_metadata(b"Name: a\nVersion: 1\nAuthor: J\xf6rg\nRequires-Dist: b\n", "a")
    assert text.requires_dist == ("b",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Version: 1.0\n", "no Name"),
        ("Name: a\nVersion: one\n", "'one' is not a version"),
        ("Name: a\nVersion: 1\nRequires-Dist: b >= one\n", "'b >= one' is not a requirement"),
        ("Name: a\nVersion: 1\nRequires-Python: three\n", "Requires-Python 'three' is not a specifier"),
        ("", "no Name"),
    ],
)
def test_invalid_content_is_reported(content: str, reason: str) -> None:
    with pytest.raises(BadArtifact, match=reason) as caught:
        parse(content)
    assert caught.value.code == "metadata-invalid"
    assert "a-1.0.whl" in caught.value.message
