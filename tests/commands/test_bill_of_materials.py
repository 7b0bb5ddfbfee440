"""``mvlock export --format cyclonedx``: a software bill of materials that programs of others understand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """Two versions of ``core``; ``middle`` is over one in tree ``old``, over the other in ``new`` and ``also``."""
    index.publish("core", "1.0", headers=["License-Expression: MIT OR Apache-2.0"], sdist=True)
    index.publish("core", "2.0", headers=["License: BSD-3-Clause"])
    index.publish("middle", "1.0", requires=["core"], headers=["Classifier: License :: OSI Approved :: BSD License"])
    index.publish("old", "1.0", requires=["middle", "core<2"])
    index.publish("new", "1.0", requires=["middle", "core>=2"])
    index.publish("also", "1.0", requires=["middle"])
    project.write(["old", "new", "also"])


def bill(text: str) -> dict[str, Any]:
    """The document, which is valid by the schema of CycloneDX."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document: dict[str, Any] = json.loads(text)
    return document


def by_reference(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {component["bom-ref"]: component for component in document["components"]}


def test_each_version_is_a_component_and_one_over_other_dependencies_too(mvlock: Mvlock) -> None:
    assert mvlock("resolve").code == 0
    document = bill(mvlock("export", "--format", "cyclonedx", "-o", "-").out)
    needs = {edge["ref"]: edge.get("dependsOn", []) for edge in document["dependencies"]}
    assert needs == {
        "my-app": ["also@1.0", "new@1.0", "old@1.0"],
        "also@1.0": ["middle@1.0#also"],
        "new@1.0": ["core@2.0", "middle@1.0#also"],
        "old@1.0": ["core@1.0", "middle@1.0#old"],
        "middle@1.0#also": ["core@2.0"],
        "middle@1.0#old": ["core@1.0"],
        "core@1.0": [],
        "core@2.0": [],
    }
    trees = {
        reference: [one["value"] for one in component["properties"] if one["name"] == "mvlock:tree"]
        for reference, component in by_reference(document).items()
    }
    assert trees["core@2.0"] == trees["middle@1.0#also"] == ["also", "new"]
    assert trees["middle@1.0#old"] == ["old"]


def test_a_component_has_its_url_its_files_and_what_its_metadata_declares(mvlock: Mvlock, index: LocalIndex) -> None:
    mvlock("resolve")
    found = by_reference(bill(mvlock("export", "--format", "cyclonedx", "-o", "-").out))
    core = found["core@1.0"]
    assert PackageURL.from_string(core["purl"]) == PackageURL(
        "pypi", name="core", version="1.0", qualifiers={"repository_url": index.url}
    )
    assert [file["url"] for file in core["externalReferences"]] == ["core-1.0-py3-none-any.whl", "core-1.0.tar.gz"]
    assert [file["hashes"][0]["alg"] for file in core["externalReferences"]] == ["SHA-256", "SHA-256"]
    assert found["core@2.0"]["hashes"] == found["core@2.0"]["externalReferences"][0]["hashes"]
    licenses = {reference: component.get("licenses") for reference, component in found.items()}
    declared = {"acknowledgement": "declared"}
    assert licenses["core@1.0"] == [{"expression": "MIT OR Apache-2.0", **declared}]
    assert licenses["core@2.0"] == [{"license": {"id": "BSD-3-Clause", **declared}}]
    assert licenses["middle@1.0#old"] == [{"license": {"name": "BSD License", **declared}}]
    assert licenses["old@1.0"] is None


def test_licenses_of_what_is_installed_need_no_index(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    mvlock("resolve")
    mvlock("install")
    index.clear_requests()
    assert mvlock("export", "--format", "cyclonedx").err.splitlines() == [
        "note: 3 components of 6 declare no license that can be read",
        "Wrote bom.json",
    ]
    assert index.paths() == []
    assert by_reference(bill((project.root / "bom.json").read_text("utf-8")))["core@2.0"]["licenses"]


def test_the_same_lock_gives_the_same_bytes(mvlock: Mvlock, monkeypatch: pytest.MonkeyPatch) -> None:
    mvlock("resolve")
    words = ("export", "--format", "cyclonedx", "-o", "-")
    first = mvlock(*words).out
    assert mvlock(*words).out == first
    assert "timestamp" not in json.loads(first)["metadata"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert bill(mvlock(*words).out)["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert mvlock(*words).code == 2


def test_what_nobody_else_can_get_has_no_package_url(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("libs/mine", Release("mine", "3"))
    project.write(["mine"], tool='sources.mine = { path = "libs/mine" }')
    mvlock("resolve")
    found = by_reference(bill(mvlock("export", "--format", "cyclonedx", "-o", "-").out))
    assert "purl" not in found["mine@3"]


def test_without_the_library_the_error_says_what_to_type(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    code = "import sys; sys.modules['cyclonedx'] = None; from mvlock.commands import main; sys.exit(main())"
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-c", code, *place, "export", "--format", "cyclonedx"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("hint: run `pip install 'mvlock[sbom]'`\n")


def test_other_formats_do_not_import_the_library(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    code = "import sys; from mvlock.commands import main; main(); sys.exit('cyclonedx' in sys.modules)"
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-c", code, *place, "export", "--format", "requirements"]
    assert subprocess.run(words, capture_output=True, env=environment, check=False).returncode == 0
