"""Faults of the local index that a test can request."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["status", "drop", "truncate", "corrupt", "slow", "drip", "drip-headers"]


@dataclass(slots=True)
class Fault:
    """One fault for requests whose path contains ``part``.

    ``status``: respond with ``status``; ``drop``: close the connection without a response; ``truncate``: stop
    halfway through the body; ``corrupt``: change the body's last byte; ``slow``: wait ``seconds`` first;
    ``drip``: wait as long after each ``size`` bytes of the body;
    ``drip-headers``: send a header that does not end, so often a byte. ``times`` None: always.
    """

    part: str
    kind: FaultKind
    status: int = 500
    seconds: float = 0.2
    times: int | None = None
    size: int = 16 * 1024


@dataclass(slots=True)
class Faults:
    """The faults that are planned; safe for many server threads."""

    _planned: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, fault: Fault) -> None:
        """Add a fault, from now on."""
        with self._lock:
            self._planned.append(fault)

    def clear_faults(self) -> None:
        """Forget all planned faults."""
        with self._lock:
            self._planned.clear()

    def take(self, path: str) -> Fault | None:
        """The fault for a request of this path, counted; None if there is none."""
        with self._lock:
            fault = next((f for f in self._planned if f.part in path and f.times != 0), None)
            if fault and fault.times is not None:
                fault.times -= 1
            return fault
