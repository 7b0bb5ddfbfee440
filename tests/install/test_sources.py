"""What has no wheel on an index: folders, sdists, archives, repositories."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mvlock.errors import BadArtifact
from mvlock.lock.model import LockedArchive, LockedDirectory, LockedPackage, LockedVcs
from mvlock.plan.model import Action
from tests.install.world import World
from tests.support.release import Release, sdist, write_source


def directory(name: str, path: str, *, editable: bool = False) -> LockedPackage:
    """A package that is a folder of the project."""
    return LockedPackage(name=name, version="1.0", directory=LockedDirectory(path=path, editable=editable))


def origin(world: World, name: str) -> dict[str, object]:
    """What direct_url.json says."""
    path = world.site_packages("x") / f"{name}-1.0.dist-info" / "direct_url.json"
    loaded: dict[str, object] = json.loads(path.read_text())
    return loaded


def test_a_folder_is_built_and_says_where_it_came_from(world: World) -> None:
    source = world.folder.add_source("libs/a", Release("a", "1.0"))
    world.add(directory("a", "libs/a")).install({"x": ["a 1.0"]})
    assert world.python("app", "import a; print(a.__version__)") == "1.0"
    assert origin(world, "a") == {"url": source.resolve().as_uri(), "dir_info": {}}


def test_a_folder_is_built_again_when_it_changed_and_only_then(world: World) -> None:
    source = world.folder.add_source("libs/a", Release("a", "1.0"))
    world.add(directory("a", "libs/a")).install({"x": ["a 1.0"]})
    assert not world.install({"x": ["a 1.0"]}).changed
    (source / "src/a/__init__.py").write_text("__version__ = 'changed'\n")
    assert world.install({"x": ["a 1.0"]}).changed
    assert world.python("app", "import a; print(a.__version__)") == "changed"


def test_an_editable_folder_shows_changes_at_once_and_moves_with_the_project(world: World, tmp_path: Path) -> None:
    source = world.folder.add_source("libs/a", Release("a", "1.0"))
    world.add(directory("a", "libs/a", editable=True)).install({"x": ["a 1.0"]})
    (source / "src/a/__init__.py").write_text("__version__ = 'edited'\n")
    assert world.python("py_modules/x", "import a; print(a.__version__)") == "edited"
    assert world.python("app", "import a; print(a.__version__)") == "edited"
    assert not world.install({"x": ["a 1.0"]}).changed
    assert origin(world, "a")["dir_info"] == {"editable": True}
    (pth,) = world.site_packages("x").glob("*.pth")
    assert pth.read_text() == "../../../../../libs/a/src\n"


def test_after_a_move_an_install_records_where_the_source_is_now(world: World, tmp_path: Path) -> None:
    world.folder.add_source("libs/a", Release("a", "1.0"))
    trees = {"x": ["a 1.0"], "y": ["b 1.0"]}
    world.publish("b").add(directory("a", "libs/a", editable=True)).install(trees)
    moved = replace(world, folder=replace(world.folder, root=world.root.rename(tmp_path / "moved")))
    assert moved.python("app", "import a; print(a.__version__)") == "1.0"
    plan = moved.install(trees).plan
    assert [(step.tree, step.reason) for step in plan.steps if step.action is Action.REPLACE] == [
        ("x", f"the project was in {world.root}")
    ]
    assert origin(moved, "a")["url"] == (tmp_path / "moved/libs/a").as_uri()
    assert not moved.install(trees).changed


def test_an_editable_folder_is_in_the_view(world: World) -> None:
    world.folder.add_source("libs/a", Release("a", "1.0"))
    world.add(directory("a", "libs/a", editable=True)).install({"x": ["a 1.0"]})
    program = "import pkgutil; print([one.name for one in pkgutil.iter_modules() if one.name == 'a'])"
    assert world.python("app", program) == "['a']"


def test_a_new_module_of_an_editable_folder_is_routed_after_the_next_install(world: World) -> None:
    source = world.folder.add_source("libs/a", Release("a", "1.0"))
    world.add(directory("a", "libs/a", editable=True)).install({"x": ["a 1.0"]})
    (source / "src/more.py").write_text("")
    report = world.install({"x": ["a 1.0"]})
    assert report.map_changed
    assert report.plan.is_empty


def test_the_first_install_of_an_editable_folder_knows_its_modules_as_the_second_does(world: World) -> None:
    world.folder.add_source("libs/a", Release("a", "1.0", files={"a/__init__.py": "", "more.py": ""}))
    world.publish("b").add(directory("a", "libs/a", editable=True))
    trees = {"x": ["a 1.0"], "y": ["b 1.0"]}
    world.install(trees)
    assert world.python("app", "import importshim as i; print(i.tree('x').import_module('more').__name__)") == "more"
    assert not world.install(trees).changed


def test_an_editable_part_of_a_namespace_has_its_metadata_in_the_application(world: World) -> None:
    files = {"ns/part/__init__.py": "", "docs/conf.py": ""}
    world.folder.add_source("libs/a", Release("a", "1.0", files=files, scripts={"go": "ns.part:go"}))
    world.add(directory("a", "libs/a", editable=True)).publish("b")
    lock = world.lock({"x": ["a 1.0", "b 1.0"]}, x={"imports": ("ns.part",)})
    world.install(lock)
    code = (
        "import ns.part, importlib.metadata as m; print(m.version('a'), *(e.value for e in m.entry_points(name='go')))"
    )
    assert world.python("app", code) == "1.0 ns.part:go"
    (path,) = world.root.glob("app/lib/*/site-packages/importshim/import_map.json")
    (domain,) = json.loads(path.read_text())["domains"]
    assert [item["imports"] for item in domain["distributions"]] == [["ns"], ["b"]]


def test_an_editable_project_with_a_finder_has_its_metadata_in_the_application(world: World) -> None:
    world.publish("a", files={"_a.pth": "import _a_finder\n", "_a_finder.py": ""}).install({"x": ["a 1.0"]})
    assert world.python("app", "import importlib.metadata as m; print(m.version('a'))") == "1.0"


def test_an_sdist_of_an_index_is_built_once_for_all_trees(world: World) -> None:
    world.publish("a", wheel_tags=(), sdist=True).install({"x": ["a 1.0"], "y": ["a 1.0"]})
    assert world.python("py_modules/y", "import a; print(a.__version__)") == "1.0"
    assert len(world.folder.index.paths("a-1.0.tar.gz")) == 1


def test_build_requirements_are_installed_in_isolation(world: World) -> None:
    world.folder.index.publish("tool", "3.0", requires=["tool-dep"])
    world.folder.index.publish("tool-dep", "1.0")
    source = world.folder.add_source("libs/a", Release("a", "1.0", build_requires=["tool>=2"]))
    backend = (source / "backend.py").read_text()
    (source / "backend.py").write_text(
        f"import tool, tool_dep\nassert tool.__version__ == '3.0'\n{backend}".replace(
            "from __future__ import annotations\n", ""
        )
    )
    world.add(directory("a", "libs/a")).install({"x": ["a 1.0"]})
    assert world.python("app", "import a; print(a.__version__)") == "1.0"


def test_a_build_that_fails_shows_the_end_of_its_log_and_touches_nothing(world: World) -> None:
    world.install({})
    before = world.snapshot()
    world.publish("a", wheel_tags=(), sdist=True, build_error="the compiler is on holiday")
    with pytest.raises(BadArtifact) as caught:
        world.install({"x": ["a 1.0"]})
    assert caught.value.code == "build-failed"
    assert "the compiler is on holiday" in caught.value.message
    log = Path(str(caught.value.facts["log"]))
    assert str(log) in caught.value.message
    assert "the compiler is on holiday" in log.read_text()
    assert world.snapshot() == before


def test_a_failed_build_names_the_pythons_that_need_none(world: World) -> None:
    minor = int(world.interpreter.minor.removeprefix("3."))
    platform = world.interpreter.tags[0].rpartition("-")[2]
    older = [f"cp3{one}-cp3{one}-{platform}" for one in (minor - 1, minor - 2)]
    tags = [*older, f"cp3{minor - 3}-cp3{minor - 3}-win32"]
    world.publish("a", wheel_tags=tags, sdist=True, build_error="word " * 100)
    with pytest.raises(BadArtifact) as caught:
        world.install({"x": ["a 1.0"]})
    assert (
        f"\na 1.0 has wheels for CPython 3.{minor - 2} to 3.{minor - 1}, and none for 3.{minor}" in caught.value.message
    )
    assert f',<3.{minor}"` keeps to Pythons with wheels of ' in str(caught.value.hint)
    assert " of a 1.0; " in str(caught.value.hint), "which distribution needs none"
    assert max(map(len, caught.value.message.splitlines())) < 250


def test_a_local_archive_is_verified_and_built(world: World) -> None:
    name, content = sdist(Release("a", "1.0"))
    path = world.folder.add_file(name, content)
    digest = hashlib.sha256(content).hexdigest()
    archive = LockedArchive(path=name, hashes={"sha256": digest})
    world.add(LockedPackage(name="a", version="1.0", archive=archive)).install({"x": ["a 1.0"]})
    assert origin(world, "a") == {"url": path.resolve().as_uri(), "archive_info": {"hashes": {"sha256": digest}}}
    changed = msgspec.structs.replace(archive, hashes={"sha256": "0" * 64})
    with pytest.raises(BadArtifact) as caught:
        world.add(LockedPackage(name="a", version="1.0", archive=changed)).install({"x": ["a 1.0"]})
    assert caught.value.code == "hash-mismatch"


def test_an_archive_at_a_url_is_verified_and_built(world: World) -> None:
    name, content = sdist(Release("a", "1.0"))
    served = world.folder.index.publish_file("unlisted", name, content)
    archive = LockedArchive(url=served.url, hashes={"sha256": hashlib.sha256(content).hexdigest()})
    world.add(LockedPackage(name="a", version="1.0", archive=archive)).install({"x": ["a 1.0"]})
    assert world.python("app", "import a; print(a.__version__)") == "1.0"
    assert origin(world, "a")["url"] == served.url


def test_a_repository_is_built_at_its_commit(world: World, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    write_source(repository / "sub", Release("a", "1.0"))
    commit = commit_all(repository)
    (repository / "sub/src/a/__init__.py").write_text("__version__ = 'later'\n")
    commit_all(repository)
    vcs = LockedVcs(url=repository.as_uri(), requested_revision="main", commit_id=commit, subdirectory="sub")
    world.add(LockedPackage(name="a", version="1.0", vcs=vcs)).install({"x": ["a 1.0"]})
    assert world.python("app", "import a; print(a.__version__)") == "1.0"
    vcs_info = {"vcs": "git", "commit_id": commit, "requested_revision": "main"}
    assert origin(world, "a") == {"url": repository.as_uri(), "vcs_info": vcs_info, "subdirectory": "sub"}


def test_a_damaged_mirror_of_a_repository_is_made_again(world: World, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    write_source(repository, Release("a", "1.0"))
    commit = commit_all(repository)
    vcs = LockedVcs(url=repository.as_uri(), commit_id=commit)
    package = LockedPackage(name="a", version="1.0", vcs=vcs)
    world.add(package).install({"x": ["a 1.0"]})
    for file in (path for path in world.folder.cache.glob("git-1/*/objects/**/*") if path.is_file()):
        file.chmod(0o644)
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2] + b"damaged" + content[len(content) // 2 + 7 :])
    for name in ("store-12", "builds-2"):
        shutil.rmtree(world.folder.cache / name)
    shutil.rmtree(world.root / "py_modules")
    world.install({"x": ["a 1.0"]})
    assert world.python("app", "import a; print(a.__version__)") == "1.0"


def commit_all(repository: Path) -> str:
    """Commit everything in ``repository`` and return the commit."""

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
        command = ["git", "-C", str(repository), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    if not (repository / ".git").exists():
        git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message=all")
    return git("rev-parse", "HEAD")
