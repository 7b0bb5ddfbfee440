"""``mvlock.api``: a project from Python, without the command line."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mvlock import api
from tests.commands.command_line import files_below, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """``a`` needs ``c<2``, ``b`` needs ``c>=2``."""
    index.publish("a", "1.0", requires=["c<2"], files={"a.py": "import c; version = c.__version__\n"})
    index.publish("b", "1.0", requires=["c>=2"], files={"b.py": "import c; version = c.__version__\n"})
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(["a", "b"])


class Events(api.SilentReporter):
    """Keeps what it hears; ``interrupt_at``: the task at whose start a user loses patience."""

    def __init__(self, interrupt_at: str = "") -> None:
        self.tasks: list[str] = []
        self.counts: dict[str, int] = {}
        self.notes: list[str] = []
        self._interrupt_at = interrupt_at

    def task(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> api.SilentTask:
        """See ``Reporter``."""
        self.tasks.append(title)
        if title == self._interrupt_at:
            raise KeyboardInterrupt
        return api.SilentTask()

    def count(self, what: str, amount: int = 1) -> None:
        """See ``Reporter``."""
        self.counts[what] = self.counts.get(what, 0) + amount

    def note(self, text: str) -> None:
        """See ``Reporter``."""
        self.notes.append(text)


def test_a_project_is_locked_installed_and_verified(project: ProjectFolder, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = api.load(project.root, cache=project.cache)
    lock = api.lock(loaded, cache=project.cache)
    assert {tree.name: [str(one.release) for one in tree.packages] for tree in lock.trees} == {
        "a": ["1.0", "1.0"],
        "b": ["1.0", "2.0"],
    }
    report = api.install(loaded, cache=project.cache)
    assert (report.changed, api.install(loaded, cache=project.cache).changed) == (True, False)
    api.verify(loaded, cache=project.cache)
    words = [str(project.root / "app/bin/python"), "-c", "import a, b; print(a.version, b.version)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "1.0 2.0\n"
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert _command("check", project) == 0


def test_its_lock_is_the_one_of_the_command(project: ProjectFolder) -> None:
    api.lock(api.load(project.root, cache=project.cache), cache=project.cache)
    made = (project.root / "mv.lock").read_bytes()
    (project.root / "mv.lock").unlink()
    assert _command("resolve", project) == 0
    assert (project.root / "mv.lock").read_bytes() == made


def test_locked_versions_stay_until_an_upgrade_is_requested(project: ProjectFolder, index: LocalIndex) -> None:
    loaded = api.load(project.root, cache=project.cache)
    first = api.lock(loaded, cache=project.cache)
    index.publish("c", "2.1")
    assert api.lock(loaded, cache=project.cache) == first
    upgraded = api.lock(loaded, api.LockRequest(upgrade_packages=frozenset({"c"})), cache=project.cache)
    assert {package.version for package in upgraded.packages if package.name == "c"} == {"1.0", "2.1"}


@pytest.mark.parametrize("step", ["load", "lock", "install", "verify"])
def test_what_goes_wrong_has_a_code(step: str, project: ProjectFolder) -> None:
    def code_of(wrong: str) -> str:
        with pytest.raises(api.MvlockError) as raised:
            _do(wrong, project)
        assert raised.value.message
        return f"{raised.value.code} {raised.value.exit_code}"

    if step == "load":
        project.pyproject.write_text("broken", encoding="utf-8")
        assert code_of("load") == "toml-invalid 2"
    elif step == "lock":
        project.write(["a", "missing"])
        assert code_of("lock") == "project-missing 1"
    elif step == "install":
        assert code_of("install") == "lock-missing 1"
    else:
        _do("lock", project)
        assert code_of("verify") == "verification-failed 1"


def test_no_lock_is_written_that_the_policy_does_not_allow(project: ProjectFolder) -> None:
    project.write(["a", "b"], tool="policy.max-versions = 1")
    with pytest.raises(api.UnmetRequest) as raised:
        _do("lock", project)
    assert (raised.value.code, (project.root / "mv.lock").exists()) == ("policy-violated", False)
    project.write(["a", "b"], tool="policy.max-versions = 2")
    _do("lock", project)
    project.write(["a", "b"], tool='policy.deny = ["c<2"]')
    with pytest.raises(api.UnmetRequest, match=r"c 1\.0: deny lists c<2"):
        _do("lock", project)


def test_a_changed_pyproject_makes_the_lock_stale(project: ProjectFolder) -> None:
    _do("lock", project)
    project.write(["a"])
    with pytest.raises(api.UnmetRequest) as raised:
        _do("install", project)
    assert raised.value.code == "lock-stale"


def test_what_is_selected_must_exist(project: ProjectFolder) -> None:
    _do("lock", project)
    loaded = api.load(project.root, cache=project.cache)
    for request, code in (
        (api.InstallRequest(groups=frozenset({"tset"})), "group-unknown"),
        (api.InstallRequest(extras=frozenset({"cli"})), "extra-unknown"),
        (api.InstallRequest(only=frozenset({"z"})), "tree-unknown"),
    ):
        with pytest.raises(api.LocalError) as raised:
            api.install(loaded, request, cache=project.cache)
        assert raised.value.code == code
    with pytest.raises(api.LocalError) as raised:
        api.lock(loaded, api.LockRequest(upgrade_packages=frozenset({"z"})), cache=project.cache)
    assert raised.value.code == "project-unknown"


def test_a_reporter_hears_what_happens(project: ProjectFolder) -> None:
    project.write(["a", "b"], tool='source = ["src", "lost"]')
    loaded = api.load(project.root, cache=project.cache)
    events = Events()
    api.lock(loaded, cache=project.cache, reporter=events)
    api.install(loaded, cache=project.cache, reporter=events)
    assert {"Resolving", "Installing", "Fetching", "Downloading"} <= set(events.tasks)
    assert events.counts["distributions downloaded"] == 4
    assert any("lost" in note for note in events.notes)


class Downloaded(api.SilentTask):
    """Counts the bytes of a task."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.done = 0

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """See ``Task``."""
        self.done += amount


class Downloads(api.SilentReporter):
    """Keeps the tasks that download."""

    def __init__(self) -> None:
        self.tasks: list[Downloaded] = []

    def task(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> api.SilentTask:
        """See ``Reporter``."""
        task = Downloaded(total)
        if title == "Downloading":
            self.tasks.append(task)
        return task


def test_one_task_has_the_bytes_of_all_downloads(project: ProjectFolder, index: LocalIndex) -> None:
    (wheel,) = index.publish("w", "1.0", files={"w.py": "w = 1\n" * 1000})
    index.publish("s", "1.0", wheel_tags=(), sdist=True)
    project.write(["w", "s"])
    _do("lock", project)
    reporter = Downloads()
    api.install(api.load(project.root, cache=project.cache), cache=project.cache, reporter=reporter)
    (task,) = reporter.tasks
    assert task.done == task.total == len(wheel.content)


@pytest.mark.parametrize(("step", "task"), [("lock", "Resolving"), ("install", "Downloading")])
def test_an_interrupt_leaves_everything_as_it_was(step: str, task: str, project: ProjectFolder) -> None:
    if step == "install":
        _do("lock", project)
    before = files_below(project.root)
    loaded = api.load(project.root, cache=project.cache)
    with pytest.raises(KeyboardInterrupt):
        getattr(api, step)(loaded, cache=project.cache, reporter=Events(interrupt_at=task))
    assert files_below(project.root) == before
    for rest in ("lock", "install", "verify"):
        _do(rest, project)


def test_it_works_in_threads_which_wait_for_each_other(project: ProjectFolder) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for step in ("lock", "install", "verify"):
                _do(step, project)
        except BaseException as error:  # it would be lost
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    _do("verify", project)


def test_a_file_system_that_refuses_is_a_local_error(project: ProjectFolder, tmp_path: Path) -> None:
    _do("lock", project)
    loaded = api.load(project.root, cache=project.cache)
    (tmp_path / "file").touch()
    with pytest.raises(api.LocalError) as raised:
        api.install(loaded, cache=tmp_path / "file")
    assert raised.value.code == "file-system"


def test_it_imports_nothing_of_the_command_line() -> None:
    code = (
        "import sys; from mvlock import api; api.load; "
        "print([name for name in sys.modules if name.startswith('mvlock.commands') or name in ('argparse', 'rich')])"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert ran.stdout == "[]\n"


def _do(step: str, project: ProjectFolder) -> None:
    loaded = api.load(project.root, cache=project.cache)
    if step != "load":
        getattr(api, step)(loaded, cache=project.cache)


def _command(name: str, project: ProjectFolder) -> int:
    return run_main("--project", str(project.root), "--cache-dir", str(project.cache), name)
