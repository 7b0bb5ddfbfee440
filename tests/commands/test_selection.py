"""Which trees the options for dependency groups and extras select, by the rules of uv."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

TABLES = """
[project.optional-dependencies]
fast = ["speed"]
web = ["site"]
[dependency-groups]
dev = ["check"]
lint = ["style", "both"]
every = [{ include-group = "lint" }, { include-group = "dev" }]
[tool.mvlock.alias]
old_both = "both"
"""


@pytest.fixture(autouse=True)
def locked(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A project with two groups and two extras; ``lint`` requires something that the project requires, too."""
    for name in ("base", "both", "check", "style", "speed", "site"):
        index.publish(name, "1.0")
    project.write(["base", "both"], extra=TABLES)
    assert mvlock("resolve").code == 0


def installed(project: ProjectFolder) -> set[str]:
    """The trees on disk."""
    return {path.name for path in (project.root / "py_modules").iterdir() if path.name[0] != "."}


ALWAYS = {"base", "both", "old_both"}


@pytest.mark.parametrize(
    ("options", "trees"),
    [
        ("", {*ALWAYS, "check"}),
        ("--no-dev", ALWAYS),
        ("--no-default-groups", ALWAYS),
        ("--no-default-groups --group dev", {*ALWAYS, "check"}),
        ("--group lint", {*ALWAYS, "check", "style"}),
        ("--all-groups", {*ALWAYS, "check", "style"}),
        ("--all-groups --no-group every --no-dev", {*ALWAYS, "style"}),
        ("--group lint --no-group lint", {*ALWAYS, "check"}),
        ("--only-dev", {"check"}),
        ("--only-group lint", {"style", "both"}),
        ("--only-group every --no-dev", {"style", "both", "check"}),
        ("--only-group lint --only-dev", {"style", "both", "check"}),
        ("--no-dev --all-extras", {*ALWAYS, "speed", "site"}),
        ("--no-dev --all-extras --no-extra web", {*ALWAYS, "speed"}),
        ("--no-dev --extra web", {*ALWAYS, "site"}),
    ],
)
def test_groups_and_extras_select_what_they_select_in_uv(
    mvlock: Mvlock, project: ProjectFolder, options: str, trees: set[str]
) -> None:
    assert mvlock("install", *options.split()).code == 0
    assert installed(project) == trees


def test_verify_compares_with_the_same_selection(mvlock: Mvlock) -> None:
    mvlock("install", "--only-group", "lint")
    assert mvlock("verify", "--only-group", "lint").code == 0
    assert "base does not match mv.lock:\n  it is locked, but not installed" in mvlock("verify").err
    mvlock("install")
    surplus = "py_modules/base does not match mv.lock:\n  it is installed, but not required by these groups: lint\n"
    assert surplus in mvlock("verify", "--only-group", "lint").err


def test_an_install_with_other_options_has_something_to_do(mvlock: Mvlock) -> None:
    mvlock("install")
    assert mvlock("install").err.startswith("Nothing to do")
    assert mvlock("install", "--only-dev").err.startswith("- base 1.0\n")
    assert mvlock("install", "--only-dev").err.startswith("Nothing to do")


@pytest.mark.parametrize("command", [("install",), ("run",), ("verify",), ("pack",)])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--only-group lint --group dev", "--only-group and --group contradict each other"),
        ("--only-dev --all-groups", "--only-group and --all-groups contradict each other"),
        ("--only-group lint --all-extras", "--only-group and --all-extras contradict each other"),
        ("--only-dev --no-dev", "--only-group dev and --no-group dev contradict each other"),
        ("--only-group Lint --no-group lint", "--only-group lint and --no-group lint contradict each other"),
        ("--all-extras --extra web", "--all-extras and --extra contradict each other"),
        ("--only-group lnt", "there is no dependency group 'lnt'; did you mean 'lint'?"),
        ("--all-extras --no-extra wbe", "there is no extra 'wbe'; did you mean 'web'?"),
    ],
)
def test_contradictions_and_unknown_names_are_usage_errors(
    mvlock: Mvlock, command: tuple[str, ...], options: str, message: str
) -> None:
    words = ["python"] if command == ("run",) else []
    outcome = mvlock(*command, *options.split(), *words)
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, f"error: {message}")
