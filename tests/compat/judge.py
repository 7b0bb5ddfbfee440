"""Whether a pair works: each version prints what it prints without the other in the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.compat.pairs import MODES, Mode, Pair, Side
from tests.compat.projects import PairProject, pair_project
from tests.compat.run import ProcessEnd, SmokeRun, run_mode, run_single
from tests.support.kept_projects import KeptProjects, ToolError

Answer: TypeAlias = Literal["ok", "in part", "failed", "skipped", "not run"]

_SIDES: tuple[Side, ...] = ("old", "new")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one mode; ``why`` is one line, ``log`` everything that is known.

    "in part": everything that works with one version is ok, "skipped": nothing works with one version. ``is_own``: a
    version fails without the other, too.
    """

    answer: Answer
    why: str = ""
    log: str = ""
    seconds: float = 0.0
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The answers for one pair. ``failure`` is set if mvlock could not install the project."""

    pair: Pair
    verdicts: dict[Mode, Verdict]
    seconds: dict[str, float]
    failure: ToolError | None = None

    @property
    def passes(self) -> bool:
        """Whether nothing failed."""
        return self.failure is None and all(verdict.answer != "failed" for verdict in self.verdicts.values())

    @property
    def is_tried(self) -> bool:
        """Whether something was run, or mvlock refused to install it."""
        return self.failure is not None or any(verdict.answer != "skipped" for verdict in self.verdicts.values())

    @property
    def is_unusable(self) -> bool:
        """Whether these versions cannot be installed, or do not work separately."""
        return self.failure is not None or any(verdict.is_own for verdict in self.verdicts.values())

    @property
    def total(self) -> float:
        """How long everything took, in seconds."""
        return sum(self.seconds.values()) + sum(verdict.seconds for verdict in self.verdicts.values())


@dataclass(slots=True)
class Judge:
    """Runs pairs in kept projects; ``limit`` is the time limit of one process, in seconds.

    Every mode is run ``times`` times, or until it fails: threads interleave differently each time. With ``alone`` a
    mode that fails is also run with each version in its own tree, which shows whether the library itself fails.
    """

    projects: KeptProjects
    limit: float = 120
    alone: bool = False
    times: int = 1
    _single: dict[tuple[Side, bool], str] = field(default_factory=dict)

    def judge(self, pair: Pair) -> Row:
        """Install the pair's project and run every mode."""
        self._single.clear()
        with pair_project(self.projects, pair) as project:
            seconds = project.kept.seconds
            try:
                project.kept.make()
            except ToolError as failure:
                return Row(pair, {mode: Verdict("not run") for mode in MODES}, seconds, failure)
            return Row(pair, {mode: self._mode(project, mode) for mode in MODES}, seconds)

    def _mode(self, project: PairProject, mode: Mode) -> Verdict:
        limit = project.pair.threads if mode == "threads" else None
        if limit is not None and limit.smoke is None:
            return Verdict("skipped", limit.reason)
        seconds = 0.0
        for _ in range(self.times):
            end = run_mode(project, mode, self.limit)
            seconds += end.seconds
            why = self._fault(project, mode, end)
            if why:
                faults = self._alone_faults(project, mode) if self.alone else None
                return Verdict("failed", why + _compared(faults), _log(end), seconds, is_own=bool(faults))
        return Verdict("in part", limit.reason, "", seconds) if limit else Verdict("ok", seconds=seconds)

    def _fault(self, project: PairProject, mode: Mode, end: ProcessEnd) -> str:
        """What is wrong with it, in one line; "" if nothing is."""
        faults = [fault for run in end.runs if (fault := self._fault_of_run(project, mode, run))]
        if end.failure:
            faults.append(end.failure)
        return "; ".join(dict.fromkeys(faults))

    def _fault_of_run(self, project: PairProject, mode: Mode, run: SmokeRun) -> str:
        if run.error:
            return f"{run.side}: {run.error.strip().splitlines()[-1]}"
        printed, wanted = run.stdout.strip(), self._wanted(project, run.side, mode).strip()
        return "" if printed == wanted else f"{run.side}: printed {printed!r}, not {wanted!r}"

    def _wanted(self, project: PairProject, side: Side, mode: Mode) -> str:
        """What is recorded, else what the version prints now without the other."""
        recorded = project.pair.recorded(side, mode)
        if recorded is not None:
            return recorded
        key = (side, mode == "threads")
        if key not in self._single:
            runs = run_single(project, side, mode, self.limit).runs
            self._single[key] = runs[0].stdout if runs else ""
        return self._single[key]

    def _alone_faults(self, project: PairProject, mode: Mode) -> list[str]:
        """What fails with only one version."""
        ends = [run_single(project, side, mode, self.limit) for side in _SIDES]
        faults = [self._fault(project, mode, end) for end in ends]
        return [f"{side}: {fault}" for side, fault in zip(_SIDES, faults, strict=True) if fault]


def no_two_versions(pair: Pair) -> Row:
    """The row of a library without two fitting versions on the index."""
    return Row(pair, {mode: Verdict("skipped", "the index has no two versions with wheels") for mode in MODES}, {})


def _compared(faults: list[str] | None) -> str:
    if faults is None:
        return ""
    return f" [alone too: {'; '.join(faults)}]" if faults else " [each alone: ok]"


def _log(end: ProcessEnd) -> str:
    runs = (f"== {run.side}\n{run.stdout}{run.error}" for run in end.runs)
    return "\n".join([*runs, f"== stderr\n{end.stderr}", end.failure])
