"""``mvlock audit``: known vulnerabilities, by an index on this machine that has the JSON API of the public one."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release

OLD = {"id": "PYSEC-2024-1", "aliases": ["CVE-2024-1"], "summary": "It leaks.", "fixed_in": ["1.5"], "withdrawn": None}
SAME = {"id": "GHSA-x", "aliases": ["CVE-2024-1"], "details": "It leaks,\nbadly.", "fixed_in": ["1.5"], "link": "here"}
GONE = {"id": "PYSEC-2024-2", "aliases": [], "fixed_in": [], "withdrawn": "2024-05-01T00:00:00Z"}
EVERYWHERE = {"id": "CVE-2024-3", "aliases": [], "summary": "It always did.", "fixed_in": []}


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``leaky`` 1.0 is locked in two trees; then 2.0 appears, which the tree ``held`` does not allow."""
    index.publish("leaky", "1.0", vulnerabilities=[OLD, SAME, GONE])
    index.publish("free", "1.0", requires=["leaky"])
    index.publish("held", "1.0", requires=["leaky<2"])
    project.write(["free", "held"])
    assert mvlock("resolve").code == 0


def test_a_lock_without_known_vulnerabilities_passes(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("leaky", "1.0", vulnerabilities=[GONE])
    outcome = mvlock("audit")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No known vulnerabilities in 3 distributions\n")


def test_what_is_known_by_several_names_is_one_line_with_what_an_upgrade_does(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    index.publish("leaky", "1.5")
    before = files_below(project.root)
    outcome = mvlock("audit")
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "project  version  advisory    fixed in  upgrade  trees",
        "leaky    1.0      CVE-2024-1  1.5       1.5      free, held",
    ]
    assert outcome.err.splitlines() == [
        "error: 1 known vulnerability in 1 of 3 distributions",
        "",
        "hint: `mvlock upgrade leaky` locks versions without them",
    ]
    assert files_below(project.root) == before
    assert mvlock("resolve", "--upgrade-package", "leaky").code == 0
    assert mvlock("audit").code == 0


def test_an_upgrade_that_does_not_help_is_no_advice(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("leaky", "1.1", vulnerabilities=[OLD])
    index.publish("leaky", "2.0")
    index.publish("leaky", "1.0", vulnerabilities=[OLD, EVERYWHERE])
    outcome = mvlock("audit", "held")
    assert [line.split()[2:5] for line in outcome.out.splitlines()[1:]] == [
        ["CVE-2024-1", "1.5", "1.1"],
        ["CVE-2024-3", "-", "1.1"],
    ]
    assert "1.1 (affected)" in outcome.out
    assert "your requirements allow no version without those of leaky: see `mvlock why NAME`" in outcome.err


def test_an_upgrade_that_no_index_knows_is_not_called_a_fix(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("leaky", "1.5")
    index.fail("/pypi/leaky/1.5", "status", status=404)
    outcome = mvlock("audit")
    assert outcome.code == 1
    assert "1.5 (not known)" in outcome.out
    assert "mvlock upgrade" not in outcome.err


def test_what_is_ignored_is_not_reported_by_any_of_its_names(mvlock: Mvlock) -> None:
    for name in ("CVE-2024-1", "pysec-2024-1", "GHSA-x"):
        assert mvlock("audit", "--ignore", name).code == 0
    outcome = mvlock("audit", "--ignore", "CVE-1999-9")
    assert outcome.code == 1
    assert "note: --ignore CVE-1999-9: nothing that is locked has it" in outcome.err


def test_programs_get_everything_in_one_document(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("leaky", "2.0")
    outcome = mvlock("audit", "--json")
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.json == {
        "vulnerabilities": [
            {
                "name": "leaky",
                "version": "1.0",
                "id": "CVE-2024-1",
                "aliases": ["GHSA-x", "PYSEC-2024-1"],
                "summary": "It leaks.",
                "link": "here",
                "fixed-in": ["1.5"],
                "trees": ["free", "held"],
                "upgrade": [{"version": "1.0", "fixed": False}],
            }
        ],
        "audited": 3,
        "not-audited": [],
    }


def test_what_comes_from_no_index_is_asked_of_nobody(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    project.add_source("libs/leaky", Release("leaky", "1.0"))
    project.write(["leaky", "free"], tool='sources.leaky = { path = "libs/leaky" }')
    mvlock("resolve")
    index.clear_requests()
    outcome = mvlock("audit")
    assert outcome.code == 0
    assert "note: not audited, because no index knows them: leaky 1.0\n" in outcome.err
    assert index.paths("/pypi/") == ["/pypi/free/1.0/json"]


def test_an_index_that_does_not_know_is_an_error_and_not_a_clean_bill(mvlock: Mvlock, index: LocalIndex) -> None:
    index.settings.advisories = False
    outcome = mvlock("audit")
    assert outcome.code == 3
    assert "index local does not list known vulnerabilities" in outcome.err
    index.settings.advisories = True
    index.fail("/pypi/", "status", status=418)
    assert mvlock("audit").code == 3
    assert mvlock("audit", "--json").json["error"]["code"] == "index-unreachable"  # type: ignore[index]
