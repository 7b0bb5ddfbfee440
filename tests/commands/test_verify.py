"""Every file can be checked; what is damaged is named, and repaired on request."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.store.store import STORE_FOLDER
from tests.commands.command_line import Mvlock, files_below
from tests.store.hostile import write_wheel
from tests.support.index import LocalIndex
from tests.support.interpreters import WANTED, require
from tests.support.project import ProjectFolder

WELL = "Verified py_modules/ and app/: both match mv.lock\n"


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """One tree, installed."""
    index.publish("a", "1.0", scripts={"go": "a:main"})
    index.publish("a", "2.0")
    index.publish("b", "1.0")
    project.write(["a<2"])
    mvlock("resolve")
    mvlock("install")


def one(root: Path, pattern: str) -> Path:
    (found,) = root.glob(pattern)
    return found


def overwrite(path: Path, text: str) -> None:
    """As when a library is edited in place: the file of the cache is the same one."""
    path.chmod(0o644)
    path.write_text(text)


def lead_elsewhere(link: Path) -> None:
    """As when somebody puts another program in the place of a Python."""
    link.unlink()
    link.symlink_to("/bin/true")


def remove(site_packages: Path) -> None:
    for path in site_packages.iterdir():
        shutil.rmtree(path)


def change_library(root: Path, pattern: str) -> None:
    """A library is changed together with its RECORD."""
    module = one(root, pattern) / "__init__.py"
    overwrite(module, "evil = 1\n")
    record = one(root, "py_modules/a/lib/*/*/*.dist-info") / "RECORD"
    digest = urlsafe_b64encode(hashlib.sha256(module.read_bytes()).digest()).decode().rstrip("=")
    rows = [row for row in record.read_text().splitlines() if not row.startswith("a/__init__.py,")]
    record.write_text("\n".join([f"a/__init__.py,sha256={digest},{module.stat().st_size}", *rows, ""]))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a/__init__.py was changed": lambda root: overwrite(one(root, "py_modules/a/lib/*/*/a/__init__.py"), "evil = 1\n"),
    "a/__init__.py is missing": lambda root: one(root, "py_modules/a/lib/*/*/a/__init__.py").unlink(),
    "a/more.py is not in any RECORD": lambda root: one(root, "py_modules/a/lib/*/*/a").joinpath("more.py").touch(),
    "a 1.0 is missing": lambda root: remove(one(root, "py_modules/a/lib/*/site-packages")),
    "a-1.0.dist-info/RECORD is missing": lambda root: one(root, "py_modules/a/lib/*/*/*/RECORD").unlink(),
    "a-1.0.dist-info/RECORD was changed": lambda root: change_library(root, "py_modules/a/lib/*/*/a"),
    "py_modules/a does not match mv.lock:\n  bin/go cannot be executed": lambda root: (
        root / "py_modules/a/bin/go"
    ).chmod(0o644),
    "app/ does not match mv.lock:\n  bin/go cannot be executed": lambda root: (root / "app/bin/go").chmod(0o644),
    "bin/go was changed": lambda root: overwrite(root / "py_modules/a/bin/go", "#!/bin/sh\n"),
    "bin/python is missing": lambda root: (root / "py_modules/a/bin/python").unlink(),
    "py_modules/a does not match mv.lock:\n  bin/python is no link to": lambda root: lead_elsewhere(
        root / "py_modules/a/bin/python"
    ),
    "app/ does not match mv.lock:\n  bin/python is no link to": lambda root: lead_elsewhere(root / "app/bin/python"),
    "importshim/_runtime.py is missing or was changed": lambda root: one(
        root, "app/lib/*/*/importshim/_runtime.py"
    ).write_text(""),
    "in the cache a/__pycache__/__init__.": lambda root: overwrite(
        one(root, "py_modules/a/lib/*/*/a/__pycache__/*.pyc"), "evil"
    ),
    "mvlock-importshim.pth is missing or was changed": lambda root: one(
        root, "app/lib/*/*/mvlock-importshim.pth"
    ).unlink(),
    "site-packages/evil.pth does not belong to it": lambda root: (
        one(root, "app/lib/*/site-packages").joinpath("evil.pth").touch()
    ),
    "import_map.json cannot be read": lambda root: one(root, "app/lib/*/*/importshim/import_map.json").write_text("{"),
    "import_map.json does not match the trees": lambda root: one(
        root, "app/lib/*/*/importshim/import_map.json"
    ).write_text("{}"),
}


def test_what_is_installed_is_well(mvlock: Mvlock, project: ProjectFolder) -> None:
    before = files_below(project.root)
    outcome = mvlock("verify")
    assert (outcome.code, outcome.err) == (0, WELL)
    assert files_below(project.root) == before


@pytest.mark.parametrize("message", DAMAGES)
def test_damage_is_reported_and_repaired(mvlock: Mvlock, project: ProjectFolder, message: str) -> None:
    DAMAGES[message](project.root)
    outcome = mvlock("verify")
    assert outcome.code == 1
    assert message in outcome.err
    assert outcome.err.endswith("hint: `mvlock install --repair` fixes it\n")
    assert mvlock("install", "--repair").code == 0
    assert mvlock("verify").err == WELL
    assert mvlock("cache", "verify").err == "Verified 1 wheels, 0 of them damaged\n"


def test_single_files_of_a_tree_are_checked_only_on_request(mvlock: Mvlock, project: ProjectFolder) -> None:
    (project.root / "py_modules/a/bin/go").chmod(0o644)
    assert mvlock("install").err.startswith("Nothing to do")
    assert "bin/go cannot be executed" in mvlock("verify").err


@pytest.mark.parametrize("gone", ["py_modules/a/lib/*/*/a", "app/lib/*/*/mvlock-importshim.pth"])
def test_essential_files_are_repaired_by_a_plain_install(mvlock: Mvlock, project: ProjectFolder, gone: str) -> None:
    path = one(project.root, gone)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert mvlock("install").code == 0
    assert mvlock("verify").err == WELL


def test_links_into_a_cleaned_cache_are_repaired_by_a_plain_install(mvlock: Mvlock) -> None:
    mvlock("install", "--link-mode", "symlink")
    mvlock("cache", "clean")
    assert mvlock("install").code == 0
    assert mvlock("verify").err == WELL


def test_a_file_of_the_cache_that_lost_its_executable_bit_is_reported_and_repaired(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    members = {"a/__init__.py": b"", "a/tool": b"#!/bin/sh\n"}
    wheel = write_wheel(project.root, members, modes={"a/tool": 0o100755})
    index.remove_project("a")
    index.publish_file("a", wheel.name, wheel.read_bytes())
    project.write(["a"])
    mvlock("resolve", "--upgrade")
    mvlock("install")
    tool = one(project.root, "py_modules/a/lib/*/*/a/tool")
    tool.chmod(0o444)  # where that is a hard link, so it is for all who have it
    assert "site-packages/a/tool cannot be executed" in mvlock("verify").err
    assert mvlock("install", "--repair").code == 0
    assert tool.stat().st_mode & 0o100
    assert mvlock("verify").err == WELL


def test_a_lock_that_is_not_installed_is_reported(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    mvlock("resolve", "--upgrade")
    outcome = mvlock("verify")
    assert outcome.code == 1
    assert "py_modules/a does not match mv.lock:\n  a 1.0 instead of 2.0" in outcome.err


def test_a_cache_whose_files_were_only_touched_is_well(mvlock: Mvlock, project: ProjectFolder) -> None:
    os.utime(one(project.cache, f"{STORE_FOLDER}/wheels/*/*/files/a/__init__.py"), (1, 1))
    (project.root / "py_modules/a").rename(project.root / "elsewhere")
    assert mvlock("install").code == 0


@pytest.mark.parametrize("folder", ["py_modules/a", "app"])
def test_a_missing_receipt_is_reported_with_everything_else(
    mvlock: Mvlock, project: ProjectFolder, folder: str
) -> None:
    project.write(["a<2", "b"])
    mvlock("resolve")
    mvlock("install")
    (project.root / folder / ".mvlock.json").unlink()
    one(project.root, "py_modules/b/lib/*/*/b/__init__.py").unlink()
    outcome = mvlock("verify")
    assert outcome.code == 1
    assert f"{folder}{'/' if folder == 'app' else ''} does not match mv.lock:\n  mvlock did not make it" in outcome.err
    assert "b/__init__.py is missing" in outcome.err
    assert outcome.err.count("does not match mv.lock") == 2
    assert (
        f"hint: move {folder} away, or name other folders in [tool.mvlock]; then `mvlock install --repair`"
        in outcome.err
    )
    refused = mvlock("install", "--repair")
    assert refused.code == 2
    assert f"if nothing else uses {folder}/, delete that and install again" in refused.err
    shutil.rmtree(project.root / folder)
    assert mvlock("install", "--repair").code == 0
    assert mvlock("verify").err == WELL


def test_trees_of_other_groups_are_reported_with_what_requires_them(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2"], extra='[dependency-groups]\ndev = []\nlint = ["b"]')
    mvlock("resolve")
    mvlock("install", "--group", "lint")
    assert mvlock("verify", "--group", "lint").err == WELL
    outcome = mvlock("verify")
    assert outcome.code == 1
    assert outcome.err == (
        "error: py_modules/b does not match mv.lock:\n"
        "  it is installed, but not required by these groups: dev; --group lint requires it\n\n"
        "hint: `mvlock install` fixes it\n"
    )


def test_a_project_that_was_moved_needs_a_plain_install(mvlock: Mvlock, project: ProjectFolder) -> None:
    there = project.root.rename(project.root.with_name("elsewhere"))
    outcome = mvlock("verify", "--project", str(there))
    assert outcome.code == 1
    assert outcome.err == (
        "error: app/ does not match mv.lock:\n"
        "  it was created for another state or location of the project, or by another version of mvlock\n\n"
        "hint: `mvlock install` fixes it\n"
    )
    assert mvlock("install", "--project", str(there)).code == 0
    assert mvlock("verify", "--project", str(there)).err == WELL


def test_an_installation_for_another_python_is_reported_with_the_option(mvlock: Mvlock) -> None:
    other = next(version for version in WANTED if version != "{}.{}".format(*sys.version_info))
    python = str(require(other))
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    assert mvlock("install", "--python", python).code == 0
    outcome = mvlock("verify", "--python", sys.executable)
    assert outcome.code == 1
    assert outcome.err == (
        f"error: app/ does not match mv.lock:\n  it was made for {version}\n\nhint: verify with --python {other}\n"
    )
    assert mvlock("verify").err == mvlock("verify", "--python", python).err == WELL


def test_a_missing_application_is_reported_beside_a_missing_tree(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2", "b"])
    mvlock("resolve")
    mvlock("install")
    shutil.rmtree(project.root / "app")
    shutil.rmtree(project.root / "py_modules/a")
    assert mvlock("verify").err == (
        "error: app/ does not match mv.lock:\n  it is locked, but not installed\n"
        "py_modules/a does not match mv.lock:\n  it is locked, but not installed\n\n"
        "hint: `mvlock install` fixes it\n"
    )
