"""What is fuzzed: a reader, seeds for it, and the errors that it documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.robust.fuzz.mutation import Mutator

SEEDS = Path(__file__).with_name("seeds")


class Target(msgspec.Struct, frozen=True):
    """``read`` takes the input and an empty folder, and ends in a value or one of the ``expected`` errors.

    ``make_seeds``: seeds besides the files in ``seeds/NAME``. ``words``: those of the format. ``mutate``: makes a
    mutant in its own way where most changed bytes would only break a checksum.
    """

    name: str
    read: Callable[[bytes, Path], object]
    expected: tuple[type[BaseException], ...]
    make_seeds: Callable[[], list[bytes]] = list
    words: tuple[bytes, ...] = ()
    mutate: Callable[[Mutator, bytes], bytes] = Mutator.mutant

    def seeds(self) -> list[bytes]:
        """All seeds, in a fixed order."""
        kept = sorted((SEEDS / self.name).iterdir()) if (SEEDS / self.name).is_dir() else []
        return [*self.make_seeds(), *(path.read_bytes() for path in kept)]
