"""Whether an object came back as what it was: of the class of its own version, also where it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, model_serializer, model_validator

from tests.wire.cells import Side

Answer: TypeAlias = Literal["same", "as without mvlock", "refused", "wrong", "broken"]

RIGHT: tuple[Answer, ...] = ("same", "as without mvlock", "refused")
"""The answers that are no fault."""
_CHOICES = re.compile(r"No module named '[\w.]+' for .*; trees? .* ha(s|ve) it \(", re.DOTALL)
"""The error that names the trees with the requested name."""


class Cell(BaseModel):
    """The result for one thing, sent in one way.

    "same": on arrival and back it is what it was, and computes the same. "as without mvlock": it is what an environment
    with one version gives. "refused": the error that names the choices. "wrong": something else, without an error.
    In files it is the answer with the reason, as one text.
    """

    answer: Answer
    why: str = ""
    log: str = ""
    seconds: float = 0.0

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        answer, _, why = value.partition(": ") if isinstance(value, str) else ("", "", "")
        return {"answer": answer, "why": why} if answer else value

    @model_serializer
    def _text(self) -> str:
        return f"{self.answer}: {self.why}" if self.why else self.answer


def judged(sent: Mapping[str, Any], alone: Mapping[str, Any] | None, versions: Mapping[str, str]) -> Cell:
    """The cell of an object that was ``sent``; ``alone``: the same in an environment with only its version."""
    seconds = sent.get("seconds", 0.0)
    if "error" in sent:
        return _failed(sent, alone, seconds)
    faults = [*_faults_here(sent, versions), *_faults_elsewhere(sent)]
    if not faults:
        return Cell(answer="same", seconds=seconds)
    if alone is not None and all(sent[place] == alone.get(place) for place in ("here", "there", "back")):
        return Cell(answer="as without mvlock", why="; ".join(faults), seconds=seconds)
    return Cell(answer="wrong", why="; ".join(faults), seconds=seconds)


def judged_function(sent: Mapping[str, Any], versions: Mapping[Side, Mapping[str, str]]) -> Cell:
    """The cell of a function: it must have found the versions that are wanted."""
    seconds = sent.get("seconds", 0.0)
    if "error" in sent:
        return _failed(sent, None, seconds)
    wanted = [_meant(one, versions) for one in sent["wanted"]]
    if sent["answer"] == wanted:
        return Cell(answer="same", seconds=seconds)
    return Cell(answer="wrong", why=f"{sent['answer']}, not {wanted}", seconds=seconds)


def _meant(text: Any, versions: Mapping[Side, Mapping[str, str]]) -> Any:
    """A version of pandas by its side ("old"), of another module by its name and side ("sklearn old"); else itself."""
    if not isinstance(text, str):
        return text
    module, _, side = text.rpartition(" ")
    return next((found[module or "pandas"] for name, found in versions.items() if name == side), text)


def _failed(sent: Mapping[str, Any], alone: Mapping[str, Any] | None, seconds: float) -> Cell:
    why, log = str(sent["error"]), str(sent.get("log", ""))
    if _CHOICES.search(f"{why}\n{log}"):
        return Cell(answer="refused", why=_choices(f"{why}\n{log}"), seconds=seconds)
    if alone is not None and "error" in alone:
        return Cell(answer="as without mvlock", why=why, log=log, seconds=seconds)
    return Cell(answer="broken", why=why, log=log, seconds=seconds)


def _choices(text: str) -> str:
    """The line that names them, without the hint."""
    found = next(line for line in text.splitlines() if _CHOICES.search(line))
    return found.partition(": ")[2].partition(". ")[0] if found.startswith("ModuleNotFoundError: ") else found


def _faults_here(sent: Mapping[str, Any], versions: Mapping[str, str]) -> list[str]:
    seen = sent["here"]["versions"]
    foreign = [version for version in seen if version not in versions.values()]
    return [f"made of {foreign}"] if foreign or not sent["here"]["is of this version"] else []


def _faults_elsewhere(sent: Mapping[str, Any]) -> list[str]:
    found = {place: ", ".join(_differences("", sent["here"], sent[place])) for place in ("there", "back")}
    faults = [f"{place}: {text}" for place, text in found.items() if text]
    return faults if sent["is same"] else [*faults, "it came back as another class"]


def _differences(name: str, before: Any, after: Any) -> Iterator[str]:
    """The differences from ``before``, with their places."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before | after:
            yield from _differences(f"{name} {key}".strip(), before.get(key), after.get(key))
    elif _has_parts(before) and _has_parts(after) and len(before) == len(after):
        for part, other in zip(before, after, strict=True):
            yield from _differences(name, part, other)
    elif before != after:
        yield f"{name} {_short(after)}, not {_short(before)}"


def _has_parts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:60]}…"
