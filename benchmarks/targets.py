"""What the figures should be, and whether they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.measure import Measurement
from benchmarks.results import Results


@dataclass(frozen=True)
class Target:
    """A figure that is at most something; None where it was not measured."""

    what: str
    value: float | None
    most: float

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.value is None:
            return "not measured"
        return "met" if self.value <= self.most else "**missed**"


def targets(results: Mapping[str, Results]) -> Iterator[Target]:
    """All targets, in the order of the page."""
    found = _Figures(results)
    for workload, most in (("w1", 3), ("w2", 3), ("w3", 2.5)):
        cold = found.seconds("resolve", workload, "cold: mvlock")
        yield Target(
            f"resolve cold, {workload}, to uv lock", found.ratio(cold, "resolve", workload, "cold: uv lock"), most
        )
    for peer in ("pip", "poetry lock"):
        cold = found.seconds("resolve", "w3", "cold: mvlock")
        yield Target(f"resolve cold, w3, to {peer}", found.ratio(cold, "resolve", "w3", f"cold: {peer}"), 0.25)
    yield Target("resolve warm, w3, seconds of CPU", found.value("resolve", "w3", "warm: mvlock", "cpu"), 1.2)
    yield Target("resolve warm, w3, MB", found.value("resolve", "w3", "warm: mvlock", "megabytes"), 250)
    for workload, most in (("w1", 1.5), ("w2", 1.0), ("w3", 0.7)):
        peers = [found.seconds("install", workload, f"warm: uv {way}") for way in ("pip sync", "sync")]
        ours, best = found.seconds("install", workload, "warm: mvlock"), min((p for p in peers if p), default=None)
        bare = found.seconds("install", workload, "warm: mvlock, no bytecode")
        yield Target(f"install warm, {workload}, with bytecode, to the better uv without", _quotient(ours, best), most)
        yield Target(f"install warm, {workload}, both without bytecode", _quotient(bare, best), most)
    for workload in ("w1", "w2", "w3"):
        idle = found.seconds("install", workload, "warm: mvlock, nothing to do")
        yield Target(f"install, nothing to do, {workload}, seconds", idle, 0.04)
    yield Target("install cold, w3, MB", found.value("install", "w3", "cold: mvlock", "megabytes"), 150)
    yield from _of_scale(found)


def _of_scale(found: _Figures) -> Iterator[Target]:
    strict = [found.value("scale", size, "resolve-strict", "cpu") for size in ("1000", "100")]
    yield Target("resolve-strict, CPU of 1,000 trees to 100", _quotient(*strict), 12)
    yield Target("resolve-warm, 1,000 trees, seconds of CPU", found.value("scale", "1000", "resolve-warm", "cpu"), 60)
    start, plain = (found.seconds("scale", "300", step) for step in ("start", "plain-start"))
    more = (start - plain) * 1000 if start is not None and plain is not None else None
    yield Target("start with 300 trees, ms more than plain", more, 10)


@dataclass(frozen=True)
class _Figures:
    results: Mapping[str, Results]

    def value(self, name: str, group: str, what: str, field: str) -> float | None:
        """None if it was not measured, or took too long."""
        one = self.results[name].figures.get(group, {}).get(what) if name in self.results else None
        return float(getattr(one, field)) if isinstance(one, Measurement) else None

    def seconds(self, name: str, group: str, what: str) -> float | None:
        return self.value(name, group, what, "seconds")

    def ratio(self, ours: float | None, name: str, group: str, what: str) -> float | None:
        return _quotient(ours, self.seconds(name, group, what))


def _quotient(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
