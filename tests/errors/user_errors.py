"""Mistakes in pyproject.toml or on the command line."""

from __future__ import annotations

from tests.errors.scenario import Scenario
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


def _workspace(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_file("packages/a/pyproject.toml", '[project]\nname = "a"\nversion = "1.0"\n')
    with project.pyproject.open("a", encoding="utf-8") as file:
        file.write('\n[tool.uv.workspace]\nmembers = ["packages/*"]\n\n[tool.uv.sources]\na = { workspace = true }\n')


def _root(index: LocalIndex, project: ProjectFolder) -> None:
    project.pyproject.write_text('[tool.mvlock.workspace]\nmembers = ["apps/*"]\n', encoding="utf-8")
    for name in ("shop", "report"):
        project.add_file(f"apps/{name}/pyproject.toml", f'[project]\nname = "{name}"\nversion = "1.0"\n')


def _no_table(index: LocalIndex, project: ProjectFolder) -> None:
    with project.pyproject.open("a", encoding="utf-8") as file:
        file.write("\n[tool.uv]\nsources = 3\n")


def _no_toml(index: LocalIndex, project: ProjectFolder) -> None:
    project.pyproject.write_text("[project]\ndependencies = [a]\n", encoding="utf-8")


def _unclosed_block(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_file("compare.py", "# /// script\n# dependencies = [\n\n# ]\n# ///\n")


def _no_block(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_file("plain.py", "print(1)\n")


USER_ERRORS = (
    Scenario(
        "An alias for a module that its tree lacks",
        "alias-module-missing",
        2,
        tool='alias.old = { requirement = "a==1.0", module = "b" }',
        setup=simple,
    ),
    Scenario(
        "An alias for one of several modules",
        "alias-module-unclear",
        2,
        tool='alias.old = "pyyaml==6.0"',
        setup=_two_modules,
    ),
    Scenario(
        "An alias for no environment",
        "alias-excluded",
        2,
        tool="alias.old = \"a==1.0; sys_platform == 'beos'\"",
        setup=simple,
    ),
    Scenario(
        "An index URL without a scheme",
        "index-url-invalid",
        2,
        ("a",),
        command=("resolve", "--index-url", "packages.example.invalid/simple"),
    ),
    Scenario("No pyproject.toml", "project-missing", 2, after=_no_project),
    Scenario(
        "A pyproject.toml that is not TOML",
        "toml-invalid",
        2,
        after=_no_toml,
        project="dependencies = [a]",
    ),
    Scenario("A pyproject.toml that exists already", "project-exists", 2, command=("init",)),
    Scenario(
        "A member of a workspace of uv",
        "foreign-settings",
        2,
        ("a",),
        setup=simple,
        after=_workspace,
        context="`[tool.uv.sources]` has `a = { workspace = true }`, and the index has a project of that name, too.",
    ),
    Scenario(
        "The root of a workspace that is not a project",
        "workspace-virtual",
        2,
        command=("tree",),
        after=_root,
        context='`[tool.mvlock.workspace]` has `members = ["apps/*"]`.',
    ),
    Scenario(
        "A member that the workspace does not have",
        "package-unknown",
        2,
        command=("run", "--package", "shp", "python"),
        after=_root,
    ),
    Scenario("A member, outside of a workspace", "workspace-missing", 2, command=("install", "--package", "shop")),
    Scenario(
        "A table of another tool that cannot be understood",
        "foreign-invalid",
        2,
        after=_no_table,
        context="`[tool.uv]` has `sources = 3`.",
    ),
    Scenario("A file that mvlock cannot read", "foreign-unknown", 2, command=("init", "--from", "/dev/null", "other")),
    Scenario("A name that is not valid", "name-invalid", 2, command=("init", "--name", "my app", "other")),
    Scenario(
        "A script whose block is not closed",
        "script-invalid",
        2,
        command=("run", "compare.py"),
        after=_unclosed_block,
    ),
    Scenario(
        "A script without a block", "script-invalid", 2, command=("resolve", "--script", "plain.py"), after=_no_block
    ),
    Scenario("Not a requirement", "requirement-invalid", 2, command=("add", "a=>1")),
    Scenario("Not a dependency", "requirement-missing", 2, ("a",), command=("remove", "b")),
    Scenario("Not a time", "time-invalid", 2, ("a",), command=("resolve", "--exclude-newer", "yesterday")),
    Scenario("No lock", "lock-missing", 1, ("a",), command=("tree",)),
    Scenario(
        "A project that is not locked",
        "project-not-locked",
        1,
        ("a",),
        setup=simple,
        before=LOCKED,
        command=("why", "b"),
    ),
    Scenario(
        "A tree that is not locked",
        "tree-unknown",
        2,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        command=("install", "--only", "b"),
    ),
    Scenario(
        "A dependency group that does not exist",
        "group-unknown",
        2,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        command=("install", "--group", "docs"),
    ),
    Scenario(
        "An extra that does not exist",
        "extra-unknown",
        2,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        command=("install", "--extra", "docs"),
    ),
)
