"""Settings of a person and of a machine: what wins, what a lock may depend on, what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock, loaded
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

PLAIN = '[project]\nname = "my-app"\nversion = "0.1"\nrequires-python = ">=3.12,<3.13"\ndependencies = ["{}"]\n{}\n'


class Files:
    """The user's file and the machine's; neither exists at first."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "user" / "mvlock" / "config.toml"
        self.machine = folder / "machine" / "mvlock" / "config.toml"

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The places of the two files, in which other installers have nothing either."""
    for name in ("MVLOCK_NO_CONFIG", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "machine"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return Files(tmp_path)


def _names_no_index(project: ProjectFolder, requirement: str = "a", tool: str = "") -> None:
    project.pyproject.write_text(PLAIN.format(requirement, f"[tool.mvlock]\n{tool}"), "utf-8")


def _lock(project: ProjectFolder) -> str:
    return (project.root / "mv.lock").read_text("utf-8")


def test_a_project_without_an_index_uses_that_of_the_user_under_the_usual_name(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: Files
) -> None:
    index.publish("a", "1.0")
    _names_no_index(project)
    files.write(files.user, f'index-url = "{index.url}"')
    assert mvlock("resolve").code == 0
    assert 'index = "pypi"' in _lock(project) and index.origin not in _lock(project)
    assert mvlock("install").code == 0


def test_the_index_of_the_project_wins_and_the_command_line_over_both(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, make_index: Callable[[], LocalIndex], files: Files
) -> None:
    of_user, of_run = make_index(), make_index()
    for one, version in ((index, "1.0"), (of_user, "2.0"), (of_run, "3.0")):
        one.publish("a", version)
    project.write(["a"], python=">=3.12,<3.13")
    files.write(files.user, f'index-url = "{of_user.url}"')
    mvlock("resolve")
    assert 'version = "1.0"\n' in _lock(project)
    mvlock("resolve", "--upgrade", "--index-url", of_run.url)
    assert 'version = "3.0"\n' in _lock(project)
    assert not of_user.requests


def test_a_variable_wins_over_the_user_and_the_user_over_the_machine(
    mvlock: Mvlock, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(files.machine, 'link-mode = "copy"\ncolor = "never"\nhttp-timeout = 5')
    files.write(files.user, 'link-mode = "symlink"\ncolor = "always"\noffline = true')
    monkeypatch.setenv("MVLOCK_LINK_MODE", "hardlink")
    monkeypatch.setenv("MVLOCK_OFFLINE", "")
    found = {one["key"]: one for one in mvlock("config", "--json").json["settings"]}  # type: ignore[index]
    assert found["link-mode"] == {"key": "link-mode", "value": "hardlink", "source": "MVLOCK_LINK_MODE"}
    assert found["color"] == {"key": "color", "value": "always", "source": str(files.user)}
    assert found["offline"]["value"] == "1", "an empty variable is not set"
    assert found["http-timeout"] == {"key": "http-timeout", "value": "5", "source": str(files.machine)}
    assert found["concurrency"] == {"key": "concurrency", "value": None, "source": "default"}


def test_the_settings_apply(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: Files) -> None:
    index.publish("a", "1.0")
    project.write(["a"], python=">=3.12,<3.13")
    files.write(files.user, 'offline = true\ncolor = "always"\nconcurrency = 1000')
    refused = mvlock("resolve")
    assert refused.code == 2
    assert "\x1b[" in refused.err and "MVLOCK_CONCURRENCY is '1000'" in refused.err
    files.write(files.user, "offline = true")
    assert mvlock("resolve").code == 3
    assert not index.requests


def test_a_limit_of_the_user_is_for_new_releases_and_is_noted(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: Files
) -> None:
    for name in ("a", "b"):
        index.publish(name, "1.0")
        index.publish(name, "2.0", upload_time="2030-01-01T00:00:00Z")
    project.write(["a"], python=">=3.12,<3.13")
    mvlock("resolve")
    assert 'version = "2.0"\n' in _lock(project), "what a colleague without a limit has locked"
    files.write(files.user, 'exclude-newer = "7 days"')
    project.write(["a", "b"], python=">=3.12,<3.13")
    done = mvlock("resolve")
    assert f"note: new releases are limited by exclude-newer = '7 days' of {files.user}" in done.err
    assert 'name = "a"\nversion = "2.0"' in _lock(project) and 'name = "b"\nversion = "1.0"' in _lock(project)
    assert mvlock("resolve", "--check").code == 0


def test_the_limit_of_the_project_wins(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: Files) -> None:
    index.publish("a", "1.0")
    index.publish("a", "2.0", upload_time="2024-06-01T00:00:00Z")
    project.write(["a"], python=">=3.12,<3.13", tool='exclude-newer = "2024-07-01"')
    files.write(files.user, 'exclude-newer = "2024-03-01"')
    done = mvlock("resolve")
    assert 'version = "2.0"\n' in _lock(project) and "limited" not in done.err


def test_all_mistakes_are_reported_with_what_may_be_meant(mvlock: Mvlock, files: Files) -> None:
    files.write(files.user, 'index-ulr = "x"\nlink-mode = "soft"\noffline = "yes"\nindex-url = "https://me:secret@"')
    refused = mvlock("resolve")
    assert refused.code == 2 and "secret" not in refused.err
    assert refused.err.count(f"{files.user}: ") == 4
    assert "index-ulr: unknown key; did you mean 'index-url'?" in refused.err
    assert "offline: must be a boolean, not 'yes'" in refused.err
    assert "link-mode: must be one of reflink, hardlink, copy, symlink, not 'soft'" in refused.err


def test_another_file_can_be_named_and_all_can_be_left_out(
    mvlock: Mvlock, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(files.user, "neither TOML nor read")
    files.write(tmp_path / "other.toml", 'color = "never"')
    monkeypatch.setenv("MVLOCK_CONFIG_FILE", str(tmp_path / "other.toml"))
    assert f"never  ({tmp_path / 'other.toml'})" in mvlock("config").out
    monkeypatch.setenv("MVLOCK_NO_CONFIG", "1")
    assert str(tmp_path / "other.toml") not in mvlock("config").out
    assert mvlock("config", "set", "color", "always").code == 2


def test_set_and_unset_edit_the_file_and_keep_its_comments(mvlock: Mvlock, files: Files) -> None:
    files.write(files.user, '# mine\ncolor = "never"\n')
    for words in (
        ("index-url", "https://packages.example.invalid/simple"),
        ("http-timeout", "60"),
        ("offline", "true"),
    ):
        assert mvlock("config", "set", *words).code == 0
    assert mvlock("config", "unset", "color").code == 0
    text = files.user.read_text("utf-8")
    assert text.startswith("# mine\n") and "color" not in text
    assert 'index-url = "https://packages.example.invalid/simple"\nhttp-timeout = 60\noffline = true\n' in text
    refused = mvlock("config", "set", "link-mode", "soft")
    assert refused.code == 2 and "must be one of" in refused.err
    assert "did you mean 'offline'?" in mvlock("config", "set", "offlin", "1").err
    assert files.user.read_text("utf-8") == text


def test_the_list_shows_no_credentials_and_what_the_project_says(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: Files
) -> None:
    files.write(files.user, 'index-url = "https://me:secret@packages.example.invalid/simple"')
    _names_no_index(project)
    listed = mvlock("config").out
    assert "https://packages.example.invalid/simple/" in listed and "secret" not in listed
    project.write()
    line = next(line for line in mvlock("config").out.splitlines() if line.startswith("index-url"))
    assert index.url in line and line.endswith("(pyproject.toml)")


def test_doctor_names_the_file(mvlock: Mvlock, files: Files) -> None:
    assert str(files.user) not in mvlock("doctor").out
    files.write(files.user, 'color = "never"')
    assert f"settings in {files.user}" in mvlock("doctor").out


def test_without_a_file_a_start_costs_nothing_more(project: ProjectFolder, files: Files) -> None:
    modules = loaded(project, "cache", "dir")[1]
    assert "tomllib" not in modules and "tomli" not in modules
