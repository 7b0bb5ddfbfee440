"""Shapes that the tools themselves have written: parts of their files, with the version of the tool."""

from __future__ import annotations

import json
from pathlib import Path

from mvlock.foreign.model import without_public_indexes
from mvlock.foreign.reading import read_foreign
from tests.foreign.files import locked, omitted, read, required, sources

_PUBLIC = "https://public.example.invalid/simple"
_POETRY_2_5 = """\
[[package]]
name = "django"
version = "4.2.30"
optional = false
python-versions = ">=3.8"
groups = ["main"]
markers = "python_version < \\"3.12\\""
files = []

[package.dependencies]
asgiref = ">=3.6.0,<4"
tzdata = {version = "*", markers = "sys_platform == \\"win32\\""}

[package.source]
type = "legacy"
url = "https://mirror.example.invalid/simple"
reference = "mirror"

[[package]]
name = "gitlib"
version = "0.2.0"
optional = false
python-versions = "*"
groups = ["main"]
files = []
develop = false

[package.source]
type = "git"
url = "https://git.example.invalid/gitlib"
reference = "v0.2.0"
resolved_reference = "1ff038642621243d56e8ee1a75fadf07756c170b"

[[package]]
name = "mylib"
version = "0.1.0"
optional = false
python-versions = "*"
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../libs/mylib"

[metadata]
lock-version = "2.1"
python-versions = "^3.10 || ^3.12"
content-hash = "0f"
"""


def test_a_lock_of_poetry_alone(tmp_path: Path) -> None:
    found = read(tmp_path, "poetry.lock", _POETRY_2_5)
    assert locked(found) == ['django==4.2.30 ; python_version < "3.12"']
    assert required(found) == {"": ["gitlib", "mylib", "django>=4.2.30"]}
    assert sources(found, tmp_path)["mylib"] == {"path": "../libs/mylib"}
    assert found.requires_python == ">=3.10,<4"


_UV_0_13 = """\
version = 1
revision = 5
requires-python = ">=3.11"
supported-markers = ["sys_platform == 'linux'"]

[options]
exclude-newer = "2026-06-01T00:00:00Z"

[options.exclude-newer-package]
ruff = "2026-07-01T00:00:00Z"

[manifest]
members = ["api", "root"]
constraints = [{ name = "urllib3", specifier = "<2" }]
excludes = ["colorama"]

[[package]]
name = "api"
version = "0.1.0"
source = { editable = "packages/api" }
dependencies = [{ name = "httpx" }]

[package.metadata]
requires-dist = [{ name = "httpx" }]

[[package]]
name = "httpx"
version = "0.28.1"
source = { registry = "https://files.example.invalid/simple" }
sdist = { url = "https://files.example.invalid/h.tar.gz", hash = "sha256:75", upload-time = "2024-12-06T15:37:23Z" }

[[package]]
name = "root"
version = "0.1.0"
source = { virtual = "." }
default-groups = ["dev", "docs"]
dependencies = [{ name = "api" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[package.metadata.requires-dev]
dev = [{ name = "pytest", specifier = ">=8" }]
"""
_ROOT = '[project]\nname = "root"\ndependencies = ["api"]\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
_API = '[project]\nname = "api"\ndependencies = ["httpx"]\n'


def test_a_member_of_a_workspace_has_the_versions_of_its_root(tmp_path: Path) -> None:
    found = read(tmp_path, "packages/api/pyproject.toml", _API, pyproject__toml=_ROOT, uv__lock=_UV_0_13)
    assert found.files == ("pyproject.toml", "uv.lock")
    assert locked(found) == ["httpx==0.28.1"]


def test_of_several_locks_that_of_the_tool_with_tables_counts(tmp_path: Path) -> None:
    poetry = '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\nhttpx = "*"\n'
    found = read(tmp_path, "pyproject.toml", poetry, uv__lock=_UV_0_13, poetry__lock=_POETRY_2_5)
    assert found.files == ("pyproject.toml (Poetry)", "poetry.lock")
    assert "uv.lock" in omitted(found)


_PDM_2_26 = """\
[metadata]
groups = ["default", "lint"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"

[[metadata.targets]]
requires_python = ">=3.10,<3.14"

[[package]]
name = "asgiref"
version = "3.12.1"
requires_python = ">=3.10"
groups = ["default"]
dependencies = ["typing-extensions>=4; python_version < \\"3.11\\""]

[[package]]
name = "mylib"
version = "0.1.0"
editable = true
path = "../libs/mylib"
groups = ["lint"]
dependencies = ["idna>=3"]
"""


def test_a_lock_of_pdm_alone(tmp_path: Path) -> None:
    found = read(tmp_path, "pdm.lock", _PDM_2_26)
    assert locked(found) == ["asgiref==3.12.1"]
    assert sources(found, tmp_path) == {"mylib": {"path": "../libs/mylib", "editable": True}}


_PIPENV_2026 = {
    "_meta": {"hash": {"sha256": "b0"}, "pipfile-spec": 6, "requires": {"python_version": "3.11"}, "sources": []},
    "default": {
        "flask": {"extras": ["async"], "hashes": ["sha256:0e"], "version": "==3.1.3"},
        "gitlib": {"git": "https://git.example.invalid/gitlib", "ref": "1ff038642621243d56e8ee1a75fadf07756c170b"},
        "mylib": {"editable": True, "path": "../libs/mylib"},
        "tomli": {"markers": "python_version < '3.11'", "version": "*"},
    },
    "develop": {},
    "docs": {"mkdocs": {"hashes": ["sha256:7b"], "markers": "python_version >= '3.8'", "version": "==1.6.1"}},
}
_PIPFILE = """\
[packages]
flask = {version = "3.*", extras = ["async"]}
waitress = {version = "3.*", sys_platform = "== 'win32'"}

[docs]
mkdocs = "1.6.1"
"""


def test_pipenv_takes_a_version_without_an_operator_for_an_exact_one(tmp_path: Path) -> None:
    found = read(tmp_path, "Pipfile", _PIPFILE, Pipfile__lock=json.dumps(_PIPENV_2026))
    assert required(found) == {
        "": ["flask[async]==3.*", 'waitress==3.*; sys_platform == "win32"'],
        "group docs": ["mkdocs==1.6.1"],
    }
    assert locked(found) == ["flask==3.1.3", 'mkdocs==1.6.1 ; python_version >= "3.8"']


_PYLOCK = """\
lock-version = "1.0"
requires-python = ">=3.11"
created-by = "{tool}"
""" + "".join(
    f"""
[[packages]]
name = "{name}"
version = "{version}"

[[packages.wheels]]
name = "{name}-{version}-py3-none-any.whl"
url = "https://files.example.invalid/{name}-{version}-py3-none-any.whl"
{{upload}}

[packages.wheels.hashes]
sha256 = "{"0" * 64}"
"""
    for name, version in (("asgiref", "3.13.0"), ("flask", "3.1.3"))
)


def test_a_pylock_beside_a_project_has_its_versions(tmp_path: Path) -> None:
    pyproject = '[project]\nname = "shop"\ndependencies = ["flask"]\n'
    text = _PYLOCK.format(tool="pip", upload="")
    for name in ("pylock.toml", "pylock.dev.toml"):
        found = read(tmp_path, name, text, pyproject__toml=pyproject)
        assert found.files == ("pyproject.toml", name)
        assert required(found) == {"": ["flask"]}
        assert locked(found) == ["asgiref==3.13.0", "flask==3.1.3"]
    assert read_foreign(tmp_path).files == ("pyproject.toml", "pylock.toml")


def test_a_pylock_alone_may_not_say_what_is_direct(tmp_path: Path) -> None:
    found = read(tmp_path, "pylock.toml", _PYLOCK.format(tool="pip", upload=""))
    assert required(found) == {"": ["asgiref>=3.13.0", "flask>=3.1.3"]}
    assert omitted(found) == ["what pylock.toml requires directly"]


def test_pipenv_writes_times_of_a_pylock_as_text(tmp_path: Path) -> None:
    text = _PYLOCK.format(tool="pipenv", upload="upload-time = '2022-06-29T15:00:00Z'")
    assert locked(read(tmp_path, "pylock.toml", text)) == ["asgiref==3.13.0", "flask==3.1.3"]


_HATCH = """\
[project]
name = "shop"
dependencies = ["click"]

[tool.hatch.envs.default]
dependencies = ["pytest", "lib @ {root:uri}/libs/lib"]
features = ["web"]

[tool.hatch.envs.lint]
detached = true
extra-dependencies = ["ruff"]
dependency-groups = ["typing"]

[[tool.hatch.envs.lint.matrix]]
python = ["3.12"]
"""


def test_environments_of_hatch_are_groups(tmp_path: Path) -> None:
    found = read(tmp_path, "pyproject.toml", _HATCH)
    assert required(found) == {"": ["click"], "group dev": ["pytest", "lib"], "group lint": ["ruff"]}
    assert sources(found, tmp_path) == {"lib": {"path": "libs/lib"}}
    assert found.includes == (("lint", "typing"),)
    assert omitted(found) == ["tool.hatch.envs.default.features"]


def test_a_repository_on_this_machine_keeps_its_url(tmp_path: Path) -> None:
    found = read(tmp_path, "requirements.txt", "lib @ git+file:///srv/lib@v0.2.0\n")
    assert sources(found, tmp_path) == {"lib": {"git": "file:///srv/lib", "rev": "v0.2.0"}}


def test_constraints_have_no_extras_and_no_requirements(tmp_path: Path) -> None:
    limits = "werkzeug[watchdog]<4\ngit+https://git.example.invalid/tools#egg=tools\n"
    found = read(tmp_path, "requirements.txt", "-c limits.txt\nflask\n", limits__txt=limits)
    assert (required(found), found.settings) == ({"": ["flask"]}, {"constraints": ["werkzeug<4"]})
    assert sources(found, tmp_path) == {"tools": {"git": "https://git.example.invalid/tools"}}


_SOURCES = f"""\
[project]
name = "shop"
dependencies = ["flask"]

[tool.uv.sources]
flask = {{ index = "main" }}

[[tool.uv.index]]
name = "main"
url = "{_PUBLIC}/"
"""


def test_the_public_index_under_another_name_is_that_of_mvlock(tmp_path: Path) -> None:
    found = without_public_indexes(read(tmp_path, "pyproject.toml", _SOURCES), lambda url: url.startswith(_PUBLIC))
    assert (found.indexes, sources(found, tmp_path)) == ((), {"flask": {"index": "pypi"}})
    own = '\n[[tool.uv.index]]\nname = "own"\nurl = "https://own.example.invalid/"\ndefault = true\n'
    kept = without_public_indexes(read(tmp_path, "pyproject.toml", _SOURCES + own), lambda url: url.startswith(_PUBLIC))
    assert [(index.name, index.default) for index in kept.indexes] == [("own", True), ("main", False)]


def test_sources_of_poetry_that_differ_by_platform_are_a_choice(tmp_path: Path) -> None:
    rows = '[{ source = "cpu", platform = "darwin" }, { source = "gpu", platform = "linux" }]'
    found = read(tmp_path, "pyproject.toml", f"[tool.poetry.dependencies]\ntorch = {rows}\n")
    assert [(condition, choice.index) for condition, choice in found.sources["torch"].choices] == [
        ('sys_platform == "darwin"', "cpu"),
        ('sys_platform == "linux"', "gpu"),
    ]


def test_commands_of_poetry_may_be_tables(tmp_path: Path) -> None:
    text = '[tool.poetry.scripts]\na = { callable = "shop:main" }\nb = { reference = "b.sh", type = "file" }\n'
    found = read(tmp_path, "pyproject.toml", text)
    assert (found.scripts, omitted(found)) == ({"a": "shop:main"}, ["tool.poetry.scripts.b"])


def test_dependencies_that_only_a_build_knows_are_named(tmp_path: Path) -> None:
    text = '[project]\nname = "shop"\ndynamic = ["version", "dependencies"]\n[dependency-groups]\ndev = ["ruff"]\n'
    assert omitted(read(tmp_path, "pyproject.toml", text)) == ["project.dynamic: dependencies"]
    assert omitted(read(tmp_path, "pyproject.toml", f'{text}[tool.poetry.dependencies]\na = "*"\n')) == []
