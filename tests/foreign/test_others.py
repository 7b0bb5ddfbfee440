"""pylock.toml, Pipenv, conda, installed environments, and folders that have several of all these."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.foreign.reading import read_foreign
from tests.foreign.files import locked, omitted, read, required, sources

_PYLOCK = """\
lock-version = "1.0"
requires-python = ">=3.10"
created-by = "pip"

[[packages]]
name = "attrs"
version = "25.1.0"
[[packages.wheels]]
name = "attrs-25.1.0-py3-none-any.whl"
url = "https://files.example.invalid/attrs-25.1.0-py3-none-any.whl"
hashes = { sha256 = "c75a69e28a550a7e93789579c22aa26b0f5b83b75dc4e08fe092980051e1090a" }

[[packages]]
name = "cattrs"
version = "24.1.2"
marker = "python_version >= '3.8' and 'default' in dependency_groups"
dependencies = [{ name = "attrs" }]
[[packages.wheels]]
name = "cattrs-24.1.2-py3-none-any.whl"
url = "https://files.example.invalid/cattrs-24.1.2-py3-none-any.whl"
hashes = { sha256 = "67c7495b760168d931a10233f979b28dc04daf853b30752246f4f8471c6d68d0" }

[[packages]]
name = "tools"
[packages.vcs]
type = "git"
url = "https://git.example.invalid/tools"
requested-revision = "main"
commit-id = "0123456789abcdef0123456789abcdef01234567"
"""


def test_a_pylock_gives_versions_and_what_nothing_requires(tmp_path: Path) -> None:
    found = read(tmp_path, "pylock.web.toml", _PYLOCK)
    assert required(found) == {"": ["tools", "cattrs>=24.1.2"]}
    assert locked(found) == ["attrs==25.1.0", "cattrs==24.1.2"]
    assert sources(found, tmp_path) == {"tools": {"git": "https://git.example.invalid/tools", "rev": "main"}}
    assert omitted(found) == ["the locked commit of tools"]


_PIPFILE = """\
[[source]]
url = "https://mirror.example.invalid/simple"
verify_ssl = true
name = "mirror"

[[source]]
url = "https://packages.example.invalid/simple"
verify_ssl = true
name = "internal"

[packages]
flask = "*"
requests = { version = ">=2,<3", extras = ["socks"], markers = "sys_platform == 'linux'" }
pywin32 = { version = "*", os_name = "== 'nt'" }
core = { path = "./core", editable = true }
tools = { git = "https://git.example.invalid/tools.git", ref = "v1" }
secret = { version = "==1.0", index = "internal" }

[dev-packages]
pytest = "~=8.0"

[docs]
sphinx = "*"

[requires]
python_version = "3.11"

[scripts]
serve = "flask run"
"""
_PIPFILE_LOCK = {
    "_meta": {
        "hash": {"sha256": "aa"},
        "pipfile-spec": 6,
        "requires": {"python_version": "3.11"},
        "sources": [{"name": "mirror", "url": "https://mirror.example.invalid/simple", "verify_ssl": True}],
    },
    "default": {
        "core": {"editable": True, "path": "./core"},
        "flask": {
            "hashes": ["sha256:34e8"],
            "index": "mirror",
            "markers": "python_version >= '3.8'",
            "version": "==3.0.3",
        },
        "werkzeug": {"hashes": ["sha256:aaaa"], "version": "==3.0.3"},
    },
    "develop": {"pytest": {"hashes": [], "version": "==8.2.0"}},
}


def test_a_pipfile_with_its_lock(tmp_path: Path) -> None:
    found = read(tmp_path, "Pipfile", _PIPFILE, Pipfile__lock=json.dumps(_PIPFILE_LOCK))
    assert required(found) == {
        "": [
            "flask",
            'requests[socks]<3,>=2; sys_platform == "linux"',
            'pywin32; os_name == "nt"',
            "core",
            "tools",
            "secret==1.0",
        ],
        "group dev": ["pytest~=8.0"],
        "group docs": ["sphinx"],
    }
    assert sources(found, tmp_path) == {
        "core": {"path": "core", "editable": True},
        "tools": {"git": "https://git.example.invalid/tools.git", "rev": "v1"},
        "secret": {"index": "internal"},
    }
    assert [(index.name, index.default, index.explicit) for index in found.indexes] == [
        ("mirror", True, False),
        ("internal", False, True),
    ]
    assert locked(found) == ['flask==3.0.3 ; python_version >= "3.8"', "pytest==8.2.0", "werkzeug==3.0.3"]
    assert omitted(found) == ["requires", "[scripts]"]
    assert found.requires_python == ">=3.11"


def test_of_a_pipfile_lock_alone_everything_is_required(tmp_path: Path) -> None:
    found = read(tmp_path, "Pipfile.lock", json.dumps(_PIPFILE_LOCK))
    assert required(found)[""] == ["core", 'flask==3.0.3; python_version >= "3.8"', "werkzeug==3.0.3"]
    assert "the Pipfile" in omitted(found)


_CONDA = """\
name: shop
channels:
  - conda-forge
  - defaults
dependencies:
  - python=3.11
  - numpy=1.26
  - conda-forge::pandas>=2.0,<3
  - scikit-learn==1.5.0=py311_0
  - pytorch
  - cudatoolkit=11.8
  - graphviz
  - pip
  - pip:
    - fastapi>=0.110
    - -e ./core
variables:
  MODE: fast
"""


def test_of_conda_what_is_evidently_on_the_index_is_taken(tmp_path: Path) -> None:
    core = {"core/pyproject__toml": '[project]\nname = "core"\n'}
    found = read(tmp_path, "environment.yml", _CONDA, **core)
    assert required(found) == {
        "": ["numpy==1.26.*", "pandas<3,>=2.0", "scikit-learn==1.5.0", "torch", "fastapi>=0.110", "core"]
    }
    assert (found.name, found.requires_python) == ("shop", "==3.11.*")
    assert sources(found, tmp_path) == {"core": {"path": "core", "editable": True}}
    assert omitted(found) == ["conda packages cudatoolkit=11.8, graphviz", "variables"]


def _install(folder: Path, name: str, version: str, *requires: str, origin: object = None) -> None:
    info = folder / "lib" / "python3.11" / "site-packages" / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n", encoding="utf-8")
    if origin is not None:
        (info / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")


def test_of_an_environment_what_nothing_requires_is_required(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.9\n", encoding="utf-8")
    _install(tmp_path, "pip", "24.0")
    _install(tmp_path, "Flask", "3.0.3", "Werkzeug>=3", "tomli; python_version < '3.11'", "asgiref; extra == 'async'")
    _install(tmp_path, "werkzeug", "3.0.3")
    _install(tmp_path, "tomli", "2.0.1")
    _install(tmp_path, "one", "1.0", "two")
    _install(tmp_path, "two", "1.0", "one")
    _install(tmp_path, "core", "0.1", origin={"url": f"file://{tmp_path}/core", "dir_info": {"editable": True}})
    found = read_foreign(tmp_path)
    assert required(found) == {"": ["core", "flask>=3.0.3", "one>=1.0", "tomli>=2.0.1"]}
    assert sources(found, tmp_path) == {"core": {"path": "core", "editable": True}}
    assert locked(found) == ["flask==3.0.3", "one==1.0", "tomli==2.0.1", "two==1.0", "werkzeug==3.0.3"]
    assert found.requires_python == ">=3.11"


def test_in_a_folder_the_most_telling_file_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    read(tmp_path, "requirements.txt", "a\n", Pipfile='[packages]\nb = "*"\n')
    found = read_foreign(tmp_path)
    assert (required(found), omitted(found)) == ({"": ["b"]}, ["requirements.txt"])


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as error:
        read_foreign(tmp_path)
    assert error.value.code == "foreign-unknown"


def test_a_file_without_a_known_name_may_have_requirements(tmp_path: Path) -> None:
    assert required(read(tmp_path, "deps", "a>=1\n")) == {"": ["a>=1"]}
    with pytest.raises(LocalError) as error:
        read(tmp_path, "notes.md", "These are no requirements!\n")
    assert error.value.code == "foreign-unknown"
