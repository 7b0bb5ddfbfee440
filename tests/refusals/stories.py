"""The stories, in the order of docs/errors.md."""

from __future__ import annotations

from tests.refusals.artifacts import ARTIFACTS
from tests.refusals.slips import SLIPS, simple
from tests.refusals.story import Story
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release


def _flask(index: LocalIndex, project: ProjectFolder) -> None:
    for version in ("7.1", "8.1"):
        index.publish("click", version)
    index.publish("flask", "2.2.5", requires=["click>=8.0"])


def _two_sides(index: LocalIndex, project: ProjectFolder) -> None:
    for version in ("1.26", "2.1"):
        index.publish("numpy", version)
    index.publish("old-plots", "1.0", requires=["numpy<2"])
    index.publish("new-maths", "3.1", requires=["numpy>=2"])


def _deep(index: LocalIndex, project: ProjectFolder) -> None:
    for version in ("1.26", "2.1"):
        index.publish("urllib3", version)
    index.publish("client", "2.0", requires=["session>=1"])
    index.publish("session", "1.4", requires=["urllib3>=2"])
    index.publish("cloud", "1.0", requires=["transport"])
    index.publish("transport", "0.9", requires=["urllib3<2"])


def _versions(index: LocalIndex, project: ProjectFolder) -> None:
    for version in ("1.0", "1.1", "2.0"):
        index.publish("requests", version)


def _yanked(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", yanked="wrong licence")


def _another_python(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", python=">=3.13")


def _one_wheel(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", wheel_tags="cp312-cp312-win_amd64")


def _sdist(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)


def _md5(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", hash_names=["md5"])


def _prerelease(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0rc1")


def _reference(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", requires=["b @ https://example.invalid/b-1.0.tar.gz"])


def _same_module(index: LocalIndex, project: ProjectFolder) -> None:
    for name in ("opencv-python", "opencv-python-headless"):
        index.publish(name, "4.0", files={"cv2/__init__.py": ""})


def _far(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_source("../far", Release("far", "1.0"))


def _ask_for_b(index: LocalIndex, project: ProjectFolder) -> None:
    project.write(["a", "b"], python=">=3.12,<3.13")


def _marks(index: LocalIndex, project: ProjectFolder) -> None:
    lock = project.root / "mv.lock"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n", encoding="utf-8")


def _newer_format(index: LocalIndex, project: ProjectFolder) -> None:
    lock = project.root / "mv.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace('"1.0"', '"2.0"', 1), encoding="utf-8")


def _newer_key(index: LocalIndex, project: ProjectFolder) -> None:
    lock = project.root / "mv.lock"
    text = lock.read_text(encoding="utf-8").replace('"1.0"', '"1.9"', 1)
    lock.write_text(text.replace("[[trees]]\n", '[[trees]]\nseason = "autumn"\n', 1), encoding="utf-8")


def _undated(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", upload_time=None)


def _other_bytes(index: LocalIndex, project: ProjectFolder) -> None:
    index.fail("a-1.0-py3-none-any.whl", "corrupt")


def _down(index: LocalIndex, project: ProjectFolder) -> None:
    index.fail("/simple/", "status", status=403)


def _replaced(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", files={"a/__init__.py": "x = 'something else'"})


def _cut_off(index: LocalIndex, project: ProjectFolder) -> None:
    lock = project.root / "mv.lock"
    text = lock.read_text("utf-8")
    lock.write_text(text[: text.index("sha256:") + 20], "utf-8")


def _ends_early(index: LocalIndex, project: ProjectFolder) -> None:
    index.fail("a-1.0-py3-none-any.whl", "truncate")


_RESOLVED = (
    Story(
        "Two requirements of one tree",
        "conflict",
        1,
        tool='trees.science = ["old-plots", "new-maths"]',
        world=_two_sides,
        shown="Trees do not affect each other; inside one tree a project has one version.",
    ),
    Story(
        "A conflict further down",
        "conflict",
        1,
        tool='trees.net = ["client", "cloud"]',
        world=_deep,
        shown="The facts are listed from pyproject.toml downwards. Every suggestion has been tried.",
    ),
    Story(
        "A constraint",
        "conflict",
        1,
        ("flask",),
        'trees.flask = { constraints = ["click<8"] }',
        world=_flask,
    ),
    Story("A project that does not exist", "project-missing", 1, ("reqeusts",), world=_versions),
    Story("A version that does not exist", "no-version", 1, ("requests>=3",), world=_versions),
    Story("Only yanked versions", "yanked-only", 1, ("a",), world=_yanked),
    Story("Another Python", "python-mismatch", 1, ("a",), world=_another_python),
    Story("Too new for exclude-newer", "too-new", 1, ("a",), 'exclude-newer = "2023-06-01T00:00:00Z"', world=simple),
    Story(
        "No upload time, which exclude-newer needs",
        "upload-time-missing",
        1,
        ("a",),
        'exclude-newer = "7 days"',
        world=_undated,
    ),
    Story(
        "No wheel for a target", "no-file", 1, ("a",), "environments = [\"sys_platform == 'linux'\"]", world=_one_wheel
    ),
    Story("An sdist, while building is off", "build-off", 1, ("a",), "no-build = true", world=_sdist),
    Story("No hash that can be relied on", "hash-missing", 1, ("a",), world=_md5),
    Story(
        "Only pre-releases, which are not allowed",
        "prerelease-only",
        1,
        ("a",),
        'prereleases = "disallow"',
        world=_prerelease,
    ),
    Story("A direct reference of a dependency", "direct-reference", 1, ("a",), world=_reference),
    Story(
        "One import name, two trees",
        "import-name-taken",
        2,
        ("opencv-python", "opencv-python-headless"),
        world=_same_module,
    ),
    Story(
        "No supported environment", "no-target", 2, ("a",), "environments = [\"sys_platform == 'beos'\"]", world=simple
    ),
    Story("A slip in pyproject.toml", "project-invalid", 2, ("a=>1",), 'isolat = "each"'),
    Story("An index that refuses", "index-unreachable", 3, ("a",), world=_down),
    Story("Not in the cache", "index-offline", 3, ("a",), world=simple, command=("resolve", "--offline")),
    Story(
        "A stale lock",
        "lock-stale",
        1,
        ("a",),
        world=simple,
        before=(("resolve",),),
        after=_ask_for_b,
        command=("resolve", "--check"),
    ),
    Story(
        "A merge conflict in mv.lock",
        "lock-merge-conflict",
        2,
        ("a",),
        world=simple,
        before=(("resolve",),),
        after=_marks,
        command=("install",),
    ),
    Story(
        "A lock of a newer mvlock",
        "lock-newer",
        2,
        ("a",),
        world=simple,
        before=(("resolve",),),
        after=_newer_format,
        command=("install",),
    ),
    Story(
        "A lock with a key of a newer mvlock",
        "lock-newer",
        2,
        ("a",),
        world=simple,
        before=(("resolve",),),
        after=_newer_key,
        command=("install",),
    ),
    Story(
        "A file that is not what was locked",
        "hash-mismatch",
        4,
        ("a",),
        python=">=3.10",
        world=simple,
        before=(("resolve",),),
        after=_other_bytes,
        command=("install",),
    ),
    Story(
        "A file that the index has replaced",
        "hash-mismatch",
        4,
        ("a",),
        python=">=3.10",
        world=simple,
        before=(("resolve",),),
        after=_replaced,
        command=("install",),
    ),
    Story(
        "A file that is always cut off",
        "size-mismatch",
        4,
        ("a",),
        python=">=3.10",
        world=simple,
        before=(("resolve",),),
        after=_ends_early,
        command=("install",),
        shown="If the server cannot be reached at all, that is an `index-unreachable`.",
    ),
    Story(
        "A lock that is cut off",
        "lock-invalid",
        2,
        ("a",),
        world=simple,
        before=(("resolve",),),
        after=_cut_off,
        command=("install",),
    ),
    Story(
        "A marker that depends on the machine",
        "marker-undecided",
        2,
        ("a; 'tegra' in platform_release",),
        world=simple,
        shown="For a marker of a dependency, a [note](guide.md#markers-of-one-machine) says what it means here.",
    ),
    Story("A key that no PEP defines", "project-invalid", 2, project='dependancies = ["a"]'),
    Story(
        "An archive without what it needs",
        "pack-outside",
        1,
        ("far",),
        tool='sources.far = { path = "../far", editable = true }',
        python=">=3.10",
        world=_far,
        before=(("resolve",), ("install",)),
        command=("pack",),
    ),
)

STORIES = (*_RESOLVED, *ARTIFACTS, *SLIPS)
