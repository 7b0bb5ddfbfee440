"""uv: its tables in pyproject.toml, workspaces, and uv.lock."""

from __future__ import annotations

from pathlib import Path

from tests.foreign.files import locked, omitted, read, required, sources

_PROJECT = """\
[project]
name = "shop"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["core", "flask>=2", "tools", "torch", "wheel-one"]

[project.optional-dependencies]
fast = ["orjson"]

[dependency-groups]
test = ["pytest", { include-group = "lint" }]
lint = ["ruff"]

[tool.uv]
dev-dependencies = ["mypy>=1"]
constraint-dependencies = ["urllib3<2"]
override-dependencies = ["numpy==1.26.4"]
environments = ["sys_platform == 'linux'"]
prerelease = "allow"
conflicts = [[{ extra = "fast" }, { group = "test" }]]

[tool.uv.sources]
core = { workspace = true }
tools = { git = "https://git.example.invalid/tools", tag = "v1", subdirectory = "python" }
torch = [
    { index = "cpu", marker = "sys_platform == 'linux'" },
    { index = "gpu", marker = "sys_platform != 'linux'" },
]
wheel-one = { index = "internal" }

[tool.uv.workspace]
members = ["packages/*"]
exclude = ["packages/old"]

[[tool.uv.index]]
name = "internal"
url = "https://packages.example.invalid/simple"
explicit = true
"""
_CORE = """\
[project]
name = "core"
version = "1.0"
dependencies = ["base"]

[tool.uv.sources]
base = { workspace = true }
"""
_BASE = '[project]\nname = "base"\nversion = "1.0"\n'
_MEMBERS = {"packages/core/pyproject__toml": _CORE, "packages/base/pyproject__toml": _BASE}


def test_the_tables_of_uv(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _PROJECT, **_MEMBERS)
    assert required(found) == {
        "": ["core", "flask>=2", "tools", "torch", "wheel-one"],
        "extra fast": ["orjson"],
        "group test": ["pytest"],
        "group lint": ["ruff"],
        "group dev": ["mypy>=1"],
    }
    assert found.settings == {
        "constraints": ["urllib3<2"],
        "overrides": ["numpy==1.26.4"],
        "environments": ["sys_platform == 'linux'"],
        "prereleases": "allow",
    }
    assert [(index.name, index.explicit) for index in found.indexes] == [("internal", True)]
    assert found.includes == (("test", "lint"),)
    assert omitted(found) == ["tool.uv.sources.torch", "tool.uv.conflicts"]


def test_members_of_a_workspace_are_folders_and_so_are_those_that_they_require(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _PROJECT, **_MEMBERS)
    rows = sources(found, tmp_path)
    assert rows["core"] == {"workspace": True}
    assert found.workspace is not None
    assert found.workspace.table == {"members": ["packages/*"], "exclude": ["packages/old"]}
    assert rows["base"] == {"workspace": True}
    assert rows["tools"] == {"git": "https://git.example.invalid/tools", "rev": "v1", "subdirectory": "python"}
    assert rows["wheel-one"] == {"index": "internal"}
    assert not found.sources["torch"].is_known


def test_a_member_has_the_sources_of_the_workspaces_root(tmp_path: Path) -> None:
    root = _PROJECT.replace("[tool.uv.workspace]", "base = { workspace = true }\n\n[tool.uv.workspace]")
    member = _CORE.partition("[tool.uv.sources]")[0]
    found = read(tmp_path, "packages/core/pyproject.toml", member, pyproject__toml=root, **{
        "packages/base/pyproject__toml": _BASE
    })  # fmt: skip
    assert sources(found, tmp_path / "packages" / "core") == {"base": {"workspace": True}}
    assert omitted(found) == ["tool.uv.conflicts"]  # not the conditions of torch, which it does not require


def test_an_excluded_folder_is_no_member(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _PROJECT, **{"packages/old/pyproject__toml": _CORE})
    assert not found.sources["core"].is_known


_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.10"
resolution-markers = [
    "python_full_version >= '3.11'",
    "python_full_version < '3.11'",
]

[manifest]
members = ["core", "shop"]

[[package]]
name = "core"
version = "1.0"
source = { editable = "packages/core" }

[[package]]
name = "flask"
version = "3.0.3"
source = { registry = "https://packages.example.invalid/simple" }
dependencies = [
    { name = "werkzeug" },
]
sdist = { url = "https://files.example.invalid/flask-3.0.3.tar.gz", hash = "sha256:ceb2", size = 676315 }
wheels = [
    { url = "https://files.example.invalid/flask-3.0.3-py3-none-any.whl", hash = "sha256:34e8", size = 101735 },
]

[[package]]
name = "numpy"
version = "2.2.6"
source = { registry = "https://packages.example.invalid/simple" }
resolution-markers = [
    "python_full_version < '3.11'",
]

[[package]]
name = "numpy"
version = "2.3.1"
source = { registry = "https://packages.example.invalid/simple" }
resolution-markers = [
    "python_full_version >= '3.11'",
]

[[package]]
name = "shop"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "core" },
    { name = "flask" },
    { name = "numpy", version = "2.2.6", source = { registry = "https://packages.example.invalid/simple" }, marker = "python_full_version < '3.11'" },
]

[package.dev-dependencies]
dev = [
    { name = "pytest" },
]

[[package]]
name = "tools"
version = "1.0"
source = { git = "https://git.example.invalid/tools?subdirectory=python&tag=v1#0123456789abcdef0123456789abcdef01234567" }

[[package]]
name = "werkzeug"
version = "3.0.3"
source = { registry = "https://packages.example.invalid/simple" }
"""  # noqa: E501 - as uv writes it


def test_the_versions_of_the_lock_have_their_markers(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _PROJECT, uv__lock=_LOCK, **_MEMBERS)
    assert locked(found) == [
        "flask==3.0.3",
        'numpy==2.2.6 ; python_full_version < "3.11"',
        'numpy==2.3.1 ; python_full_version >= "3.11"',
        "werkzeug==3.0.3",
    ]


def test_a_lock_alone_gives_what_nothing_requires(tmp_path: Path) -> None:
    found = read(tmp_path, "uv.lock", _LOCK)
    assert required(found) == {"": ["core", "tools", "flask>=3.0.3", "numpy>=2.2.6"]}
    assert sources(found, tmp_path) == {
        "core": {"path": "packages/core", "editable": True},
        "tools": {"git": "https://git.example.invalid/tools", "rev": "v1", "subdirectory": "python"},
    }
    assert found.requires_python == ">=3.10"


_SETTINGS = """\
[project]
name = "shop"
version = "0.1"
dependencies = ["a"]

[tool.uv]
package = false
default-groups = "all"
link-mode = "copy"
required-environments = ["sys_platform == 'darwin'"]
exclude-newer = "2 weeks"
exclude-newer-package = { a = "2025-01-01T00:00:00Z", b = false }
exclude-dependencies = ["unwanted"]
build-constraint-dependencies = ["setuptools<70"]
constraint-dependencies = ["urllib3[socks]<2", "c @ https://files.example.invalid/c-1-py3-none-any.whl"]
override-dependencies = [
    "numpy==1.26.4 ; python_version < '3.12'",
    "d @ git+https://git.example.invalid/d@v1",
    { package = { name = "e" }, dependencies = ["f<2"] },
]
no-build = true
prerelease = "if-necessary-or-explicit"
find-links = ["wheels"]

[[tool.uv.index]]
name = "page"
url = "https://files.example.invalid/links.html"
format = "flat"
explicit = true

[[tool.uv.index]]
name = "vendored"
url = "vendor/simple"
"""


def test_the_settings_of_uv_that_have_a_counterpart(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    found = read(tmp_path, "pyproject.toml", _SETTINGS)
    assert found.settings == {
        "exclude-newer": "2 weeks",
        "exclude-newer-package": {"a": "2025-01-01T00:00:00Z", "b": False},
        "exclude-dependencies": ["unwanted"],
        "build-constraints": ["setuptools<70"],
        "constraints": ["urllib3<2"],
        "overrides": ['numpy==1.26.4; python_version < "3.12"', "d"],
        "no-build": True,
    }
    assert sources(found, tmp_path) == {
        "c": {"url": "https://files.example.invalid/c-1-py3-none-any.whl"},
        "d": {"git": "https://git.example.invalid/d", "rev": "v1"},
    }
    assert [index.row(tmp_path) for index in found.indexes] == [
        {"name": "page", "url": "https://files.example.invalid/links.html", "explicit": True, "format": "flat"},
        {"name": "vendored", "url": "./vendor/simple"},
        {"name": "wheels", "url": "./wheels"},
    ]


def test_the_settings_of_uv_that_have_none_are_listed(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    assert omitted(read(tmp_path, "pyproject.toml", _SETTINGS)) == [
        "find-links wheels",
        "tool.uv.override-dependencies: {'package': {'name': 'e'}, 'dependencies': ['f<2']}",
        "tool.uv.default-groups",
        "tool.uv.required-environments",
        "tool.uv: link-mode, package",
    ]


def test_a_source_with_conditions_is_a_choice(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _PROJECT, **_MEMBERS)
    assert [(condition, choice.index) for condition, choice in found.sources["torch"].choices] == [
        ("sys_platform == 'linux'", "cpu"),
        ("sys_platform != 'linux'", "gpu"),
    ]
    assert found.left_out[0].why == (
        "a source of mvlock applies everywhere: write one into [tool.mvlock.sources], "
        """torch = { index = "cpu" } (sys_platform == 'linux') or torch = { index = "gpu" } (sys_platform != 'linux')"""
    )


def test_a_member_has_the_bounds_of_the_workspaces_root_and_not_its_own(tmp_path: Path) -> None:
    member = f'{_CORE}\n[tool.uv]\nconstraint-dependencies = ["ignored<1"]\n'
    found = read(tmp_path, "packages/core/pyproject.toml", member, pyproject__toml=_PROJECT, **{
        "packages/base/pyproject__toml": _BASE
    })  # fmt: skip
    assert found.settings["constraints"] == ["urllib3<2"]


def test_indexes_on_one_host_have_names_of_their_own(tmp_path: Path) -> None:
    urls = '["https://torch.example.invalid/cpu", "https://torch.example.invalid/gpu"]'
    found = read(tmp_path, "pyproject.toml", f'[project]\nname = "shop"\n[tool.uv]\nextra-index-url = {urls}\n')
    assert [index.name for index in found.indexes] == ["torch.example.invalid", "torch.example.invalid-2"]
