"""Whether a pair works: every version prints what it prints alone, whatever else is in the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.compat.pairs import MODES, Mode, Pair, Side
from tests.compat.run import ProcessEnd, SmokeRun, run_alone, run_mode
from tests.compat.workplace import PairProject, pair_project
from tests.support.workplace import ToolError, Workplace

Answer: TypeAlias = Literal["ok", "in part", "failed", "skipped", "not run"]

_SIDES: tuple[Side, ...] = ("old", "new")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one mode; ``why`` is one line, ``log`` everything that is known.

    "in part": all that the library can do alone is ok, "skipped": it can do nothing alone. ``is_own``: a version fails
    alone, too.
    """

    answer: Answer
    why: str = ""
    log: str = ""
    seconds: float = 0.0
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The answers for one pair. ``failure`` is set if the tool could not make the project."""

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
        """Whether something was run, or the tool refused to make it."""
        return self.failure is not None or any(verdict.answer != "skipped" for verdict in self.verdicts.values())

    @property
    def is_unfit(self) -> bool:
        """Whether these versions cannot be had, or do not work alone: nothing is said of them together."""
        return self.failure is not None or any(verdict.is_own for verdict in self.verdicts.values())

    @property
    def total(self) -> float:
        """How long everything took, in seconds."""
        return sum(self.seconds.values()) + sum(verdict.seconds for verdict in self.verdicts.values())


@dataclass(slots=True)
class Judge:
    """Judges pairs at one workplace; ``limit`` is what one process may take, in seconds.

    Every mode is run ``times`` times, or until it fails: threads meet differently each time. With ``alone`` a mode
    that fails is also tried with each version alone in its own tree, which tells what is the library's own limit.
    """

    workplace: Workplace
    limit: float = 120
    alone: bool = False
    times: int = 1
    _alone: dict[tuple[Side, bool], str] = field(default_factory=dict)

    def judge(self, pair: Pair) -> Row:
        """Make the pair's project and run every mode."""
        self._alone.clear()
        with pair_project(self.workplace, pair) as project:
            seconds = project.made.seconds
            try:
                project.made.make()
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
                told = self._alone_faults(project, mode) if self.alone else None
                return Verdict("failed", why + _compared(told), _log(end), seconds, is_own=bool(told))
        return Verdict("in part", limit.reason, "", seconds) if limit else Verdict("ok", seconds=seconds)

    def _fault(self, project: PairProject, mode: Mode, end: ProcessEnd) -> str:
        """What is wrong with it, in one line; "" if nothing is."""
        faults = [fault for run in end.runs if (fault := self._fault_of_run(project, mode, run))]
        if end.death:
            faults.append(end.death)
        return "; ".join(dict.fromkeys(faults))

    def _fault_of_run(self, project: PairProject, mode: Mode, run: SmokeRun) -> str:
        if run.error:
            return f"{run.side}: {run.error.strip().splitlines()[-1]}"
        printed, wanted = run.stdout.strip(), self._wanted(project, run.side, mode).strip()
        return "" if printed == wanted else f"{run.side}: printed {printed!r}, not {wanted!r}"

    def _wanted(self, project: PairProject, side: Side, mode: Mode) -> str:
        """What is recorded, else what the version prints now when it is alone."""
        recorded = project.pair.recorded(side, mode)
        if recorded is not None:
            return recorded
        key = (side, mode == "threads")
        if key not in self._alone:
            runs = run_alone(project, side, mode, self.limit).runs
            self._alone[key] = runs[0].stdout if runs else ""
        return self._alone[key]

    def _alone_faults(self, project: PairProject, mode: Mode) -> list[str]:
        """What goes wrong with one version alone."""
        ends = [run_alone(project, side, mode, self.limit) for side in _SIDES]
        faults = [self._fault(project, mode, end) for end in ends]
        return [f"{side}: {fault}" for side, fault in zip(_SIDES, faults, strict=True) if fault]


def no_two_versions(pair: Pair) -> Row:
    """The row of a library of which the index has not got two versions that fit."""
    return Row(pair, {mode: Verdict("skipped", "the index has no two versions with wheels") for mode in MODES}, {})


def _compared(told: list[str] | None) -> str:
    if told is None:
        return ""
    return f" [alone too: {'; '.join(told)}]" if told else " [each alone: ok]"


def _log(end: ProcessEnd) -> str:
    runs = (f"== {run.side}\n{run.stdout}{run.error}" for run in end.runs)
    return "\n".join([*runs, f"== stderr\n{end.stderr}", end.death])
