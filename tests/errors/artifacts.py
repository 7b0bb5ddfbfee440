"""Errors in input from outside: pages of an index, wheels, source archives, folders; and on the disk."""

from __future__ import annotations

import io
import shutil
import zipfile

from mvlock.codes import Code
from tests.errors.scenario import Scenario, Setup
from tests.errors.user_errors import LOCKED, simple
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, metadata, wheel, zip_archive

_WHEEL = "a-1.0-py3-none-any.whl"


def _files() -> dict[str, bytes]:
    """The files of a good wheel."""
    _, content = wheel(Release("a", "1.0"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _with(path: str) -> Setup:
    """A wheel with another file, which its RECORD does not name."""

    def publish(index: LocalIndex, project: ProjectFolder) -> None:
        index.publish_file("a", _WHEEL, zip_archive({**_files(), path: b""}))

    return publish


def _page(content: str) -> Setup:
    def publish(index: LocalIndex, project: ProjectFolder) -> None:
        index.publish_page("a", content.encode())

    return publish


def _broken_sdist(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish_file("a", "a-1.0.zip", b"not an archive")


def _no_archive(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish_file("a", _WHEEL, b"not an archive", metadata=metadata(Release("a", "1.0")))


def _of_another(index: LocalIndex, project: ProjectFolder) -> None:
    text = metadata(Release("a", "1.0"))
    renamed = zip_archive({path: content.replace(b"Name: a", b"Name: b") for path, content in _files().items()})
    index.publish_file("a", _WHEEL, renamed, metadata=text)


def _nonsense(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", requires=["b >= one"])


def _elsewhere(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", wheel_tags="py3-none-win_amd64")


def _withdrawn(index: LocalIndex, project: ProjectFolder) -> None:
    index.remove_project("a")
    index.publish("a", "2.0")
    shutil.rmtree(project.cache)


def _collide(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", files={"plugins": "one file"})
    index.publish("b", "1.0", files={"plugins/b.py": ""})


def _own_folder(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_file("py_modules/a/notes.txt", "mine")


def _edited(index: LocalIndex, project: ProjectFolder) -> None:
    (module,) = (project.root / "py_modules" / "a").rglob("a/__init__.py")
    module.unlink()
    module.write_text("changed = True\n", encoding="utf-8")


def _of_a(title: str, code: Code, exit_code: int, setup: Setup, context: str = "") -> Scenario:
    """Locked, and found to be wrong when it is installed."""
    return Scenario(
        title,
        code,
        exit_code,
        ("a",),
        python=">=3.10",
        setup=setup,
        before=LOCKED,
        command=("install",),
        context=context,
    )


def _renamed_index(index: LocalIndex, project: ProjectFolder) -> None:
    text = project.pyproject.read_text("utf-8")
    project.pyproject.write_text(text.replace('name = "local"', 'name = "other"'), "utf-8")


ARTIFACTS = (
    Scenario("A page that is not from an index", "index-invalid", 3, ("a",), setup=_page("<")),
    Scenario(
        "A page of an unknown API version",
        "index-api-version",
        3,
        ("a",),
        setup=_page('{"meta": {"api-version": "2.0"}, "name": "a", "files": []}'),
    ),
    Scenario("Metadata that cannot be understood", "metadata-invalid", 1, ("a",), setup=_nonsense),
    Scenario("A wheel that is not a zip archive", "wheel-invalid", 4, ("a",), setup=_no_archive),
    Scenario("A source archive that cannot be read", "sdist-invalid", 1, ("a",), setup=_broken_sdist),
    _of_a("No file for this machine", "artifact-missing", 1, _elsewhere),
    Scenario(
        "An environment that is not locked",
        "environment-not-locked",
        1,
        ("a",),
        "environments = [\"sys_platform == 'win32'\"]",
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        command=("install",),
    ),
    _of_a("A wheel that does not match its RECORD", "record-mismatch", 4, _with("a/more.py")),
    Scenario(
        "An addition that cannot be installed",
        "record-mismatch",
        4,
        python=">=3.10",
        setup=_with("a/more.py"),
        command=("add", "a"),
        context="`add` and `remove` change both files only if the result can be installed.",
    ),
    _of_a("A wheel that writes outside the target directory", "wheel-unsafe", 4, _with("../a.py")),
    _of_a("A wheel of another project", "metadata-mismatch", 4, _of_another),
    Scenario(
        "A project that was locked from another index",
        "index-changed",
        3,
        ("a",),
        setup=simple,
        before=LOCKED,
        after=_renamed_index,
        context="Projects of one name on two indexes may be unrelated. `--upgrade-package` switches.",
    ),
    Scenario(
        "A file that the index no longer has",
        "file-missing",
        3,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        after=_withdrawn,
        command=("install",),
    ),
    Scenario(
        "A file and a folder with one name",
        "files-collide",
        4,
        tool='trees.both = ["a", "b"]',
        python=">=3.10",
        setup=_collide,
        before=LOCKED,
        command=("install",),
    ),
    Scenario(
        "A folder of yours in the place of a tree",
        "folder-not-ours",
        2,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=LOCKED,
        after=_own_folder,
        command=("install",),
    ),
    Scenario(
        "A program that does not exist",
        "command-missing",
        2,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=(("resolve",), ("install",)),
        command=("run", "flsk"),
    ),
    Scenario(
        "A file that was changed",
        "verification-failed",
        1,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=(("resolve",), ("install",)),
        after=_edited,
        command=("verify",),
    ),
)
