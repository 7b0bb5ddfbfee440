"""Whether a pair works: every version prints what it prints alone, whatever else is in the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.compat.pairs import MODES, Mode, Pair, Side
from tests.compat.run import ProcessEnd, SmokeRun, run_alone, run_mode
from tests.compat.workplace import PairProject, ToolError, Workplace

Answer: TypeAlias = Literal["ok", "failed", "skipped", "not run"]

_SIDES: tuple[Side, ...] = ("old", "new")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one mode; ``why`` is one line, ``log`` everything that is known."""

    answer: Answer
    why: str = ""
    log: str = ""
    seconds: float = 0.0


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
    def total(self) -> float:
        """How long everything took, in seconds."""
        return sum(self.seconds.values()) + sum(verdict.seconds for verdict in self.verdicts.values())


@dataclass(slots=True)
class Judge:
    """Judges pairs at one workplace; ``limit`` is what one process may take, in seconds.

    Every mode is run ``times`` times, or until it fails: threads meet differently each time. With ``alone`` a mode that fails is also tried with each version alone in its own tree, which tells what is the
    library's own limit.
    """

    workplace: Workplace
    limit: float = 120
    alone: bool = False
    times: int = 1
    _printed: dict[Side, str] = field(default_factory=dict)

    def judge(self, pair: Pair) -> Row:
        """Make the pair's project and run every mode."""
        self._printed = {}
        with self.workplace.project(pair) as project:
            try:
                project.make()
            except ToolError as failure:
                return Row(pair, {mode: Verdict("not run") for mode in MODES}, project.seconds, failure)
            return Row(pair, {mode: self._mode(project, mode) for mode in MODES}, project.seconds)

    def _mode(self, project: PairProject, mode: Mode) -> Verdict:
        reason = project.pair.skip.get(mode)
        if reason is not None:
            return Verdict("skipped", reason)
        seconds = 0.0
        for _ in range(self.times):
            end = run_mode(project, mode, self.limit)
            seconds += end.seconds
            why = self._fault(project.pair, end)
            if why:
                alone = self._alone(project, mode) if self.alone else ""
                return Verdict("failed", why + alone, _log(end), seconds)
        return Verdict("ok", seconds=seconds)

    def _fault(self, pair: Pair, end: ProcessEnd) -> str:
        """What is wrong with it, in one line; "" if nothing is."""
        faults = [fault for run in end.runs if (fault := self._fault_of_run(pair, run))]
        if end.death:
            faults.append(end.death)
        return "; ".join(dict.fromkeys(faults))

    def _fault_of_run(self, pair: Pair, run: SmokeRun) -> str:
        if run.error:
            return f"{run.side}: {run.error.strip().splitlines()[-1]}"
        printed, recorded = run.stdout.strip(), pair.recorded(run.side)
        wanted = self._printed.setdefault(run.side, printed) if recorded is None else recorded.strip()
        return "" if printed == wanted else f"{run.side}: printed {printed!r}, not {wanted!r}"

    def _alone(self, project: PairProject, mode: Mode) -> str:
        faults = [self._fault(project.pair, run_alone(project, side, mode, self.limit)) for side in _SIDES]
        told = [f"{side}: {fault}" for side, fault in zip(_SIDES, faults, strict=True) if fault]
        return f" [alone too: {'; '.join(told)}]" if told else " [each alone: ok]"


def _log(end: ProcessEnd) -> str:
    runs = (f"== {run.side}\n{run.stdout}{run.error}" for run in end.runs)
    return "\n".join([*runs, f"== stderr\n{end.stderr}", end.death])
