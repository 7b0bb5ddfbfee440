"""What a person sees while a command works, and what a log of it contains."""

from __future__ import annotations

import random
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.commands.amounts import counted, formatted_size, formatted_time, size_of_total
from mvlock.commands.plain_lines import PlainLines
from mvlock.commands.steps import MEMBERS, Step, Steps
from mvlock.progress import BYTES
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

if sys.platform != "win32":
    from tests.support.terminal import watched

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
LONG = "a-project-whose-name-is-longer-than-a-narrow-terminal-is-wide"


@pytest.fixture
def slow(project: ProjectFolder, index: LocalIndex, mvlock: Mvlock) -> ProjectFolder:
    """A project that is locked, and whose install downloads 2 MB for two seconds."""
    index.publish(LONG, "1.0", files={"long.bin": random.Random(0).randbytes(2_000_000)})
    project.write([LONG])
    assert mvlock("resolve").code == 0
    index.fail(".whl", "drip", seconds=0.02)
    return project


@needs_terminal
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_slow_install_shows_what_it_is_doing_how_far_and_how_fast(slow: ProjectFolder, columns: int) -> None:
    seen = watched(slow, "install", columns=columns)
    assert seen.code == 0
    assert all(len(line) < columns for line in seen.lines("Downloading"))
    amount = r"[\d.]+ [kM]?B" if columns < 60 else r"[\d.]+/2\.\d MB"
    pattern = re.compile(rf"\S Downloading +[━╸╺ ]+ {amount} +[\d.]+ [kM]?B/s(  a-project-\S*( 1\.0)?)?")
    assert [line for line in seen.lines("Downloading") if not pattern.fullmatch(line)] == []
    assert len(set(seen.lines("Downloading"))) > 5
    assert seen.lines("Installing")


@needs_terminal
@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_wraps_and_nothing_is_left_behind(slow: ProjectFolder, columns: int) -> None:
    seen = watched(slow, "install", columns=columns)
    whole = "".join(seen.screens[-1])
    assert whole.startswith("+ a-project") and re.search(r"in \d+\.\d s$", whole)
    drawn = [line for screen in seen.screens for line in screen if "ing " in line[:14]]
    assert {line[2:13].rstrip() for line in drawn} <= {"Installing", "Downloading", "Fetching", "Compiling", "Linking"}


@needs_terminal
def test_a_terminal_without_unicode_gets_ascii(slow: ProjectFolder) -> None:
    seen = watched(slow, "install", variables={"PYTHONIOENCODING": "ascii"})
    assert seen.lines("Downloading") and seen.sent.isascii()


@needs_terminal
@pytest.mark.parametrize(
    ("words", "variables"),
    [(("--no-progress",), {}), (("-q",), {}), ((), {"TERM": "dumb"}), ((), {"CI": "true"})],
)
def test_who_wants_no_bars_gets_none(slow: ProjectFolder, words: tuple[str, ...], variables: dict[str, str]) -> None:
    seen = watched(slow, *words, "install", variables=variables)
    assert (seen.code, "\x1b[?25l" in seen.sent, seen.lines("Downloading")) == (0, False, [])
    assert ("Downloading: " in seen.sent) == bool(variables)


@needs_terminal
def test_colours_follow_the_variables(project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert "\x1b[1;32mLocked" in watched(project, "resolve").sent
    plain = watched(project, "resolve", "--upgrade", variables={"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert "\x1b[3" not in plain.sent


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_colours_can_be_forced_in_a_pipe(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    monkeypatch.setenv(name, "1")
    assert "\x1b[1;32mLocked" in mvlock("resolve").err


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines_at(times: list[float], work: Callable[[Steps, float], object]) -> list[str]:
    """What a pipe gets if it is looked at these times, after ``work`` at each."""
    clock, written = Clock(), list[str]()
    steps = Steps(0.0, None, lambda step: None, clock)
    view = PlainLines(written.append, steps)
    for clock.now in times:
        work(steps, clock.now)
        view.write_due()
    return written


def test_a_pipe_gets_a_line_after_a_second_and_every_ten_seconds() -> None:
    running: list[Step] = []

    def work(steps: Steps, now: float) -> None:
        if not running:
            running.append(steps.start("Downloading", 40_000_000, unit=BYTES))
        running[0].advance(int(now * 1_000_000) - running[0].done, item="numpy 2.0")

    assert lines_at([0.0, 0.5, 1.0, 5.0, 10.9, 11.0, 21.0], work) == [
        "Downloading: 1.0/40.0 MB, 1.0 MB/s, numpy 2.0, 1.0 s",
        "Downloading: 11.0/40.0 MB, 1.0 MB/s, numpy 2.0, 11 s",
        "Downloading: 21.0/40.0 MB, 1.0 MB/s, numpy 2.0, 21 s",
    ]


def test_a_pipe_gets_no_line_for_the_members_of_a_workspace_whose_names_its_lines_have() -> None:
    def work(steps: Steps, now: float) -> None:
        if not now:
            steps.start("Members", 3, item="shop", unit=MEMBERS)
            steps.start("Resolving", item="shop")

    assert lines_at([0.0, 1.0, 2.0], work) == ["Resolving: shop, 1.0 s"]


def test_a_pipe_learns_what_a_resolve_has_met() -> None:
    def work(steps: Steps, now: float) -> None:
        if now == 0.0:
            steps.start("Resolving", counts=("requests", "conflicts", "versions tried"))
        steps.count("requests", 30)
        steps.count("conflicts", 1)

    assert lines_at([0.0, 1.0], work) == ["Resolving: 60 requests, 2 conflicts, 1.0 s"]


def test_a_quick_step_is_not_worth_a_line() -> None:
    def work(steps: Steps, now: float) -> None:
        with steps.start("Linking", 3):
            pass

    assert lines_at([0.0, 2.0, 20.0], work) == []


def test_a_view_is_made_only_for_a_run_that_takes_a_while() -> None:
    made = threading.Event()

    class View:
        def run(self, stopped: threading.Event) -> None:
            stopped.wait()

    def make(steps: Steps) -> View:
        made.set()
        return View()

    steps = Steps(0.0, make, lambda step: None)
    with steps.start("Resolving"):
        assert made.wait(20)
    made.clear()
    with Steps(steps.clock() + 3600, make, lambda step: None).start("Resolving"):
        pass
    assert not made.is_set()


def test_a_signal_may_come_while_the_thread_of_a_view_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    class View:
        def run(self, stopped: threading.Event) -> None:
            stopped.wait()

    def interrupted(thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    steps = Steps(0.0, lambda steps: View(), lambda step: None)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(threading.Thread, "start", interrupted)
        steps.start("Resolving")
    steps.stop()
    with steps.start("Resolving"):
        pass


def test_numbers_are_short() -> None:
    assert [formatted_size(size) for size in (999, 1000, 999_949, 12_345_678, 1.2e9)] == [
        "999 B", "1.0 kB", "999.9 kB", "12.3 MB", "1.2 GB",
    ]  # fmt: skip
    assert size_of_total(3_400_000, 12_300_000) == "3.4/12.3 MB"
    assert [formatted_time(seconds) for seconds in (0.42, 9.99, 35.7, 725, 3725)] == [
        "0.4 s", "10.0 s", "35 s", "12:05 min", "1:02:05 h",
    ]  # fmt: skip
    assert [counted(1, "trees"), counted(2, "versions tried"), counted(1, "versions tried")] == [
        "1 tree", "2 versions tried", "1 version tried",
    ]  # fmt: skip


def test_a_large_change_fits_on_a_screen(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    names = [f"p{number:02}" for number in range(40)]
    for name in names:
        index.publish(name, "1.0")
    project.write(names)
    told = mvlock("resolve").told
    assert told[:2] == ["+ p00 1.0", "+ p01 1.0"]
    assert told[19:] == [
        "… and 21 more (`-v` lists all)",
        "Locked 40 distributions, one version of each, in mv.lock in 0.0 s (40 changed)",
    ]
    project.write(names[:-1])
    assert mvlock("resolve").told == [
        "- p39 1.0", "Locked 39 distributions, one version of each, in mv.lock in 0.0 s (1 changed)",
    ]  # fmt: skip


def test_what_changes_alike_in_several_trees_is_one_line(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    for name in ("a", "b", "c"):
        index.publish(name, "1.0", requires=["lib"])
    index.publish("lib", "1.0")
    project.write(["a", "b", "c"])
    mvlock("resolve")
    index.publish("lib", "2.0")
    assert mvlock("resolve", "--upgrade").told == [
        "~ lib 1.0 → 2.0  in 3 trees", "Locked 4 distributions, one version of each, in mv.lock in 0.0 s (1 changed)",
    ]  # fmt: skip


def test_each_summary_has_its_own_time(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0")
    project.write()
    index.fail("/simple/a/", "slow", seconds=0.6)
    told = mvlock("-v", "add", "a").err
    found = (re.findall(rf"^{what} .* in ([\d.]+) s", told, re.MULTILINE) for what in ("Locked", "Installed"))
    locked, installed = (float(time) for (time,) in found)
    (whole,) = re.findall(r" in ([\d.]+) s$", told.splitlines()[-1])
    assert locked >= 0.5
    assert locked + installed <= float(whole) + 0.2


def test_verbose_tells_times_requests_and_cache_hits(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    told = mvlock("-v", "resolve").told
    assert any(line.startswith("Resolving: ") and line.endswith(" in 0.0 s") for line in told)
    assert re.fullmatch(r".*\d requests, [\d.]+ k?B received.* in 0\.0 s", told[-1]), told[-1]


def test_verbose_tells_what_binds_a_version(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", requires=["lib<2"])
    for version in ("1.0", "2.0"):
        index.publish("lib", version)
        index.publish("other", version)
    project.write(["a", "other<2"])
    told = mvlock("-v", "resolve").told
    assert "a: lib 1.0, not 2.0: a 1.0 requires lib<2" in told
    assert "other: other 1.0, not 2.0: pyproject.toml requires other<2" in told


def test_a_log_tells_everything_but_credentials(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, tmp_path: Path
) -> None:
    index.settings.credentials = ("somebody", "s3cret/@pa:ss")
    index.publish("a", "1.0")
    project.write(["a", "absent"])
    url = index.url.replace("://", "://somebody:s3cret%2F%40pa%3Ass@") + "?token=t0ken"
    log = tmp_path / "run.log"
    mvlock("--log-file", str(log), "resolve", "--index-url", url)
    text = log.read_text("utf-8")
    assert "mvlock 0." in text and f"Python {sys.version.split()[0]}" in text
    assert index.url.removeprefix("http://") in text.replace("?...", "")
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  error: ", text, re.MULTILINE)
    assert text.rstrip().endswith("exit code 1") or text.rstrip().endswith("exit code 3")
    assert [secret for secret in ("somebody", "s3cret", "pa%3Ass", "t0ken", "Basic") if secret in text] == []


def test_a_log_that_cannot_be_written_is_an_error(mvlock: Mvlock, tmp_path: Path) -> None:
    outcome = mvlock("--log-file", str(tmp_path / "absent" / "run.log"), "resolve")
    assert (outcome.code, "--log-file: " in outcome.err) == (2, True)
