"""Workspaces: who is a member, where ``{ workspace = true }`` leads, and what members bring with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from mvlock.errors import LocalError
from mvlock.project.digest import digest_files
from mvlock.project.load import load_project
from mvlock.project.model import GitSource, PathSource, Project
from mvlock.project.parsed import read_project
from mvlock.project.workspace import workspace_around, workspace_at, workspace_of

ROOT = '[tool.mvlock.workspace]\nmembers = ["apps/*", "libs/*"]\n'
LIB = "[tool.mvlock.sources]\nlib = { workspace = true }\n"


def project(name: str, dependencies: str = "", more: str = "") -> str:
    """The text of a member's file; ``dependencies`` are names, with spaces between them."""
    return f'[project]\nname = "{name}"\ndependencies = {dependencies.split()}\n{more}'


def write(root: Path, files: Mapping[str, str]) -> Path:
    """A pyproject.toml in each of these folders; returns ``root``."""
    for folder, text in files.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return root


def members(root: Path) -> dict[str, str]:
    """The names of the members, with their folders relative to the root."""
    found = workspace_at(root)
    assert found is not None
    return {name: folder.relative_to(found.root).as_posix() for name, folder in found.members.items()}


def problems(folder: Path) -> list[str]:
    """What is wrong with the project in a folder."""
    with pytest.raises(LocalError) as error:
        load_project(folder)
    return error.value.message.splitlines()


def path_sources(found: Project) -> dict[str, tuple[str, bool]]:
    """The path sources, each with whether it is editable."""
    return {
        name: (source.relative, source.editable)
        for name, source in found.sources.items()
        if isinstance(source, PathSource)
    }


def test_members_are_the_projects_in_the_folders_that_patterns_mean(tmp_path: Path) -> None:
    root = '[tool.mvlock.workspace]\nmembers = ["apps/*", "libs/**", "tools/ci"]\nexclude = ["apps/attic"]\n'
    names = ("apps/shop", "apps/attic", "libs/one", "libs/deep/two", "libs/.hidden", "libs/build/three", "tools/ci")
    write(tmp_path, {"": root, **{folder: project(folder.rpartition("/")[2]) for folder in names}, "other": "[tool]"})
    (tmp_path / "apps" / "left-behind" / "app").mkdir(parents=True)
    (tmp_path / "apps" / "README.md").touch()
    assert members(tmp_path) == {"shop": "apps/shop", "two": "libs/deep/two", "one": "libs/one", "ci": "tools/ci"}


def test_a_root_that_is_a_project_is_its_first_member(tmp_path: Path) -> None:
    write(tmp_path, {"": project("Whole.Thing", more=ROOT), "libs/a": project("a")})
    assert members(tmp_path) == {"whole-thing": ".", "a": "libs/a"}
    assert load_project(tmp_path).workspace == "."


def test_a_project_knows_its_workspace_and_one_beside_it_has_none(tmp_path: Path) -> None:
    files = {"": ROOT, "apps/shop": project("shop"), "scratch/x": project("x"), "apps/shop/inner": project("inner")}
    write(tmp_path, files)
    assert load_project(tmp_path / "apps" / "shop").workspace == "../.."
    for folder in ("scratch/x", "apps/shop/inner"):
        assert load_project(tmp_path / folder).workspace is None
        assert workspace_of(tmp_path / folder) is None
        assert workspace_around(tmp_path / folder) == workspace_at(tmp_path)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"": '[tool.mvlock.workspace]\nmembers = "a"\n'}, "workspace.members: must be an array, not a string"),
        ({"": '[tool.mvlock.workspace]\nmember = ["a"]\n'}, "workspace.member: unknown key; did you mean 'members'?"),
        ({"": '[tool.mvlock.workspace]\nmembers = ["a"]\n'}, "workspace.members[0]: there is no pyproject.toml in 'a'"),
        (
            {"": '[tool.mvlock.workspace]\nmembers = ["../b"]\n', "../b": project("b")},
            "workspace.members[0]: '../b' is not below the root of the workspace",
        ),
        ({"": ROOT, "libs/a": "[tool.ruff]\n"}, "member 'libs/a' has no [project] table with a name"),
        ({"": ROOT, "libs/a": project("a", more=ROOT)}, "member 'libs/a' is itself the root of a workspace"),
        (
            {"": ROOT, "libs/a": project("x-y"), "apps/b": project("X_Y")},
            "workspace: member 'libs/a' and 'apps/b' are both called 'x-y'",
        ),
        (
            {"": f'[tool.mvlock]\nconstraints = ["a<2"]\n{ROOT}', "libs/a": project("a")},
            "constraints: without a [project] table, only 'workspace' has a meaning here",
        ),
    ],
)
def test_what_is_wrong_with_a_workspace_is_said(tmp_path: Path, files: dict[str, str], wanted: str) -> None:
    with pytest.raises(LocalError) as error:
        workspace_at(write(tmp_path / "root", files))
    assert wanted in error.value.message
    assert error.value.message.startswith("pyproject.toml: tool.mvlock.")


def test_a_member_names_the_file_of_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"": '[tool.mvlock.workspace]\nmembers = ["apps/*", "gone"]\n', "apps/shop": project("shop")})
    assert problems(tmp_path / "apps" / "shop") == [
        "../../pyproject.toml: tool.mvlock.workspace.members[1]: there is no pyproject.toml in 'gone'"
    ]


def test_a_broken_file_above_is_a_concern_only_if_it_may_be_a_root(tmp_path: Path) -> None:
    write(tmp_path, {"": "[workspace", "x": project("x")})
    assert load_project(tmp_path / "x").workspace is None
    write(tmp_path, {"": f"{ROOT}["})
    assert problems(tmp_path / "x")[0].startswith("../pyproject.toml: not valid TOML")


def test_a_source_can_be_a_member(tmp_path: Path) -> None:
    app = project("shop", "lib", LIB)
    write(tmp_path, {"": ROOT, "apps/shop": app, "libs/the_lib": project("Lib")})
    assert path_sources(load_project(tmp_path / "apps" / "shop")) == {"lib": ("../../libs/the_lib", True)}
    write(tmp_path, {"apps/shop": app.replace("true }", "true, editable = false }")})
    assert path_sources(load_project(tmp_path / "apps" / "shop")) == {"lib": ("../../libs/the_lib", False)}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("[tool.mvlock.sources]\nlibb = { workspace = true }", "sources.libb: the workspace has no member 'libb'"),
        ("[tool.mvlock.sources]\nlibb = { workspace = true }", "; its members are shop, lib; did you mean 'lib'?"),
        ("[tool.mvlock.sources]\nzzz = { workspace = true }", "no member 'zzz'; its members are shop, lib"),
        (f"{LIB}shop = {{ workspace = true }}", "sources.shop: '.' is the project itself"),
        ("[tool.mvlock.sources]\nlib = { workspace = false }", "sources.lib: 'workspace' can only be true"),
        (
            '[tool.mvlock.sources]\nlib = { workspace = true, path = "x" }',
            "sources.lib: needs exactly one of 'path', 'git', 'url', 'index' and 'workspace'",
        ),
        ("", "project.dependencies[0]: 'lib' is a member of this workspace; write lib = { workspace = true } into"),
    ],
)
def test_a_source_that_is_no_member_is_an_error(tmp_path: Path, more: str, wanted: str) -> None:
    write(tmp_path, {"": ROOT, "apps/shop": project("shop", "lib", more), "libs/lib": project("lib")})
    assert wanted in "\n".join(problems(tmp_path / "apps" / "shop"))


def test_of_many_members_some_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"": ROOT, **{f"libs/m{number:02}": project(f"m{number:02}") for number in range(23)}})
    found = workspace_at(tmp_path)
    assert found is not None
    assert found.names(near="m22").endswith(", m18, m19 and 3 more; did you mean 'm22'?")


def test_outside_of_a_workspace_there_are_no_members(tmp_path: Path) -> None:
    write(tmp_path, {"": ROOT, "apps/shop": project("shop"), "scratch": project("scratch", "lib", LIB)})
    [line] = problems(tmp_path / "scratch")
    assert "tool.mvlock.sources.lib: this project is in no workspace" in line


def test_the_index_can_be_meant_although_a_member_has_the_name(tmp_path: Path) -> None:
    index = '[tool.mvlock.sources]\nlib = { index = "pypi" }\n'
    write(tmp_path, {"": ROOT, "apps/shop": project("shop", "lib", index), "libs/lib": project("lib")})
    assert path_sources(load_project(tmp_path / "apps" / "shop")) == {}


def test_a_project_may_require_its_own_extras(tmp_path: Path) -> None:
    extras = 'optional-dependencies = { all = ["shop[some]"], some = ["x"] }\n'
    write(tmp_path, {"": ROOT, "apps/shop": project("shop", more=extras), "libs/lib": project("lib")})
    assert load_project(tmp_path / "apps" / "shop").sources == {}


def test_what_a_member_requires_comes_from_where_the_member_says(tmp_path: Path) -> None:
    base = "[tool.mvlock.sources]\nbase = { workspace = true, editable = false }\n"
    outer = (
        '[tool.mvlock.sources]\nouter = { path = "../../vendor" }\nunused = { git = "https://a.example.invalid/u" }\n'
    )
    git = 'tool = { git = "https://a.example.invalid/tool" }\n'
    files = {
        "apps/shop": project("shop", "lib", LIB),
        "libs/lib": project("lib", "base", base),
        "libs/base": project("base", "outer tool", outer + git),
        "vendor": project("outer"),
    }
    write(tmp_path, {"": ROOT, **files})
    found = load_project(tmp_path / "apps" / "shop")
    assert path_sources(found) == {
        "base": ("../../libs/base", False),
        "lib": ("../../libs/lib", True),
        "outer": ("../../vendor", False),
    }
    assert found.sources[NormalizedName("tool")] == GitSource("https://a.example.invalid/tool")
    assert "unused" not in found.sources
    write(tmp_path, {"apps/shop": project("shop", "lib", f'{LIB}outer = {{ git = "https://b.example.invalid" }}\n')})
    assert load_project(tmp_path / "apps" / "shop").sources[NormalizedName("outer")] == GitSource(
        "https://b.example.invalid"
    )


def test_members_that_disagree_about_a_source_leave_it_to_the_project(tmp_path: Path) -> None:
    git = '[tool.mvlock.sources]\ntool = {{ git = "https://{}.example.invalid" }}\n'
    files = {
        "apps/shop": project(
            "shop", "a b", "[tool.mvlock.sources]\na = { workspace = true }\nb = { workspace = true }\n"
        ),
        "libs/a": project("a", "tool", git.format("a")),
        "libs/b": project("b", "tool", git.format("b")),
    }
    write(tmp_path, {"": ROOT, **files})
    [line] = problems(tmp_path / "apps" / "shop")
    assert line.startswith("pyproject.toml: tool.mvlock.sources.tool: members of the workspace take 'tool' from")


@pytest.mark.parametrize(
    ("dependencies", "more", "wanted"),
    [
        ("base", "", "../../libs/lib/pyproject.toml: project: 'base' is a member of this workspace"),
        (
            "x",
            '[tool.mvlock.sources]\nx = { index = "own" }\n[[tool.mvlock.index]]\nname = "own"\nurl = "./own"\n',
            "../../libs/lib/pyproject.toml: tool.mvlock.sources.x.index: the project that uses this one has no index",
        ),
    ],
)
def test_a_member_without_a_source_is_an_error_for_who_uses_it(
    tmp_path: Path, dependencies: str, more: str, wanted: str
) -> None:
    files = {"libs/lib": project("lib", dependencies, more), "libs/base": project("base")}
    write(tmp_path, {"": ROOT, "apps/shop": project("shop", "lib", LIB), **files})
    assert wanted in "\n".join(problems(tmp_path / "apps" / "shop"))


def test_the_file_of_the_root_is_one_that_a_lock_depends_on(tmp_path: Path) -> None:
    write(tmp_path, {"": ROOT, "apps/shop": project("shop", "lib", LIB), "libs/lib": project("lib")})
    files = digest_files(load_project(tmp_path / "apps" / "shop"))
    assert {"../../pyproject.toml", "../../libs/lib/pyproject.toml"} <= {*files}


def test_a_project_that_was_read_before_notices_that_it_has_become_a_member(tmp_path: Path) -> None:
    shop, cache = tmp_path / "apps" / "shop", tmp_path / "cache"
    write(tmp_path, {"apps/shop": project("shop", "lib"), "libs/lib": project("lib")})
    assert read_project(shop, cache).workspace is None
    write(tmp_path, {"": ROOT})
    with pytest.raises(LocalError, match="'lib' is a member of this workspace"):
        read_project(shop, cache)


def test_a_link_to_a_folder_outside_is_no_member(tmp_path: Path) -> None:
    write(tmp_path, {"root": '[tool.mvlock.workspace]\nmembers = ["libs/*", "near"]\n', "root/libs/a": project("a")})
    write(tmp_path, {"far": project("far"), "root/near": project("near")})
    (tmp_path / "root" / "libs" / "far").symlink_to(tmp_path / "far")
    assert members(tmp_path / "root") == {"a": "libs/a", "near": "near"}
