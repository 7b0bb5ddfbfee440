"""`mvlock verify --attestations`: who published what is locked, by real attestations (PEP 740)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

pytest.importorskip("pypi_attestations")
_FOLDER = Path(__file__).parents[1] / "index" / "attested"
_WHEEL = next(_FOLDER.glob("*.whl"))
_PROJECT = "circleci-sign-publish-example"


@pytest.fixture
def attested(index: LocalIndex, project: ProjectFolder) -> bytes:
    """The provenance of the wheel that the project requires beside another; it is not on the index yet."""
    index.publish("other", "1.0")
    project.write([_PROJECT, "other"], tool='prereleases = "allow"')
    return _WHEEL.with_name(f"{_WHEEL.name}.provenance").read_bytes()


def _installed(mvlock: Mvlock, index: LocalIndex, provenance: bytes | None) -> None:
    index.publish_file(_PROJECT, _WHEEL.name, _WHEEL.read_bytes(), provenance=provenance)
    for words in (("resolve",), ("install",)):
        done = mvlock(*words)
        assert done.code == 0, done.err


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_publisher_is_printed(mvlock: Mvlock, index: LocalIndex, attested: bytes, form: str) -> None:
    index.settings.json = form == "json"
    _installed(mvlock, index, attested)
    done = mvlock("verify", "--attestations")
    assert done.code == 0, done.err
    assert done.out.startswith(f"{_PROJECT} 0.0.1.dev137: CircleCI ")
    assert "The indexes attest 1 of 2 distributions" in done.err


def test_nothing_is_asked_without_the_option(mvlock: Mvlock, index: LocalIndex, attested: bytes) -> None:
    _installed(mvlock, index, attested)
    assert mvlock("verify").code == 0
    assert index.paths(".provenance") == []


def test_an_index_without_attestations_is_no_failure(mvlock: Mvlock, index: LocalIndex, attested: bytes) -> None:
    _installed(mvlock, index, None)
    done = mvlock("verify", "--attestations")
    assert (done.code, done.out) == (0, "")
    assert "The indexes attest 0 of 2 distributions" in done.err


def test_an_attestation_of_another_file_is_a_failure(mvlock: Mvlock, index: LocalIndex, attested: bytes) -> None:
    """The project ``other`` claims the attestation of the wheel."""
    _installed(mvlock, index, None)
    [served] = index.publish("other", "1.0")
    index.publish_file("other", served.filename, served.content, provenance=attested)
    done = mvlock("verify", "--attestations")
    assert done.code == 1
    assert "other 1.0: Verification failed: subject does not match distribution name" in done.out
    assert "attestations that do not hold: other 1.0" in done.err


@pytest.mark.parametrize(
    "change",
    [(b'"workflow":', b'"other":'), (b'"signature":"', b'"signature":"AAAA'), (b"{", b""), (b"Q", b"R")],
)
def test_a_provenance_that_was_changed_is_a_failure(
    mvlock: Mvlock, index: LocalIndex, attested: bytes, change: tuple[bytes, bytes]
) -> None:
    changed = attested.replace(*change)
    if changed == attested:
        changed = attested[:-200]
    _installed(mvlock, index, changed)
    done = mvlock("verify", "--attestations")
    assert done.code == 1, done.out
    assert f"attestations that do not hold: {_PROJECT} 0.0.1.dev137" in done.err
