"""``mvlock export``: the trees for installers that know nothing of mvlock."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.pylock import Pylock, PylockSelectError

from mvlock.base.toml import tomllib
from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, wheel


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", requires=["b; sys_platform == 'win32'"], sdist=True)
    index.publish("b", "2.0")
    project.write(["a"])


def exported(path: Path) -> Pylock:
    return Pylock.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))


def test_a_tree_becomes_a_valid_pylock(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    mvlock("resolve")
    assert mvlock("export").err == "Wrote pylock.a.toml\n"
    lock = exported(project.root / "pylock.a.toml")
    assert [(package.name, str(package.version)) for package in lock.packages] == [("a", "1.0"), ("b", "2.0")]
    wheel = (lock.packages[0].wheels or [])[0]
    assert (wheel.name, (wheel.url or "").startswith(index.origin)) == ("a-1.0-py3-none-any.whl", True)
    assert [package.name for package, _ in lock.select()] == ["a"]
    assert mvlock("export").err == "Unchanged pylock.a.toml\n"


def test_a_tree_becomes_a_requirements_file(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    assert mvlock("export", "--format", "requirements", "-o", str(project.root / "out")).code == 0
    lines = (project.root / "out" / "requirements.a.txt").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "a==1.0 \\"
    assert [line.strip()[:14] for line in lines[2:4]] == ["--hash=sha256:", "--hash=sha256:"]
    assert lines[4] == "b==2.0 ; sys_platform == 'win32' \\"


def test_a_requirement_has_all_extras_that_anything_in_its_trees_wants(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("c", "1.0", extras={"fast": ["b"], "loud": ["b"], "other": []})
    index.publish("d", "1.0", requires=["c[loud]"])
    index.publish("e", "1.0", requires=["c"])
    project.add_source("libs/f", Release("f", "3", extras={"fast": []}))
    project.write(["c[fast]", "d", "e"])
    mvlock("resolve")
    texts = {name: mvlock("export", "--format", "requirements", "-o", "-", *name).out for name in ("d", "e", "cde")}
    assert ["c[loud]==1.0 \\" in text.splitlines() for text in texts.values()] == [True, False, False]
    assert "\nc==1.0 " in texts["e"]
    assert "\nc[fast,loud]==1.0 " in texts["cde"]
    project.write(["f[fast]"], tool='sources.f = { path = "libs/f", editable = true }')
    mvlock("resolve")
    assert mvlock("export", "--format", "requirements", "-o", "-").out.splitlines()[-1] == "-e ./libs/f[fast]"


def test_a_folder_is_named_from_where_the_export_goes(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("libs/c", Release(name="c", version="3"))
    project.write(["c"], tool='sources.c = { path = "libs/c", editable = true }')
    mvlock("resolve")
    mvlock("export", "-o", str(project.root / "out"))
    directory = exported(project.root / "out" / "pylock.c.toml").packages[0].directory
    assert directory is not None
    assert (directory.path, directory.editable) == ("../libs/c", True)
    assert mvlock("export", "--format", "requirements", "-o", "-").out.splitlines()[-1] == "-e ./libs/c"


def test_a_local_archive_has_its_hash(mvlock: Mvlock, project: ProjectFolder) -> None:
    name, content = wheel(Release("c", "3", requires=("b",)))
    project.add_file(f"libs/{name}", content)
    project.write(["c"], tool=f'sources.c = {{ path = "libs/{name}" }}')
    mvlock("resolve")
    mvlock("export", "--format", "requirements")
    text = (project.root / "requirements.c.txt").read_text(encoding="utf-8")
    assert "# Paths are relative to the folder of this file" in text
    assert f"./libs/{name} \\\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n" in text
    index = ["--index-url", project.index.url, "--no-deps", "--disable-pip-version-check"]
    words = ["install", "--require-hashes", "--dry-run", *index, "-r", "requirements.c.txt"]
    output = subprocess.run(
        [sys.executable, "-m", "pip", *words], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert output.returncode == 0, output.stderr
    assert "c-3" in output.stdout


def test_beside_a_folder_no_line_has_hashes_and_the_file_says_so(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("libs/c", Release("c", "3", requires=("b",)))
    project.write(["c"], tool='sources.c = { path = "libs/c", editable = true }')
    mvlock("resolve")
    text = mvlock("export", "--format", "requirements", "-o", "-").out
    assert "for none, and these have none: c." in text
    assert "\nb==2.0\n-e ./libs/c\n" in text


def test_standard_output_shows_one_file_for_all_trees(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a", "b"])
    mvlock("resolve")
    before = files_below(project.root)
    assert 'name = "b"' in mvlock("export", "b", "-o", "-").out
    assert mvlock("export", "-o", "-").out.count("[[packages]]") == 2
    assert files_below(project.root) == before


@pytest.fixture
def disagreeing(index: LocalIndex, project: ProjectFolder) -> None:
    """Trees ``old`` and ``new`` over two versions of ``b``, and ``same`` over the version of ``new``."""
    index.publish("b", "1.0")
    index.publish("old", "1.0", requires=["b<2"])
    index.publish("new", "1.0", requires=["b>=2", "a"])
    index.publish("same", "1.0", requires=["b>=2; python_version >= '3.11'"])
    project.write(["old", "new", "same"])


def test_the_ending_of_a_file_says_its_format(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    assert mvlock("export", "-o", str(project.root / "requirements.txt")).code == 0
    assert (project.root / "requirements.txt").read_text("utf-8").splitlines()[1] == "a==1.0 \\"
    assert mvlock("export", "-o", str(project.root / "all.json")).code == 0
    assert '"bomFormat": "CycloneDX"' in (project.root / "all.json").read_text("utf-8")
    refused = mvlock("export", "--format", "pylock", "-o", str(project.root / "lock.txt"))
    assert refused.err == "error: --output lock.txt: a file of format pylock is called like pylock.toml\n"
    assert refused.code == 2


@pytest.mark.usefixtures("disagreeing")
def test_trees_that_agree_are_one_environment_in_one_file(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    assert mvlock("export", "new", "same", "-o", str(project.root / "all/pylock.toml")).err == "Wrote pylock.toml\n"
    lock = exported(project.root / "all/pylock.toml")
    assert lock.dependency_groups is None
    assert sorted(package.name for package, _ in lock.select()) == ["a", "b", "new", "same"]
    assert mvlock("export", "new", "same", "-o", str(project.root / "requirements.txt")).code == 0
    text = mvlock("export", "new", "same", "-o", "-", "--format", "requirements").out
    assert [line.partition(" ")[0] for line in text.splitlines() if "==" in line] == [
        "a==1.0",
        "b==2.0",
        "new==1.0",
        "same==1.0",
    ]


@pytest.mark.usefixtures("disagreeing")
def test_trees_that_disagree_are_groups_of_one_pylock(mvlock: Mvlock, project: ProjectFolder) -> None:
    """PEP 751: several entries of one name, of which an installer selects one by the groups that are asked for."""
    mvlock("resolve")
    assert mvlock("export", "-o", str(project.root / "pylock.toml")).code == 0
    lock = exported(project.root / "pylock.toml")
    assert lock.dependency_groups == ["new", "old", "same"]
    chosen = {group: list(lock.select(dependency_groups=[group])) for group in ("old", "new")}
    versions = {
        group: {package.name: str(package.version) for package, _ in packages} for group, packages in chosen.items()
    }
    assert versions == {"old": {"old": "1.0", "b": "1.0"}, "new": {"new": "1.0", "b": "2.0", "a": "1.0"}}
    with pytest.raises(PylockSelectError, match="Multiple packages with the name 'b'"):
        list(lock.select(dependency_groups=["old", "new"]))
    assert list(lock.select()) == []


@pytest.mark.usefixtures("disagreeing")
def test_one_requirements_file_for_trees_that_disagree_is_refused_with_what_they_disagree_on(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    mvlock("resolve")
    before = files_below(project.root)
    refused = mvlock("export", "--format", "requirements", "-o", str(project.root / "requirements.txt"))
    assert refused.code == 1
    assert "  b 1.0: old\n  b 2.0: new, same\n" in refused.err
    assert files_below(project.root) == before


def test_versions_for_different_environments_do_not_disagree(
    index: LocalIndex, mvlock: Mvlock, project: ProjectFolder
) -> None:
    index.publish("b", "1.0")
    index.publish("c", "1.0", requires=["b<2; python_version < '3.12'"])
    index.publish("d", "1.0", requires=["b>=2; python_version >= '3.12'"])
    project.write(["c", "d"])
    mvlock("resolve")
    text = mvlock("export", "--format", "requirements", "-o", "-").out
    assert "b==1.0 ; python_version < '3.12'" in text
    assert "b==2.0 ; python_version >= '3.12'" in text


def test_a_stale_lock_is_not_exported(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    project.write(["b"])
    assert mvlock("export").code == 1
    assert mvlock("export", "--frozen").code == 0
