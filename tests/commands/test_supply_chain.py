"""What indexes advise against is refused or reported; builds can be refused, and are reported."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, sdist


def sdist_with(release: Release, more: Mapping[str, bytes]) -> tuple[str, bytes]:
    """An sdist with other files in place of the package in ``src``."""
    name, content = sdist(release)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=buffer, mode="w:gz") as new:
        kept = {member.name: old.extractfile(member) for member in old if "/src/" not in member.name}
        files = {path: stream.read() for path, stream in kept.items() if stream is not None}
        for path, data in {**files, **{f"{release.stem}/{path}": data for path, data in more.items()}}.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return name, buffer.getvalue()


def test_a_quarantined_project_is_not_locked(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", requires=["b"])
    index.publish("b", "1.0")
    index.statuses["b"] = ("quarantined", "malware")
    project.write(["a"])
    done = mvlock("resolve")
    assert done.code == 1
    assert "a 1.0 needs b, but b is quarantined: malware" in done.err
    assert not (project.root / "mv.lock").exists()


def test_an_older_release_that_does_not_need_it_is_locked(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0")
    index.publish("a", "2.0", requires=["b"])
    index.publish("b", "1.0")
    index.statuses["b"] = ("quarantined", "malware")
    project.write(["a"])
    assert mvlock("resolve").code == 0
    assert 'version = "1.0"' in (project.root / "mv.lock").read_text()


def test_what_was_quarantined_after_it_was_locked_is_not_installed(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert mvlock("resolve").code == 0
    index.statuses["a"] = ("quarantined", "malware")
    done = mvlock("install")
    assert done.code == 4
    assert "says of a: quarantined: malware" in done.err
    assert not (project.root / "py_modules" / "a").exists()


@pytest.mark.parametrize("status", ["archived", "deprecated"])
def test_other_statuses_are_noted(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, status: str) -> None:
    index.publish("a", "1.0", requires=["b"])
    index.publish("b", "1.0")
    index.statuses["b"] = (status, "use c")
    project.write(["a"])
    done = mvlock("resolve")
    assert done.code == 0
    assert f"b is {status}: use c" in done.err


def test_a_yanked_pin_is_noted(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", yanked="loses data")
    project.write(["a==1.0"])
    done = mvlock("resolve")
    assert done.code == 0
    assert "a 1.0 is yanked: loses data" in done.err


def test_a_release_that_was_yanked_since_it_was_locked_is_noted_when_it_is_downloaded(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert mvlock("resolve").code == 0
    index.publish("a", "1.0", yanked="loses data")
    done = mvlock("install")
    assert done.code == 0
    assert "a 1.0 is yanked: loses data" in done.err


def test_a_project_may_be_built_or_not(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    for name in ("a", "b"):
        index.publish(name, "1.0", wheel_tags=(), sdist=True)
    project.write(["a", "b"], tool='no-build-package = ["B"]')
    done = mvlock("resolve")
    assert done.code == 1
    assert "b 1.0 has only an sdist, and building it is off" in done.err
    project.write(["a"], tool='no-build-package = ["B"]')
    assert mvlock("resolve").code == mvlock("install").code == 0


def test_no_build_refuses_sdists_for_one_run(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)
    project.write(["a"])
    refused = mvlock("resolve", "--no-build")
    assert refused.code == 1
    assert "has only an sdist" in refused.err
    assert mvlock("resolve").code == 0
    refused = mvlock("install", "--no-build")
    assert refused.code == 1
    assert "building is off" in refused.err
    assert mvlock("install").code == 0
    assert mvlock("resolve", "--check").code == 0


def test_a_variable_refuses_builds(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)
    project.write(["a"])
    monkeypatch.setenv("MVLOCK_NO_BUILD", "1")
    assert mvlock("resolve").code == 1


@pytest.mark.parametrize("words", [("resolve",), ("resolve", "--dry-run"), ("add", "a", "--no-install")])
def test_what_is_built_to_be_understood_is_reported(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, words: tuple[str, ...]
) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=["requires-dist"])
    project.write(["a"] if words[0] == "resolve" else [])
    done = mvlock(*words)
    assert done.code == 0
    assert "built, which runs their code, to learn metadata or import names: a-1.0.tar.gz" in done.err
    assert "built, which runs their code" not in mvlock("resolve", "-U").err, "the result is kept"


def test_a_build_that_fails_has_run_code_too(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=["requires-dist"], build_error="no compiler")
    project.write(["a"])
    done = mvlock("resolve")
    assert done.code == 4
    assert "built, which runs their code, to learn metadata or import names: a-1.0.tar.gz" in done.err


def test_static_metadata_and_a_clear_layout_need_no_build(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True, build_error="must not be asked")
    project.write(["a"])
    done = mvlock("resolve")
    assert done.code == 0, done.err
    assert "built, which runs their code" not in done.err
    assert 'imports = ["a"]' in (project.root / "mv.lock").read_text()


@pytest.mark.parametrize(
    ("files", "is_built"),
    [
        ({"a.egg-info/top_level.txt": b"one\ntwo\n", "one/__init__.py": b"", "two.py": b"", "setup.py": b""}, False),
        ({"a.egg-info/top_level.txt": b"space\n", "space/one/__init__.py": b"", "setup.py": b""}, True),
        ({"a.egg-info/top_level.txt": b"../../one\n", "setup.py": b""}, True),
        ({"setup.py": b""}, True),
    ],
)
def test_names_that_setuptools_recorded_need_no_build(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, files: dict[str, bytes], is_built: bool
) -> None:
    release = Release("a", "1.0", build_error="asked")
    index.publish_file("a", *sdist_with(release, files))
    project.write(["a"])
    done = mvlock("resolve")
    assert ("asked" in done.err) == is_built
    if not is_built:
        assert 'imports = ["one", "two"]' in (project.root / "mv.lock").read_text()


def test_a_build_requirement_at_a_url_is_refused(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    url = f"{index.origin}/files/tool-1.0-py3-none-any.whl"
    index.publish("tool", "1.0")
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=["requires-dist"], build_requires=[f"tool @ {url}"])
    project.write(["a"])
    done = mvlock("resolve")
    assert done.code == 4
    assert "the build requirement tool is a direct reference" in done.err
    assert index.paths("tool-1.0") == []


def test_a_folder_of_the_user_is_built_without_a_word(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    project.add_source("lib", Release("lib", "1.0", dynamic=["requires-dist"]))
    project.write(["lib"], tool='sources.lib = { path = "lib" }')
    done = mvlock("resolve")
    assert done.code == 0
    assert "built, which runs their code" not in done.err
