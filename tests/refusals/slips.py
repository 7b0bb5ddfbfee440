"""What is wrong with a line that somebody typed, in pyproject.toml or on the command line."""

from __future__ import annotations

from tests.refusals.story import Story
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

LOCKED = (("resolve",),)


def simple(index: LocalIndex, project: ProjectFolder) -> None:
    """Two projects."""
    index.publish("a", "1.0")
    index.publish("b", "1.0")


def _two_modules(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("pyyaml", "6.0", files={"yaml/__init__.py": "", "_yaml/__init__.py": ""})


def _no_project(index: LocalIndex, project: ProjectFolder) -> None:
    project.pyproject.unlink()


def _no_toml(index: LocalIndex, project: ProjectFolder) -> None:
    project.pyproject.write_text("[project]\ndependencies = [a]\n", encoding="utf-8")


SLIPS = (
    Story(
        "An alias for a module that its tree lacks",
        "alias-module-missing",
        2,
        tool='alias.old = { requirement = "a==1.0", module = "b" }',
        world=simple,
    ),
    Story(
        "An alias for one of several modules",
        "alias-module-unclear",
        2,
        tool='alias.old = "pyyaml==6.0"',
        world=_two_modules,
    ),
    Story(
        "An alias for no environment",
        "alias-excluded",
        2,
        tool="alias.old = \"a==1.0; sys_platform == 'beos'\"",
        world=simple,
    ),
    Story(
        "An index URL without a scheme",
        "index-url-invalid",
        2,
        ("a",),
        command=("resolve", "--index-url", "packages.example.invalid/simple"),
    ),
    Story("No pyproject.toml", "project-missing", 2, after=_no_project),
    Story(
        "A pyproject.toml that is not TOML",
        "toml-invalid",
        2,
        after=_no_toml,
        project="dependencies = [a]",
    ),
    Story("A pyproject.toml that exists already", "project-exists", 2, command=("init",)),
    Story("A name that is not valid", "name-invalid", 2, command=("init", "--name", "my app", "other")),
    Story("Not a requirement", "requirement-invalid", 2, command=("add", "a=>1")),
    Story("Not a dependency", "requirement-missing", 2, ("a",), command=("remove", "b")),
    Story("Not a time", "time-invalid", 2, ("a",), command=("resolve", "--exclude-newer", "yesterday")),
    Story("No lock", "lock-missing", 1, ("a",), command=("tree",)),
    Story(
        "A project that is not locked",
        "project-not-locked",
        1,
        ("a",),
        world=simple,
        before=LOCKED,
        command=("why", "b"),
    ),
    Story(
        "A tree that is not locked",
        "tree-unknown",
        2,
        ("a",),
        python=">=3.10",
        world=simple,
        before=LOCKED,
        command=("install", "--only", "b"),
    ),
    Story(
        "A dependency group that does not exist",
        "group-unknown",
        2,
        ("a",),
        python=">=3.10",
        world=simple,
        before=LOCKED,
        command=("install", "--group", "docs"),
    ),
    Story(
        "An extra that does not exist",
        "extra-unknown",
        2,
        ("a",),
        python=">=3.10",
        world=simple,
        before=LOCKED,
        command=("install", "--extra", "docs"),
    ),
)
