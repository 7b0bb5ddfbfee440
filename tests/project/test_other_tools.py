"""Tables of other tools that say which code is meant are an error, unless [tool.mvlock] says it; the rest is noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.project.load import load_project
from mvlock.project.model import Project

_HEAD = '[project]\nname = "app"\nrequires-python = ">=3.10"\ndependencies = ["lib"]\n'
_LIB = '[project]\nname = "lib"\nversion = "1.0"\n'


def load(folder: Path, text: str, **files: str) -> Project:
    for path, content in {"pyproject.toml": text, **files}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return load_project(folder)


def tables(folder: Path, text: str, **files: str) -> list[str]:
    """The tables that an error says to write."""
    with pytest.raises(LocalError) as error:
        load(folder, text, **files)
    assert error.value.code == "foreign-settings"
    found = error.value.facts["tables"]
    assert isinstance(found, list)
    assert error.value.message.endswith("\n\n".join(found))
    return found


_MEMBER = {"packages/lib/pyproject.toml": _LIB}
_PATH = '[tool.mvlock.sources]\nlib = { path = "packages/lib", editable = true }'
_WORKSPACE = '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
_OURS = _WORKSPACE.replace("uv", "mvlock").strip()
_IN_WORKSPACE = "[tool.mvlock.sources]\nlib = { workspace = true }"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"[tool.uv.sources]\nlib = {{ workspace = true }}\n{_WORKSPACE}", [_IN_WORKSPACE, _OURS]),
        (
            '[tool.uv.sources]\nlib = { git = "https://git.example.invalid/lib", branch = "main" }',
            ['[tool.mvlock.sources]\nlib = { git = "https://git.example.invalid/lib", rev = "main" }'],
        ),
        (
            '[tool.uv.sources]\nlib = { index = "own" }\n'
            '[[tool.uv.index]]\nname = "own"\nurl = "https://own.example.invalid/simple"\nexplicit = true',
            [
                '[tool.mvlock.sources]\nlib = { index = "own" }',
                '[[tool.mvlock.index]]\nname = "own"\nurl = "https://own.example.invalid/simple"\nexplicit = true',
            ],
        ),
        (
            '[[tool.uv.index]]\nname = "own"\nurl = "https://own.example.invalid/simple"',
            ['[[tool.mvlock.index]]\nname = "own"\nurl = "https://own.example.invalid/simple"'],
        ),
        ('[tool.uv]\noverride-dependencies = ["lib==1.0"]', ['[tool.mvlock]\noverrides = ["lib==1.0"]']),
        (
            '[tool.uv.sources]\nlib = [{ index = "a", marker = "os_name == \'nt\'" }, { index = "b" }]',
            [
                "[tool.mvlock.sources]\n# lib: choose one of these\n"
                """# lib = { index = "a" }  # os_name == 'nt'\n# lib = { index = "b" }  # everywhere"""
            ],
        ),
        ('[tool.poetry.dependencies]\nlib = { path = "packages/lib", develop = true }', [_PATH]),
        (
            '[[tool.poetry.source]]\nname = "own"\nurl = "https://own.example.invalid/simple"',
            ['[[tool.mvlock.index]]\nname = "own"\nurl = "https://own.example.invalid/simple"\ndefault = true'],
        ),
        (
            '[[tool.pdm.source]]\nname = "pypi"\nurl = "https://own.example.invalid/simple"',
            ['[[tool.mvlock.index]]\nname = "pypi"\nurl = "https://own.example.invalid/simple"\ndefault = true'],
        ),
        ('[tool.pdm.resolution.overrides]\nlib = "1.0"', ['[tool.mvlock]\noverrides = ["lib==1.0"]']),
    ],
)
def test_what_says_which_code_is_meant_is_an_error_until_it_is_in_our_table(
    tmp_path: Path, text: str, wanted: list[str]
) -> None:
    assert tables(tmp_path, f"{_HEAD}{text}\n", **_MEMBER) == wanted
    if "#" not in wanted[0]:
        ours = "\n".join(wanted)
        load(tmp_path, f"{_HEAD}{text}\n{ours}\n", **_MEMBER)
    tool = "uv" if "tool.uv" in text else "poetry" if "tool.poetry" in text else "pdm"
    load(tmp_path, f'{_HEAD}{text}\n[tool.mvlock]\nignore-tools = ["{tool}"]\n', **_MEMBER)


def test_what_needs_a_choice_is_not_said_to_be_written_by_a_command(tmp_path: Path) -> None:
    text = '[tool.uv.sources]\nlib = { index = "a", extra = "cpu" }\n'
    with pytest.raises(LocalError) as error:
        load(tmp_path, f"{_HEAD}{text}", **_MEMBER)
    assert str(error.value.hint).startswith("you must decide on the lines that begin with #; ")


def test_a_source_of_what_is_not_required_is_no_error(tmp_path: Path) -> None:
    load(tmp_path, f'{_HEAD}[tool.uv.sources]\nother = {{ git = "https://git.example.invalid/other" }}\n')


def test_requirements_that_only_poetry_has_are_an_error(tmp_path: Path) -> None:
    text = '[project]\nname = "app"\n[tool.poetry.dependencies]\npython = "^3.10"\nlib = "^1.0"\n'
    assert tables(tmp_path, text) == ['[project]\ndependencies = ["lib<2,>=1.0"]']


def test_a_member_of_a_workspace_has_the_sources_of_its_root(tmp_path: Path) -> None:
    root = f'[project]\nname = "root"\n{_WORKSPACE}[tool.uv.sources]\nlib = {{ workspace = true }}\n'
    (tmp_path / "pyproject.toml").write_text(root, encoding="utf-8")
    (tmp_path / "packages" / "lib").mkdir(parents=True)
    (tmp_path / "packages" / "lib" / "pyproject.toml").write_text(_LIB, encoding="utf-8")
    its_table = _OURS.replace("]\n", "]  # in ../../pyproject.toml\n", 1)
    assert tables(tmp_path / "packages" / "app", _HEAD) == [_IN_WORKSPACE, its_table]
    assert load(tmp_path, root.replace("[project]", "[project]\ndependencies = []")).unread == ("workspace",)
    load(tmp_path, f"{root}\n{_OURS}\n")
    load(tmp_path / "packages" / "app", f"{_HEAD}\n{_IN_WORKSPACE}\n")


def test_what_the_root_of_a_workspace_says_is_noted_there_and_not_for_every_member(tmp_path: Path) -> None:
    uv = f"{_OURS}\n{_WORKSPACE}[tool.uv]\ndefault-groups = []\n"
    files = {"packages/app/pyproject.toml": _HEAD, "packages/lib/pyproject.toml": _LIB}
    root = f'[project]\nname = "root"\ndependencies = []\n{uv}'
    assert load(tmp_path, root, **files).unread == ("tool.uv.default-groups",)
    ours = f"{_HEAD}\n{_IN_WORKSPACE}\n"
    assert load(tmp_path / "packages" / "app", ours).unread == ()
    (tmp_path / "pyproject.toml").write_text(uv, encoding="utf-8")  # no project: only its members can say it
    assert load(tmp_path / "packages" / "app", ours).unread == ("tool.uv.default-groups",)


def test_a_member_of_a_workspace_can_ignore_what_uv_says_of_it(tmp_path: Path) -> None:
    root = f'[project]\nname = "root"\n{_WORKSPACE}[tool.uv.sources]\nlib = {{ workspace = true }}\n'
    files = {"../../pyproject.toml": root, "../lib/pyproject.toml": _LIB}
    load(tmp_path / "packages" / "app", f'{_HEAD}\n[tool.mvlock]\nignore-tools = ["uv"]\n', **files)


def test_a_folder_that_requires_another_by_its_own_table_is_followed(tmp_path: Path) -> None:
    lib = '[project]\nname = "lib"\nversion = "1"\ndependencies = ["base"]\n'
    lib += '[tool.uv.sources]\nbase = { path = "../base" }\n'
    ours = '[tool.mvlock.sources]\nlib = { path = "packages/lib" }\n'
    files = {"packages/lib/pyproject.toml": lib, "packages/base/pyproject.toml": _LIB.replace("lib", "base")}
    wanted = 'base = { path = "packages/base" }'
    assert tables(tmp_path, f"{_HEAD}{ours}", **files) == [f"[tool.mvlock.sources]\n{wanted}"]
    load(tmp_path, f"{_HEAD}{ours}{wanted}\n", **files)


def test_groups_and_bounds_are_for_a_note(tmp_path: Path) -> None:
    text = f"{_HEAD}[tool.poetry.group.docs.dependencies]\nsphinx = '*'\n"
    text += "[tool.uv]\nconstraint-dependencies = ['a<2']\npackage = true\n[tool.poetry]\nauthors = []\n"
    assert load(tmp_path, text).unread == (
        "group docs",
        "constraints",
        "tool.poetry: default groups docs",
    )
    ours = "[dependency-groups]\ndocs = []\n[tool.mvlock]\nconstraints = ['a<3']\n"
    assert load(tmp_path, text + ours).unread == ("tool.poetry: default groups docs",)
    assert load(tmp_path, f"{text}[tool.mvlock]\nignore-tools = ['poetry', 'uv']\n").unread == ()


def test_a_table_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as error:
        load(tmp_path, f"{_HEAD}[tool.uv]\nsources = 3\n")
    assert (error.value.code, error.value.message) == (
        "foreign-invalid",
        "pyproject.toml cannot be understood: tool.uv.sources must be a table",
    )
    load(tmp_path, f'{_HEAD}[tool.uv]\nsources = 3\n[tool.mvlock]\nignore-tools = ["uv"]\n')


def test_a_project_of_poetry_alone_is_told_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as error:
        load(tmp_path, '[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\nlib = "*"\n')
    assert error.value.message == (
        "pyproject.toml: there is no [project] table; "
        "run `mvlock init --from pyproject.toml` to make it from [tool.poetry]"
    )


def test_dependencies_that_poetry_fills_in_are_told_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"run `mvlock init --from pyproject\.toml`"):
        load(tmp_path, '[project]\nname = "app"\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nlib = "*"\n')
