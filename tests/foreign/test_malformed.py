"""Files that are not what their names promise are one clear error each, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.foreign.reading import read_foreign

_TOML = ("pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Pipfile")
_GARBAGE = (b"\xff\xfe\x00", b"= [", b"a = " + b"[" * 5000, b"\x00")


def _refused(path: Path) -> LocalError:
    with pytest.raises(LocalError) as error:
        read_foreign(path)
    assert error.value.code == "foreign-invalid"
    assert path.name in error.value.message
    return error.value


@pytest.mark.parametrize("name", [*_TOML, "Pipfile.lock", "environment.yml", "requirements.txt"])
@pytest.mark.parametrize("content", _GARBAGE)
def test_bytes_that_mean_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    _refused(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("pyproject.toml", "tool = 3", "tool must be a table"),
        ("pyproject.toml", "project = []", "project must be a table"),
        ("pyproject.toml", "[project]\ndependencies = [1]", "project.dependencies"),
        ("pyproject.toml", '[project]\ndependencies = ["a=>1"]', "a=>1"),
        ("pyproject.toml", "[tool.poetry]\ndependencies = 3", "dependencies must be a table"),
        ("pyproject.toml", "[tool.poetry.dependencies]\na = 3", "tool.poetry.dependencies.a"),
        ("pyproject.toml", '[tool.poetry.dependencies]\na = "^x"', "x"),
        ("pyproject.toml", '[tool.poetry.dependencies]\na = "nightly build"', "nightly"),
        ("pyproject.toml", '[tool.poetry.dependencies]\n"a b" = "1"', "a b"),
        ("pyproject.toml", '[tool.poetry.dependencies]\na = { markers = "no" }', "no"),
        ("pyproject.toml", "[tool.poetry]\nsource = [{}]", "tool.poetry.source"),
        ("pyproject.toml", "[tool.poetry]\ngroup = [1]", "tool.poetry.group"),
        ("pyproject.toml", "[tool.uv]\nsources = 1", "tool.uv.sources must be a table"),
        ("pyproject.toml", "[tool.uv.sources]\na = 1", "tool.uv.sources.a"),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = 1", "tool.uv.workspace.members"),
        ("pyproject.toml", '[tool.uv.workspace]\nmembers = ["/x"]', "'/x' is not relative"),
        ("pyproject.toml", "[tool.uv]\nindex = [1]", "tool.uv.index"),
        ("pyproject.toml", "[tool.pdm]\nsource = 1", "tool.pdm.source"),
        ("pyproject.toml", "[tool.pdm.dev-dependencies]\na = 1", "tool.pdm.dev-dependencies"),
        ("pyproject.toml", '[tool.pdm.resolution.overrides]\na = "x y"', ""),
        ("poetry.lock", "package = [1]", "package"),
        ("poetry.lock", '[[package]]\nname = "a"', "version"),
        ("poetry.lock", '[[package]]\nname = "a"\nversion = "one"', "one"),
        ("poetry.lock", '[[package]]\nname = "a b"\nversion = "1"', "a b"),
        ("uv.lock", '[[package]]\nversion = "1"', "name"),
        ("uv.lock", '[[package]]\nname = "a"\nversion = "1"\nsource = 1', "source"),
        ("pdm.lock", '[[package]]\nname = "a"\ndependencies = 1', "dependencies"),
        ("pylock.toml", "packages = []", "lock-version"),
        ("pylock.toml", 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = 1', "name"),
        ("Pipfile", "[packages]\na = 1", "packages.a"),
        ("Pipfile", "packages = 1", "packages must be a table"),
        ("Pipfile", "[[source]]\nname = 1", "source"),
        ("Pipfile.lock", "[]", "Pipfile.lock"),
        ("Pipfile.lock", '{"default": {"a": {"version": 1}}}', "default.a"),
        ("Pipfile.lock", '{"_meta": 1, "default": {}}', "_meta"),
        ("environment.yml", "- a", "environment.yml"),
        ("environment.yml", "dependencies: {a: 1}", "dependencies"),
        ("environment.yml", "dependencies: [numpy=>=1]", ""),
        ("environment.yml", 'dependencies: ["!"]', "!"),
        ("environment.yml", "dependencies: [{pip: [a=>1]}]", "a=>1"),
        ("environment.yml", "dependencies: [numpy >= x]", "x"),
        ("environment.yml", "a: &a [*a]\ndependencies: *a", ""),
        ("requirements.txt", "--requirement\n", "line 1: --requirement needs a value"),
        ("requirements.txt", "-e \n", "--editable needs a value"),
        ("requirements.txt", "a @ \n", ""),
        ("requirements.txt", "--index-url 'x\n", ""),
    ],
)
def test_another_shape_is_named(tmp_path: Path, name: str, text: str, place: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert place in _refused(tmp_path / name).message


def test_a_distribution_without_a_version(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("version = 3.11.9\n", encoding="utf-8")
    info = tmp_path / "lib" / "python3.11" / "site-packages" / "a-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a\n", encoding="utf-8")
    with pytest.raises(LocalError) as error:
        read_foreign(tmp_path)
    assert error.value.code == "foreign-invalid"
