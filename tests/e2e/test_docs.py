"""What the docs say is true: links lead somewhere, commands and keys exist, snippets work."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import msgspec
import pytest
from pydantic import BaseModel

from mvlock.base.toml import tomllib
from mvlock.base.validation import model_of
from mvlock.commands.arguments import parse
from mvlock.commands.command_table import SYNONYMS
from mvlock.importmap.model import ImportMap
from mvlock.lock.lockfile import parse_lock
from mvlock.lock.model import LOCK_VERSION, Lock
from mvlock.operations.user_settings import KEYS, checked_text
from mvlock.plan.receipt import TreeReceipt
from mvlock.project.load import load_project
from mvlock.project.settings import MvlockTable
from tests.commands.command_line import command_names, run_main
from tests.e2e.markdown import ROOT, Block, Page, all_pages, answers_in, read_page, script_of
from tests.e2e.project_urls import HOME
from tests.reference.variables import variables
from tests.support.index import LocalIndex
from tests.support.trees import TreeWorld

PAGES = all_pages()
README = read_page("README.md")
GUIDE = read_page("docs/guide.md")
_ELSEWHERE = ("https://docs.renovatebot.com/renovate-schema.json",)
"""The only addresses of others, in full: what a file that readers copy has to name."""
_REFUSED = "docs/errors.md"
"""What stands on this page is wrong on purpose; tests/errors plays all of it."""
_OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
_ENTRY = re.compile(r"^  (-.*?)(?:  .*)?$", re.MULTILINE)


def blocks(*languages: str) -> list[Any]:
    """The code blocks of all pages in these languages, as parameters of a test."""
    found = [block for page in PAGES for block in page.blocks if block.language in languages]
    return [pytest.param(block, id=block.where) for block in found]


COMMANDS = command_names()


# Links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Page) -> None:
    assert [link for link in page.links if not _leads_somewhere(page, link)] == []


def test_the_recipes_name_files_that_there_are() -> None:
    invented = {"mvlock/commands/homepages.py", "tests/commands/test_homepages.py"}
    named = re.findall(r"`((?:mvlock|tests|schemas|docs)/[\w./]+)`", read_page("CONTRIBUTING.md").text)
    assert [name for name in sorted({*named} - invented) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_hosts_are_the_projects_own_or_cannot_exist(page: Page) -> None:
    urls = [url for url in re.findall(r"https?://[\w.:/@-]+", page.text) if not url.startswith(HOME)]
    hosts = {urlsplit(url).hostname or "" for url in urls if not url.startswith(_ELSEWHERE)}
    assert {host for host in hosts if not f".{host}".endswith(".example.invalid")} == set()


def _leads_somewhere(page: Page, link: str) -> bool:
    if link.startswith((HOME, *_ELSEWHERE)):
        return True
    path, _, anchor = link.partition("#")
    target = (ROOT / page.name).parent / path if path else ROOT / page.name
    if not target.exists():
        return False
    return not anchor or anchor in read_page(target.resolve().relative_to(ROOT).as_posix()).anchors


# Commands and options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_is_one_that_mvlock_understands(page: Page) -> None:
    for words in page.commands:
        parse(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_mentioned_exists(page: Page) -> None:
    mentioned = {match[1] for code in page.inline if (match := re.match(r"mvlock ([a-z]+)", code))}
    assert mentioned <= {*COMMANDS, *SYNONYMS}


def test_the_guide_has_a_section_for_every_command() -> None:
    headings = re.findall(r"^### mvlock (\w+)$", GUIDE.text, re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_guide_has_every_option_of_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    section = GUIDE.section(f"mvlock {command}")
    assert _options_in_table(section) == options_of(command, capsys) - options_of(None, capsys)


def test_the_guide_has_every_global_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert _options_in_table(GUIDE.section("Global options")) == options_of(None, capsys)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_that_is_mentioned_exists(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    known = {option for command in (None, *COMMANDS) for option in options_of(command, capsys)}
    mentioned = {code.split()[0] for code in page.inline if re.match(r"--[a-z]", code)}
    assert {option.split("=")[0] for option in mentioned} <= known


def options_of(command: str | None, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The options in the help of a command; None: of mvlock itself."""
    capsys.readouterr()
    assert run_main(*([command] if command else []), "--help") == 0
    return {option for entry in _ENTRY.findall(capsys.readouterr().out) for option in _OPTION.findall(entry)}


def _options_in_table(section: Page) -> set[str]:
    """Options in the first column of the section's first table."""
    rows = re.findall(r"^\| (`.*?) \| ", section.prose, re.MULTILINE)
    return {option for row in rows for option in _OPTION.findall(row)}


# Keys of pyproject.toml, variables


@pytest.mark.parametrize("block", [one for one in blocks("toml") if not one.id.startswith(_REFUSED)])
def test_every_toml_is_what_mvlock_reads(block: Block, tmp_path: Path) -> None:
    document = tomllib.loads(block.text)
    if "lock-version" in document:
        assert parse_lock(block.text)
        return
    if document.keys() <= set(KEYS):
        assert all(checked_text(key, value) for key, value in document.items())
        return
    root = tmp_path / "a" / "project"
    _make_sources(root, document)
    head = "" if "project" in document else '[project]\nname = "example"\n'
    (root / "pyproject.toml").write_text(head + block.text, encoding="utf-8")
    assert load_project(root)


def test_the_guide_lists_every_setting_of_the_user() -> None:
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    table = text.partition("## User configuration")[2].partition("Unknown keys")[0]
    assert set(KEYS) <= set(re.findall(r"`([a-z-]+)`", table))


@pytest.mark.parametrize("block", [one for one in blocks("json") if not one.values[0].title])
def test_every_json_is_what_mvlock_writes(block: Block) -> None:
    document = json.loads(block.text)
    if "domains" in document:
        assert msgspec.convert(document, ImportMap)
    elif "distributions" in document:
        assert msgspec.json.decode(block.text, type=TreeReceipt)
    else:
        assert set(document) == {"error", "exit-code"}


def test_the_guide_has_every_key_of_the_settings() -> None:
    explained = {code.split(" ")[0] for code in GUIDE.section("pyproject.toml").inline}
    assert {key for key in _keys(model_of(MvlockTable)) if key not in explained} == set()


def test_the_page_on_formats_has_every_key_of_the_lock() -> None:
    section = read_page("docs/formats.md").section("mv.lock")
    explained = {code.split(" ")[0].strip("[]") for code in section.inline}
    assert {key for key in _keys(model_of(Lock)) if key not in explained} == set()
    assert f"{LOCK_VERSION} `" in section.prose


def test_the_page_on_the_runtime_says_what_every_module_is_for() -> None:
    named = {code for code in read_page("docs/runtime.md").section("Where to read on").inline if code[:1] == "_"}
    modules = {path.stem for path in (ROOT / "importshim").glob("_*.py")}
    assert named - {"__import__"} == modules - {"__init__"}


def test_the_guide_has_every_variable() -> None:
    named = set(re.findall(r"MVLOCK_\w+", GUIDE.section("Environment variables").prose))
    assert named == {*variables()}


def _make_sources(root: Path, document: dict[str, Any]) -> None:
    """The folders and files that a project's sources name, members of a workspace in the folder above it."""
    root.mkdir(parents=True)
    sources = document.get("tool", {}).get("mvlock", {}).get("sources", {})
    (root.parent / "pyproject.toml").write_text('[tool.mvlock.workspace]\nmembers = ["*"]\n', encoding="utf-8")
    for name in [name for name, source in sources.items() if "workspace" in source]:
        (root.parent / name).mkdir()
        (root.parent / name / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n', encoding="utf-8")
    for path in [root / source["path"] for source in sources.values() if "path" in source]:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".whl":
            path.touch()
        else:
            path.mkdir(parents=True)
            (path / "pyproject.toml").touch()


def _keys(table: type[BaseModel]) -> Iterator[str]:
    """The keys of a table and of all tables in it, as people write them."""
    for name, field in table.model_fields.items():
        yield field.alias or name
        for inner in _tables(field.annotation):
            yield from _keys(inner)


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _tables(argument)


# Programs


@pytest.mark.parametrize("block", blocks("python"))
def test_every_python_snippet_is_python(block: Block) -> None:
    assert compile(block.text, block.where, "exec")


@dataclass(frozen=True)
class Claim:
    """What a comment says an expression gives."""

    expression: str
    value: str


@pytest.mark.parametrize("page", [README, GUIDE], ids=lambda page: page.name)
def test_the_snippets_on_importshim_do_what_their_comments_say(page: Page, tmp_path: Path) -> None:
    (snippet,) = [
        block.text for block in page.blocks if block.language == "python" and "importshim.whose" in block.text
    ]
    identities = [
        Claim(*match)
        for match in re.findall(r"^(importshim\.\S+\(.*?\)) +# ([^\s:]+\(.*\)|None)", snippet, re.MULTILINE)
    ]
    version = re.search(r"version='([^']+)'", snippet)
    assert identities and version
    program = snippet + "".join(f"\nprint({claim.expression})" for claim in identities)
    assert _flask_and_click(tmp_path, version[1]).run(program).splitlines() == [claim.value for claim in identities]


def _flask_and_click(root: Path, version: str) -> TreeWorld:
    world = TreeWorld(root, Path(sys.executable))
    click = {"click/__init__.py": "class Command:\n    pass\n"}
    world.tree("flask", {"flask.py": "import click\n", **click}, version=version)
    return world.tree("click_old", click, version="7.1.2").expose(flask="flask")


# The tour


def test_the_tour_of_the_readme_works(index: LocalIndex, tmp_path: Path) -> None:
    tour = README.section("A tour in five minutes").blocks
    typed = [block for block in tour if block.language == "console"]
    last = tour.index(typed[-1])
    for version in ("7.1.2", "8.1.7"):
        index.publish("click", version)
    index.publish("flask", "3.1.0", requires=["click>=8"])
    done = _shell(script_of(tour[: last + 1]), tmp_path, index)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [line for block in typed for line in answers_in(block)]


def _shell(script: str, folder: Path, index: LocalIndex) -> subprocess.CompletedProcess[str]:
    """Run a script with ``mvlock`` on PATH, on a local index, with a cache of its own."""
    command = folder / "bin" / "mvlock"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mvlock "$@"\n', "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    variables = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "MVLOCK_INDEX_URL": index.url,
        "MVLOCK_CACHE_DIR": str(folder / "cache"),
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MVLOCK_", "PYTHON"))}
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
