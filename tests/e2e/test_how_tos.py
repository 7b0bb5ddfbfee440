"""How-tos that need a server, a forge or an image builder: what can be played of them is played on a local index."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.markdown import ROOT, Block, Page, read_page
from tests.e2e.stories import Step, play
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_MVLOCK = re.compile(r"^\s*(?:- (?:run: )?|RUN (?:--mount\S+ )*)(mvlock .*)$", re.MULTILINE)
_TESTS = "import unittest\nimport a\n\n\nclass Test(unittest.TestCase):\n    def test(self):\n        pass\n"


def page_of(name: str) -> Page:
    """A page of docs/how-to."""
    return read_page(f"docs/how-to/{name}.md")


def block_of(name: str, title: str) -> Block:
    """The block of a page that is the file ``title``."""
    (found,) = [block for block in page_of(name).blocks if block.title == title]
    return found


def played(project: ProjectFolder, *commands: str) -> list[Step]:
    """The commands, run in a project's folder."""
    typed = "".join(f"$ {command}\n" for command in commands)
    return play(Page("commands", f"```console\n{typed}```\n"), project.root, {"MVLOCK_CACHE_DIR": str(project.cache)})


def failed(steps: list[Step]) -> list[Step]:
    """The steps that did not do what they should."""
    return [step for step in steps if not step.is_as_written]


def test_the_password_of_an_index_comes_from_the_keyring(index: LocalIndex, tmp_path: Path) -> None:
    index.publish("shop-core", "1.0")
    index.settings.credentials = ("ada", "secret")
    keyring = tmp_path / ".bin" / "keyring"
    keyring.parent.mkdir()
    keyring.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho secret\n', "utf-8")
    keyring.chmod(0o755)
    host = index.origin.removeprefix("http://")
    text = page_of("private-index").text.replace("https://ada@packages.example.invalid", f"http://ada@{host}")
    assert failed(play(Page("private-index", text), tmp_path, {"MVLOCK_CACHE_DIR": str(tmp_path / "cache")})) == []
    assert {*(tmp_path / "asked").read_text("utf-8").splitlines()} == {f"get {index.origin} ada"}
    lock = (tmp_path / "mv.lock").read_text("utf-8")
    assert "secret" not in lock and host not in lock


@pytest.mark.parametrize("title", [".github/workflows/tests.yml", ".gitlab-ci.yml"])
def test_the_commands_of_a_job_pass_on_a_checkout(title: str, index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    project.write(["a"], files={"test_it.py": _TESTS})
    commands = _MVLOCK.findall(block_of("ci", title).text)
    assert [command.split()[1] for command in commands] == ["install", "run", "cache"]
    steps = played(project, "mvlock resolve", *commands)
    assert failed(steps) == []
    assert "Ran 1 test" in steps[2].printed


def test_the_two_stages_of_the_image_make_an_application(index: LocalIndex, project: ProjectFolder) -> None:
    """The copy of the first stage's folder runs where neither the cache nor the first folder is any more."""
    index.publish("a", "1.0")
    project.write(["a"], files={"main.py": "import a\nprint(a.__name__)\n"})
    text = block_of("containers", "Dockerfile").text
    (install,) = _MVLOCK.findall(text)
    assert failed(played(project, "mvlock resolve", install)) == []
    image = project.root.with_name("image")
    shutil.move(project.root, image)
    shutil.rmtree(project.cache)
    start = json.loads(text.rpartition("CMD ")[2])
    image_project = ProjectFolder(image, project.cache, index)
    assert [step.printed for step in played(image_project, " ".join(start))] == ["a\n"]


def test_the_hooks_for_pre_commit_exist_and_check(index: LocalIndex, project: ProjectFolder) -> None:
    hooks = re.findall(r"^- id: (\S+)$", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"), re.MULTILINE)
    assert {*re.findall(r"`(mvlock-\w+)`|id: (mvlock-\w+)", page_of("pre-commit").text)} == {
        ("mvlock-check", ""),
        ("mvlock-resolve", ""),
        ("", "mvlock-check"),
    }
    assert {"mvlock-check", "mvlock-resolve"} <= {*hooks}
    index.publish("a", "1.0")
    project.write(["a"])
    assert failed(played(project, "mvlock resolve", "mvlock resolve --check")) == []
    project.write(["a>=1"])
    assert failed(play(page_of("pre-commit"), project.root, {"MVLOCK_CACHE_DIR": str(project.cache)})) != []


def test_renovate_updates_what_is_marked_and_nothing_else() -> None:
    manager = json.loads(block_of("renovate", "renovate.json").text)["customManagers"][0]
    (pattern,) = manager["matchStrings"]
    (text,) = [block.text for block in page_of("renovate").blocks if block.language == "toml"]
    found = re.findall(pattern.replace("(?<", "(?P<"), text)
    assert found == [("pandas", "2.2.0")]
    (files,) = manager["managerFilePatterns"]
    assert re.search(files.strip("/"), "apps/shop/pyproject.toml")
