"""docs/compatibility.md: the results as a table, within the text of page.md."""

from __future__ import annotations

from pathlib import Path
from string import Template

from pydantic import BaseModel

from tests.compat.judge import Answer
from tests.compat.pairs import MODES, Mode
from tests.public.applications import read_applications
from tests.public.results import public_text
from tests.public.results import read_results as read_public_results
from tests.support.tables import table_text

RESULTS = Path(__file__).with_name("results.json")
_TEXT = Path(__file__).with_name("page.md")


class ModeResult(BaseModel):
    """The answer for one mode, and why it is not "ok"."""

    answer: Answer
    why: str = ""


class PairResult(BaseModel):
    """The answers for one pair; ``failure`` is what kept its project from being made."""

    name: str
    kind: str
    old: str
    new: str
    failure: str = ""
    modes: dict[Mode, ModeResult]

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        answers = (self.modes[mode].answer for mode in MODES)
        return (self.name, self.kind, versions(self.old, self.new), *answers, "; ".join(self._remarks()))

    def _remarks(self) -> list[str]:
        faults = [f"{mode}: {result.why}" for mode, result in self.modes.items() if result.why]
        return [self.failure, *faults] if self.failure else faults


class Results(BaseModel):
    """What ``--json`` writes, as far as the page shows it. ``platform`` is its kind: system, processor, C library."""

    python: str
    platform: str
    pairs: tuple[PairResult, ...]


def read_results(path: Path) -> Results:
    """The results of a run.

    :raises OSError: the file cannot be read
    :raises pydantic.ValidationError: it holds no results (a ValueError)
    """
    return Results.model_validate_json(path.read_text("utf-8"))


def page_text(results: Results) -> str:
    """The whole page."""
    titles = ("pair", "kind", "versions", *MODES, "remarks")
    table = table_text(titles, [pair.cells for pair in results.pairs])
    text = Template(_TEXT.read_text("utf-8"))
    public = public_text(read_applications(), read_public_results())
    return text.substitute(python=results.python, platform=results.platform, table=table, public=public)


def versions(old: str, new: str) -> str:
    """Both versions, of two pins."""
    return " · ".join(pin.partition("==")[2] or pin for pin in (old, new))
