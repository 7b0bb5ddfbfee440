"""Metadata of sources: read from their files, by a build only where that is not enough."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.build.builder import Builder
from mvlock.errors import BadArtifact, LocalError, NetworkFailure, UnmetRequest
from mvlock.index.model import IndexFile
from mvlock.project.model import GitSource, PathSource, UrlSource
from tests.build.conftest import opened
from tests.install.test_sources import commit_all
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, sdist, wheel, write_source


def path_source(folder: Path, text: str = "", **files: str) -> PathSource:
    """A folder with this pyproject.toml (empty: no backend that would work) and these files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    for path, content in files.items():
        target = folder / path.replace("__", "/").replace("_py", ".py")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    return PathSource(folder, folder.name)


def index_sdist(index: LocalIndex, release: Release) -> IndexFile:
    """An sdist as a page lists it."""
    name, content = sdist(release)
    served = index.publish_file(release.name, name, content)
    return IndexFile(
        name, served.url, canonicalize_name(release.name), release.version, "sdist", "local", dict(served.hashes)
    )


UNBUILDABLE = '[build-system]\nrequires = ["no-such-thing"]\nbuild-backend = "nothing"\n'


def test_static_metadata_needs_no_build(builder: Builder, tmp_path: Path) -> None:
    table = (
        '[project]\nname = "A.b"\nversion = "1.5"\nrequires-python = ">=3.9"\ndependencies = ["c>=2"]\n'
        "[project.optional-dependencies]\nmore = [\"d; python_version > '3'\"]\n"
    )
    found = builder.metadata(path_source(tmp_path / "a", UNBUILDABLE + table))
    assert (found.name, found.version) == ("a-b", Version("1.5"))
    assert found.requires_python == SpecifierSet(">=3.9")
    assert [str(item) for item in found.requires_dist] == [
        "c>=2",
        'd; python_version > "3" and extra == "more"',
    ]
    assert found.provides_extra == {"more"}


@pytest.mark.parametrize("dynamic", [["requires-dist"], ["requires-python"]])
def test_dynamic_metadata_comes_from_the_backend(builder: Builder, tmp_path: Path, dynamic: list[str]) -> None:
    release = Release("a", "1.0", requires=["c"], python=">=3.8", dynamic=dynamic)
    source = PathSource(write_source(tmp_path / "a", release), "a")
    found = builder.metadata(source)
    assert ([str(item) for item in found.requires_dist], str(found.requires_python)) == (["c"], ">=3.8")


def test_an_sdist_that_says_it_all_is_not_built(builder: Builder, index: LocalIndex) -> None:
    file = index_sdist(index, Release("a", "1.0", requires=["c"], build_error="must not be asked"))
    assert [str(item) for item in builder.metadata(file).requires_dist] == ["c"]


def test_dynamic_metadata_of_an_sdist_comes_from_its_backend(builder: Builder, index: LocalIndex) -> None:
    file = index_sdist(index, Release("a", "1.0", requires=["c"], dynamic=["requires-dist"]))
    assert [str(item) for item in builder.metadata(file).requires_dist] == ["c"]


def test_a_failing_backend_is_reported_with_the_end_of_its_log(builder: Builder, index: LocalIndex) -> None:
    file = index_sdist(index, Release("a", "1.0", dynamic=["requires-dist"], build_error="no compiler here"))
    with pytest.raises(BadArtifact, match="no compiler here") as caught:
        builder.metadata(file)
    assert caught.value.code == "build-failed"
    assert "a-1.0.tar.gz" in caught.value.message


@pytest.mark.parametrize("folders", ["['app', 'lib', 'py_modules']", "['app', 'lib']"])
def test_setuptools_that_finds_what_was_installed_is_told_what_is_the_projects_own(
    builder: Builder, index: LocalIndex, folders: str
) -> None:
    found = f"Multiple top-level packages discovered in a flat-layout: {folders}."
    file = index_sdist(index, Release("a", "1.0", dynamic=["requires-dist"], build_error=found))
    with pytest.raises(BadArtifact) as caught:
        builder.metadata(file)
    assert caught.value.hint is not None
    assert "[tool.setuptools]" in caught.value.hint


def test_sources_of_one_relative_path_have_logs_of_their_own(builder: Builder, tmp_path: Path) -> None:
    def failing_log(project: str) -> str:
        folder = write_source(
            tmp_path / project / "libs/a", Release("a", "1.0", dynamic=["requires-dist"], build_error=f"no {project}")
        )
        with pytest.raises(BadArtifact) as caught:
            builder.metadata(PathSource(folder, "libs/a"))
        return str(caught.value.facts["log"])

    one, two = failing_log("one"), failing_log("two")
    assert one != two
    assert "no one" in Path(one).read_text()
    assert "no two" in Path(two).read_text()


def test_of_builds_that_fail_again_and_again_the_last_logs_are_kept(builder: Builder, tmp_path: Path) -> None:
    def failing_log(state: int, folder: str = "libs/a") -> Path:
        release = Release("a", "1.0", dynamic=["requires-dist"], build_error=f"no {state}")
        with pytest.raises(BadArtifact) as caught:
            builder.wheel(PathSource(write_source(tmp_path / folder, release), folder))
        return Path(str(caught.value.facts["log"]))

    other = failing_log(0, "libs/a-b")
    logs = [failing_log(state) for state in range(5)]
    assert [log.exists() for log in logs] == [False, False, True, True, True]
    assert other.exists()


def test_a_truncated_record_of_a_build_is_made_again(builder: Builder, tmp_path: Path, project: ProjectFolder) -> None:
    folder = write_source(tmp_path / "a", Release("a", "1.0", dynamic=["requires-dist"]))
    source = PathSource(folder, "a")
    expected = builder.metadata(source), builder.wheel(source).receipt.name
    notes = [path for path in project.cache.glob("builds-*/*") if path.is_file() and path.suffix != ".lock"]
    assert len(notes) == 2
    for note in notes:
        note.write_bytes(note.read_bytes()[:5])
    with opened(project) as again:
        assert (again.metadata(source), again.wheel(source).receipt.name) == expected


def test_build_requirements_that_do_not_exist_are_named(builder: Builder, tmp_path: Path) -> None:
    source = path_source(tmp_path / "a", UNBUILDABLE)
    with pytest.raises(Exception, match="no-such-thing") as caught:
        builder.metadata(source)
    assert getattr(caught.value, "exit_code", 70) in {1, 4}


@pytest.mark.parametrize("text", ["[build-system]\nrequires = 1\n", "not toml"])
def test_a_broken_pyproject_is_reported(builder: Builder, tmp_path: Path, text: str) -> None:
    with pytest.raises(BadArtifact):
        builder.metadata(path_source(tmp_path / "a", text))


def test_a_source_that_is_not_there_is_a_usage_error(builder: Builder, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="libs/a does not exist") as caught:
        builder.metadata(PathSource(tmp_path / "libs/a", "libs/a"))
    assert caught.value.code == "source-missing"
    (tmp_path / "empty").mkdir()
    with pytest.raises(LocalError, match=r"no pyproject\.toml"):
        builder.metadata(PathSource(tmp_path / "empty", "empty"))


@pytest.mark.parametrize(
    ("table", "files", "names"),
    [
        ("", {"src__a__x_py": ""}, ("a.x",)),
        ("", {"src__a_py": ""}, ("a",)),
        ("", {"my_thing_py": ""}, ("my_thing",)),
        ('import-names = ["spam", "eggs.fried ; private", "ham.raw"]\n', {}, ("ham", "spam")),
    ],
)
def test_import_names_are_clear_from_usual_layouts(
    builder: Builder, tmp_path: Path, table: str, files: dict[str, str], names: tuple[str, ...]
) -> None:
    text = f'[project]\nname = "my-thing"\nversion = "1"\n{table}{UNBUILDABLE}'
    assert builder.import_names(path_source(tmp_path / "a", text, **files)) == names


def test_import_names_of_other_layouts_come_from_a_built_wheel(builder: Builder, tmp_path: Path) -> None:
    release = Release("a", "1.0", files={"one/__init__.py": "", "two.py": "", "tests/t.py": ""})
    source = PathSource(write_source(tmp_path / "a", release), "a")
    assert builder.import_names(source) == ("one", "two")


def test_a_wheel_is_built_once_also_for_later_runs(builder: Builder, tmp_path: Path) -> None:
    source = PathSource(write_source(tmp_path / "a", Release("a", "1.0")), "a")
    first = builder.wheel(source)
    assert builder.wheel(source).folder == first.folder
    (source.path / "src/a/__init__.py").write_text("changed = True\n")
    assert builder.wheel(source).folder != first.folder


def test_a_local_wheel_is_taken_as_it_is(builder: Builder, tmp_path: Path) -> None:
    name, content = wheel(Release("a", "1.0", requires=["c"]))
    (tmp_path / name).write_bytes(content)
    source = PathSource(tmp_path / name, name)
    assert [str(item) for item in builder.metadata(source).requires_dist] == ["c"]
    assert builder.import_names(source) == ("a",)
    assert builder.locked_source(source).sha256 == hashlib.sha256(content).hexdigest()


def test_a_branch_is_pinned_to_its_commit(builder: Builder, tmp_path: Path) -> None:
    write_source(tmp_path / "repository", Release("a", "1.0"))
    commit = commit_all(tmp_path / "repository")
    source = GitSource((tmp_path / "repository").as_uri(), "main")
    assert builder.locked_source(source).commit_id == commit
    assert builder.locked_source(GitSource(source.url)).commit_id == commit
    assert builder.metadata(source).version == Version("1.0")
    with pytest.raises(LocalError, match="no branch, tag or commit 'missing'"):
        builder.locked_source(GitSource(source.url, "missing"))


def test_an_option_is_no_revision(builder: Builder, tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        builder.locked_source(GitSource("https://example.invalid/x.git", "--upload-pack=evil"))
    assert caught.value.code == "git-revision-unknown"


def test_a_url_without_a_hash_is_locked_to_what_is_there(builder: Builder, index: LocalIndex) -> None:
    name, content = sdist(Release("a", "1.0"))
    url = index.publish_file("unlisted", name, content).url
    locked = builder.locked_source(UrlSource(url))
    assert (locked.sha256, locked.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert builder.metadata(UrlSource(url)).version == Version("1.0")


def test_offline_a_url_without_a_hash_is_what_it_was(
    builder: Builder, index: LocalIndex, project: ProjectFolder
) -> None:
    url = index.publish_file("unlisted", *sdist(Release("a", "1.0"))).url
    locked = builder.locked_source(UrlSource(url))
    with opened(project, offline=True) as again:
        assert again.locked_source(UrlSource(url)) == locked


def test_a_url_that_cannot_be_fetched_is_named_without_its_credentials(
    builder: Builder, project: ProjectFolder
) -> None:
    url = "http://me:secret@127.0.0.1:9/a-1.0.tar.gz"
    shown = "http://127.0.0.1:9/a-1.0.tar.gz"
    with pytest.raises(NetworkFailure, match=f"^could not fetch a-1.0.tar.gz from {shown}: "):
        builder.locked_source(UrlSource(url))
    message = f"^a-1.0.tar.gz from {shown} is not in the cache, and `--offline` is set$"
    for digest in (None, "0" * 64):
        with opened(project, offline=True) as offline, pytest.raises(NetworkFailure, match=message):
            offline.locked_source(UrlSource(url, digest))


def test_a_folder_may_change_and_is_not_identified(builder: Builder, tmp_path: Path) -> None:
    locked = builder.locked_source(PathSource(write_source(tmp_path / "a", Release("a", "1.0")), "a"))
    assert (locked.commit_id, locked.sha256) == (None, None)


def test_an_editable_wheel_points_at_the_source(builder: Builder, tmp_path: Path) -> None:
    source = PathSource(write_source(tmp_path / "a", Release("a", "1.0")), "a", editable=True)
    stored = builder.wheel(source, editable=True)
    (pth,) = (file.path for file in stored.receipt.files if file.path.endswith(".pth"))
    assert (stored.files / pth).read_text().strip() == str((source.path / "src").resolve())


GENERATED = """
import pathlib, generator

def prepare_metadata_for_build_wheel(folder, settings=None):
    info = pathlib.Path(folder, "a.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.2\\nName: a\\nVersion: {generator.VERSION}\\n")
    return info.name

def build_wheel(folder, settings=None, metadata=None):
    raise NotImplementedError
"""


@pytest.fixture
def generated(index: LocalIndex, tmp_path: Path) -> PathSource:
    """A source whose version is that of a build requirement, of which there are two."""
    for version in ("1.0", "2.0"):
        index.publish("generator", version, files={"generator.py": f"VERSION = {version!r}\n"})
    text = '[build-system]\nrequires = ["generator>=1"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    return path_source(tmp_path / "a", text, backend_py=GENERATED)


def test_a_build_within_other_constraints_is_another_build(project: ProjectFolder, generated: PathSource) -> None:
    found = []
    for tool in ("", 'build-constraints = ["generator<2", "unused==1"]', "", 'constraints = ["generator<2"]'):
        project.write(tool=tool)
        with opened(project) as builder:
            found.append(str(builder.metadata(generated).version))
    assert found == ["2.0", "1.0", "2.0", "2.0"]


def test_build_constraints_that_exclude_what_a_build_needs_are_named(
    project: ProjectFolder, generated: PathSource
) -> None:
    project.write(tool='build-constraints = ["generator<1"]')
    with opened(project) as builder, pytest.raises(UnmetRequest) as caught:
        builder.metadata(generated)
    assert caught.value.message.startswith("a cannot be built: ")
    assert "tool.mvlock.build-constraints[0] allows only generator<1" in caught.value.message
    assert 'loosen "generator<1" (tool.mvlock.build-constraints[0]) to allow generator 2.0' in str(caught.value.hint)
