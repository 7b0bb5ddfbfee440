"""The index that pip or uv is configured for is mentioned, with its file and the command that takes it over."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.index.other_installers import default_indexes
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

URL = "https://me:hunter-7f3a@packages.example.invalid/simple"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is configured."""
    names = ("MVLOCK_NO_CONFIG", "MVLOCK_CONFIG_FILE", "PIP_CONFIG_FILE", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")
    for name in (*names, "UV_INDEX_URL", "UV_CONFIG_FILE", "UV_NO_CONFIG", "VIRTUAL_ENV", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.setenv("MVLOCK_HTTP_RETRIES", "0")
    return tmp_path / "home"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _found(environ: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(one.tool, one.url, one.where) for one in default_indexes(environ)]


def test_pip_reads_variables_then_the_files_of_environment_user_and_machine(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "UV_NO_CONFIG": "1"}
    machine = _write(tmp_path / "etc" / "pip" / "pip.conf", "[global]\nindex-url = https://machine.invalid/")
    assert _found(environ) == [("pip", "https://machine.invalid/", str(machine))]
    old = _write(tmp_path / "home" / ".pip" / "pip.conf", "[global]\nindex-url = https://old.invalid/")
    assert _found(environ) == [("pip", "https://old.invalid/", str(old))]
    text = "[global]\nindex-url = https://global.invalid/\n[install]\nindex_url: https://user.invalid/"
    user = _write(tmp_path / "home" / ".config" / "pip" / "pip.conf", text)
    assert _found(environ) == [("pip", "https://user.invalid/", str(user))]
    _write(tmp_path / "env" / "pip.conf", "[global]\nindex-url = https://env.invalid/")
    environ["VIRTUAL_ENV"] = str(tmp_path / "env")
    assert _found(environ)[0][1] == "https://env.invalid/"
    environ["PIP_INDEX_URL"] = "https://variable.invalid/"
    assert _found(environ) == [("pip", "https://variable.invalid/", "PIP_INDEX_URL")]


def test_a_pip_without_files_has_none(tmp_path: Path) -> None:
    _write(tmp_path / ".config" / "pip" / "pip.conf", "[global]\nindex-url = https://user.invalid/")
    assert _found({"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}) == []


def test_uv_reads_variables_then_the_files_of_user_and_machine(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "PIP_CONFIG_FILE": "/dev/null"}
    machine = _write(tmp_path / "etc" / "uv" / "uv.toml", '[pip]\nindex-url = "https://machine.invalid/"')
    assert _found(environ) == [("uv", "https://machine.invalid/", str(machine))]
    text = '[[index]]\nurl = "https://extra.invalid/"\n[[index]]\nurl = "https://user.invalid/"\ndefault = true'
    user = _write(tmp_path / ".config" / "uv" / "uv.toml", text)
    assert _found(environ) == [("uv", "https://user.invalid/", str(user))]
    environ["UV_DEFAULT_INDEX"] = "corp=https://variable.invalid/?a=b"
    assert _found(environ) == [("uv", "https://variable.invalid/?a=b", "UV_DEFAULT_INDEX")]


@pytest.mark.parametrize("text", ["[global\nindex-url", "[global]\nindex-url = not a URL", "\0", "[global]\nx = %(y)s"])
def test_files_that_say_nothing_are_no_error(tmp_path: Path, text: str) -> None:
    _write(tmp_path / ".config" / "pip" / "pip.conf", text)
    _write(tmp_path / ".config" / "uv" / "uv.toml", text)
    assert _found({"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc")}) == []


def _plain(project: ProjectFolder) -> None:
    text = '[project]\nname = "my-app"\nversion = "0.1"\nrequires-python = ">=3.12,<3.13"\ndependencies = ["a"]\n'
    project.pyproject.write_text(text, "utf-8")


def test_it_is_offered_where_nothing_names_an_index_for_mvlock(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, home: Path
) -> None:
    file = _write(home / ".config" / "pip" / "pip.conf", f"[global]\nindex-url = {URL}\n")
    _plain(project)
    offered = mvlock("resolve", "--offline")
    shown = "https://packages.example.invalid/simple"
    assert f"note: pip uses {shown} here ({file}); for mvlock, run `mvlock config set index-url {shown}`" in offered.err
    assert "hunter-7f3a" not in offered.err
    assert f"pip uses {shown} here ({file})" in mvlock("doctor").out
    index.publish("a", "1.0")
    assert "pip uses" not in mvlock("resolve", "--index-url", index.url).err
    project.write(["a"], python=">=3.12,<3.13")
    assert "pip uses" not in mvlock("resolve", "--upgrade").err


def test_it_is_the_hint_if_the_default_index_cannot_be_reached(
    mvlock: Mvlock, project: ProjectFolder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX_URL", URL)
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
    _plain(project)
    refused = mvlock("resolve")
    assert refused.code == 3 and "hunter-7f3a" not in refused.err
    assert "hint: uv uses https://packages.example.invalid/simple here (UV_INDEX_URL)" in refused.err


def test_after_it_is_taken_over_its_credentials_work_and_are_in_no_other_file(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, home: Path
) -> None:
    index.publish("a", "1.0")
    index.settings.credentials = ("me", "hunter-7f3a")
    with_credentials = index.url.replace("//", "//me:hunter-7f3a@")
    pip = _write(home / ".config" / "pip" / "pip.conf", f"[global]\nindex-url = {with_credentials}\n")
    _plain(project)
    offered = mvlock("resolve", "--offline").err
    command = offered.partition("run `mvlock ")[2].partition("`")[0]
    assert mvlock(*command.split()).code == 0
    done = mvlock("resolve")
    assert done.code == 0, done.err
    others = [path for path in home.parent.rglob("*") if path.is_file() and path != pip]
    assert not [path for path in others if b"hunter-7f3a" in path.read_bytes()]
