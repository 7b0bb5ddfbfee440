"""The scenarios, in the order of docs/errors.md."""

from __future__ import annotations

from tests.errors.artifacts import ARTIFACTS
from tests.errors.scenario import Scenario
from tests.errors.user_errors import USER_ERRORS, simple
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


def _vulnerable(index: LocalIndex, project: ProjectFolder) -> None:
    known = {"id": "PYSEC-2024-1", "aliases": ["CVE-2024-1"], "summary": "It leaks.", "fixed_in": ["1.1"]}
    index.publish("a", "1.0", vulnerabilities=[known])


def _no_advisories(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    index.settings.advisories = False


def _yanked(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", yanked="wrong licence")


def _quarantined(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    index.statuses["a"] = ("quarantined", "it steals credentials")


def _another_python(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", python=">=3.13")


def _one_wheel(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", wheel_tags="cp312-cp312-win_amd64")


def _sdist(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)


def _build(index: LocalIndex, project: ProjectFolder) -> None:
    for version in ("69.5", "75.8"):
        index.publish("setuptools", version)
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=["requires-dist"], build_requires=["setuptools>=70"])


def _md5(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", hash_names=["md5"])


def _prerelease(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0rc1")


def _reference(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", requires=["b @ https://example.invalid/b-1.0.tar.gz"])


def _same_module(index: LocalIndex, project: ProjectFolder) -> None:
    for name in ("opencv-python", "opencv-python-headless"):
        index.publish(name, "4.0", files={"cv2/__init__.py": ""})


def _own_module(index: LocalIndex, project: ProjectFolder) -> None:
    project.add_file("plots/__init__.py", "x = 1\n")


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


def _without_upload_time(index: LocalIndex, project: ProjectFolder) -> None:
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
    Scenario(
        "Two requirements of one tree",
        "conflict",
        1,
        tool='trees.science = ["old-plots", "new-maths"]',
        setup=_two_sides,
        context="Trees do not affect each other; inside one tree a project has one version.",
    ),
    Scenario(
        "A conflict further down",
        "conflict",
        1,
        tool='trees.net = ["client", "cloud"]',
        setup=_deep,
        context="The facts are listed from pyproject.toml downwards. Every suggestion has been tried.",
    ),
    Scenario(
        "A constraint",
        "conflict",
        1,
        ("flask",),
        'trees.flask = { constraints = ["click<8"] }',
        setup=_flask,
    ),
    Scenario("A project that does not exist", "project-missing", 1, ("reqeusts",), setup=_versions),
    Scenario("A version that does not exist", "no-version", 1, ("requests>=3",), setup=_versions),
    Scenario("Only yanked versions", "yanked-only", 1, ("a",), setup=_yanked),
    Scenario("A quarantined project", "project-quarantined", 1, ("a",), setup=_quarantined),
    Scenario("Another Python", "python-mismatch", 1, ("a",), setup=_another_python),
    Scenario("Too new for exclude-newer", "too-new", 1, ("a",), 'exclude-newer = "2023-06-01T00:00:00Z"', setup=simple),
    Scenario(
        "Too new for exclude-newer of a tree",
        "too-new",
        1,
        ("a",),
        'trees.a.exclude-newer = "2023-06-01T00:00:00Z"',
        setup=simple,
        context="With `exclude-newer-package`, the message names that key instead.",
    ),
    Scenario(
        "No upload time, which exclude-newer needs",
        "upload-time-missing",
        1,
        ("a",),
        'exclude-newer = "7 days"',
        setup=_without_upload_time,
    ),
    Scenario(
        "No wheel for a target", "no-file", 1, ("a",), "environments = [\"sys_platform == 'linux'\"]", setup=_one_wheel
    ),
    Scenario("An sdist, while building is off", "build-off", 1, ("a",), "no-build = true", setup=_sdist),
    Scenario(
        "Build constraints that exclude what a build requires",
        "conflict",
        1,
        ("a",),
        'build-constraints = ["setuptools<70"]',
        setup=_build,
        context="`build-system.requires` is a key in the sdist's pyproject.toml.",
    ),
    Scenario("No hash that can be relied on", "hash-missing", 1, ("a",), setup=_md5),
    Scenario(
        "Only pre-releases, which are not allowed",
        "prerelease-only",
        1,
        ("a",),
        'prereleases = "disallow"',
        setup=_prerelease,
    ),
    Scenario("A direct reference of a dependency", "direct-reference", 1, ("a",), setup=_reference),
    Scenario(
        "One import name, two trees",
        "import-name-taken",
        2,
        ("opencv-python", "opencv-python-headless"),
        setup=_same_module,
    ),
    Scenario(
        "An alias that is a module of the application",
        "import-name-taken",
        2,
        tool='alias.plots = "a==1.0"',
        setup=_own_module,
    ),
    Scenario(
        "No supported environment", "no-target", 2, ("a",), "environments = [\"sys_platform == 'beos'\"]", setup=simple
    ),
    Scenario("A slip in pyproject.toml", "project-invalid", 2, ("a=>1",), 'isolat = "each"'),
    Scenario(
        "Leaving out what the application requires",
        "project-invalid",
        2,
        ("a",),
        'exclude-dependencies = ["a"]',
        setup=simple,
    ),
    Scenario(
        "More versions than the policy allows",
        "policy-violated",
        1,
        ("old-plots", "new-maths"),
        "policy.max-versions = 1",
        setup=_two_sides,
    ),
    Scenario(
        "A project that the policy denies",
        "policy-violated",
        1,
        ("client",),
        'policy.deny = ["urllib3"]',
        setup=_deep,
    ),
    Scenario(
        "One requirements file for trees that disagree",
        "trees-disagree",
        1,
        ("old-plots", "new-maths"),
        setup=_two_sides,
        before=(("resolve",),),
        command=("export", "--format", "requirements", "--output", "requirements.txt"),
    ),
    Scenario(
        "A known vulnerability",
        "vulnerable",
        1,
        ("a",),
        setup=_vulnerable,
        before=(("resolve",),),
        command=("audit",),
    ),
    Scenario(
        "An index that does not know vulnerabilities",
        "advisories-missing",
        3,
        ("a",),
        setup=_no_advisories,
        before=(("resolve",),),
        command=("audit",),
    ),
    Scenario("An index that refuses", "index-unreachable", 3, ("a",), setup=_down),
    Scenario("Not in the cache", "index-offline", 3, ("a",), setup=simple, command=("resolve", "--offline")),
    Scenario(
        "A stale lock",
        "lock-stale",
        1,
        ("a",),
        setup=simple,
        before=(("resolve",),),
        after=_ask_for_b,
        command=("resolve", "--check"),
    ),
    Scenario(
        "A merge conflict in mv.lock",
        "lock-merge-conflict",
        2,
        ("a",),
        setup=simple,
        before=(("resolve",),),
        after=_marks,
        command=("install",),
    ),
    Scenario(
        "A lock of a newer version of mvlock",
        "lock-newer",
        2,
        ("a",),
        setup=simple,
        before=(("resolve",),),
        after=_newer_format,
        command=("install",),
    ),
    Scenario(
        "A lock with a key of a newer version of mvlock",
        "lock-newer",
        2,
        ("a",),
        setup=simple,
        before=(("resolve",),),
        after=_newer_key,
        command=("install",),
    ),
    Scenario(
        "A file that is not what was locked",
        "hash-mismatch",
        4,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=(("resolve",),),
        after=_other_bytes,
        command=("install",),
    ),
    Scenario(
        "A file that the index has replaced",
        "hash-mismatch",
        4,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=(("resolve",),),
        after=_replaced,
        command=("install",),
    ),
    Scenario(
        "A download that always ends early",
        "size-mismatch",
        4,
        ("a",),
        python=">=3.10",
        setup=simple,
        before=(("resolve",),),
        after=_ends_early,
        command=("install",),
        context="If the server cannot be reached at all, the error is `index-unreachable`.",
    ),
    Scenario(
        "A lock that is cut off",
        "lock-invalid",
        2,
        ("a",),
        setup=simple,
        before=(("resolve",),),
        after=_cut_off,
        command=("install",),
    ),
    Scenario(
        "A marker that depends on the machine",
        "marker-undecided",
        2,
        ("a; 'tegra' in platform_release",),
        setup=simple,
        context="For a marker of a dependency, a [note](guide.md#markers-of-one-machine) says what it means here.",
    ),
    Scenario("A key that no PEP defines", "project-invalid", 2, project='dependancies = ["a"]'),
    Scenario(
        "An archive without what it needs",
        "pack-outside",
        1,
        ("far",),
        tool='sources.far = { path = "../far", editable = true }',
        python=">=3.10",
        setup=_far,
        before=(("resolve",), ("install",)),
        command=("pack",),
    ),
)

SCENARIOS = (*_RESOLVED, *ARTIFACTS, *USER_ERRORS)
