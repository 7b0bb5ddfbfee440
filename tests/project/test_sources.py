"""Where projects come from."""

from __future__ import annotations

from pathlib import Path

from mvlock.project.index_address import INDEX_FORMS
from mvlock.project.model import GitSource, IndexSource, NamedIndexSource, PathSource, UrlSource
from tests.project.projects import load, problems, requirement_texts, tree


def make_source(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "dep-a"\n', encoding="utf-8")


def test_every_kind_of_source(tmp_path: Path) -> None:
    make_source(tmp_path / "src" / "dep_a")
    project = load(
        tmp_path,
        """[tool.mvlock.sources]
        Dep_A = { path = "./src/dep_a", editable = true }
        lib = { git = "https://example.invalid/lib", rev = "v1" }
        tool = { url = "https://example.invalid/tool-1.tar.gz", subdirectory = "py" }
        inner = { index = "internal" }
        [[tool.mvlock.index]]
        name = "internal"
        url = "https://example.invalid/simple"
        explicit = true
        """,
    )
    assert dict(project.sources) == {
        "dep-a": PathSource((tmp_path / "src" / "dep_a").resolve(), "src/dep_a", editable=True),
        "inner": NamedIndexSource("internal"),
        "lib": GitSource("https://example.invalid/lib", "v1"),
        "tool": UrlSource("https://example.invalid/tool-1.tar.gz", None, "py"),
    }
    assert project.indexes == (IndexSource("internal", "https://example.invalid/simple/", explicit=True),)


def test_direct_references_become_sources(tmp_path: Path) -> None:
    make_source(tmp_path / "near")
    digest = "a" * 64
    project = load(
        tmp_path,
        f"""dependencies = [
            "near @ file://{tmp_path}/near",
            "lib[x] @ git+https://example.invalid/lib@v1#subdirectory=py ; os_name == 'posix'",
        ]
        [tool.mvlock.alias]
        old = "tool @ https://example.invalid/tool-1-py3-none-any.whl#sha256={digest.upper()}"
        """,
    )
    assert dict(project.sources) == {
        "lib": GitSource("https://example.invalid/lib", "v1", "py"),
        "near": PathSource((tmp_path / "near").resolve(), "near"),
        "tool": UrlSource("https://example.invalid/tool-1-py3-none-any.whl", digest),
    }
    assert requirement_texts(tree(project, "lib")) == ['lib[x]; os_name == "posix"']
    assert requirement_texts(tree(project, "old")) == ["tool"]


def test_a_project_has_one_source(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """dependencies = ["a @ https://example.invalid/a-1.tar.gz"]
        [tool.mvlock.sources]
        a = { git = "https://example.invalid/a" }
        A = { git = "https://example.invalid/a" }
        """,
    )
    assert found == [
        "tool.mvlock.sources.A: a second source for 'a'",
        "project.dependencies[0]: 'a' already has another source",
    ]


def test_wrong_shapes_of_sources_are_reported(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """[tool.mvlock.sources]
        a = { path = "x", url = "https://example.invalid/a" }
        b = {}
        c = { git = "https://example.invalid/c", editable = true }
        d = { pth = "x" }
        """,
    )
    assert found == [
        "tool.mvlock.sources.a: needs exactly one of 'path', 'git', 'url', 'index' and 'workspace'",
        "tool.mvlock.sources.b: needs exactly one of 'path', 'git', 'url', 'index' and 'workspace'",
        "tool.mvlock.sources.c: 'editable' does not go with 'git'",
        "tool.mvlock.sources.d.pth: unknown key; did you mean 'path'?",
    ]


def test_sources_that_lead_nowhere_are_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").touch()
    (tmp_path / "a.whl").touch()
    found = problems(
        tmp_path,
        """[tool.mvlock.sources]
        a = { path = "none" }
        b = { path = "empty" }
        c = { path = "text" }
        d = { path = "." }
        e = { path = "a.whl", editable = true }
        f = { url = "ftp://example.invalid/f" }
        g = { index = "intenal" }
        [[tool.mvlock.index]]
        name = "internal"
        url = "https://example.invalid/"
        """,
    )
    assert found == [
        "tool.mvlock.sources.a: 'none' does not exist",
        "tool.mvlock.sources.b: 'empty' contains neither pyproject.toml nor setup.py",
        "tool.mvlock.sources.c: 'text' is not a folder, wheel or sdist",
        "tool.mvlock.sources.d: '.' is the project itself",
        "tool.mvlock.sources.e: 'a.whl' is an archive and cannot be editable",
        "tool.mvlock.sources.f: 'ftp://example.invalid/f' is not an http or https URL",
        "tool.mvlock.sources.g.index: there is no index 'intenal'; did you mean 'internal'?",
    ]


def test_indexes_that_contradict_each_other_are_reported(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """[[tool.mvlock.index]]
        name = "a"
        url = "nowhere"
        default = true
        [[tool.mvlock.index]]
        name = "A"
        url = "https://example.invalid/"
        default = true
        explicit = true
        [[tool.mvlock.index]]
        name = "pypi"
        url = "https://example.invalid/"
        """,
    )
    assert found == [
        f"tool.mvlock.index[0].url: 'nowhere' is not {INDEX_FORMS}",
        "tool.mvlock.index[1].name: a second index has the name 'A'",
        "tool.mvlock.index[1].default: a second default index",
        "tool.mvlock.index[1].explicit: the default index cannot be explicit",
        "tool.mvlock.index[2].name: 'pypi' is the name of the default index; 'default = true' replaces it",
    ]
