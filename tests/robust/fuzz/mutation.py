"""Mutants of seeds: bytes and numbers changed, parts removed, repeated, moved, taken from other seeds; words put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

_NUMBER = re.compile(rb"[0-9]+")
_NUMBERS = (b"0", b"-1", b"1e999", b"4294967296", b"18446744073709551616", b"9" * 5000, b"00", b"1.5")
_BYTES = (b"\0", b"\xff", b"\n", b"\r", b"\x1b", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\\", b'"', b"'")
_OPENING = (b"[", b"{", b"(", b"<", b'{"a":', b"<!--", b"((")
MAXIMUM = 64 * 1024
"""The size of a mutant in bytes. Limits for larger input have tests of their own."""


class Mutator:
    """Makes mutants of ``seeds``, the same from the same ``random``; ``words`` are those of the format."""

    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes], random: Random) -> None:
        self._seeds = seeds
        self._words = (*words, *_BYTES, *_OPENING)
        self._random = random
        self._changes: tuple[Callable[[bytes], bytes], ...] = (
            self._flip,
            self._overwrite,
            self._insert,
            self._insert,
            self._number,
            self._remove,
            self._repeat,
            self._move,
            self._splice,
            self._line,
            self._nest,
        )

    def seed(self) -> bytes:
        """One of the seeds."""
        return self._random.choice(self._seeds)

    def number(self, below: int) -> int:
        """A number from 0."""
        return self._random.randrange(below)

    def one_in(self, number: int) -> bool:
        """True once in ``number`` times."""
        return self._random.randrange(number) == 0

    def mutant(self, data: bytes) -> bytes:
        """A mutant of ``data``, by one to six changes."""
        found = data
        for _ in range(self._random.choice((1, 1, 1, 2, 3, 6))):
            found = self._random.choice(self._changes)(found)[:MAXIMUM]
        return found

    def _place(self, data: bytes) -> int:
        return self._random.randrange(len(data) + 1)

    def _part(self, data: bytes, longest: int = 64) -> tuple[int, int]:
        start = self._place(data)
        return start, min(len(data), start + self._random.randint(1, longest))

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        changed, place = bytearray(data), self._random.randrange(len(data))
        changed[place] ^= 1 << self._random.randrange(8)
        return bytes(changed)

    def _overwrite(self, data: bytes) -> bytes:
        start, end = self._part(data, 8)
        return data[:start] + self._random.randbytes(end - start) + data[end:]

    def _insert(self, data: bytes) -> bytes:
        start, end = self._part(data, 8)
        return data[:start] + self._random.choice(self._words) + data[self._random.choice((start, end)) :]

    def _number(self, data: bytes) -> bytes:
        numbers = list(_NUMBER.finditer(data))
        if not numbers:
            return self._insert(data)
        found = self._random.choice(numbers)
        return data[: found.start()] + self._random.choice(_NUMBERS) + data[found.end() :]

    def _remove(self, data: bytes) -> bytes:
        start, end = self._part(data, self._random.choice((1, 16, 1024)))
        return data[:start] + data[end:]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._part(data)
        return data[:end] + data[start:end] * self._random.choice((1, 2, 100, 2000)) + data[end:]

    def _move(self, data: bytes) -> bytes:
        start, end = self._part(data)
        rest = data[:start] + data[end:]
        place = self._place(rest)
        return rest[:place] + data[start:end] + rest[place:]

    def _splice(self, data: bytes) -> bytes:
        other = self.seed()
        return data[: self._place(data)] + other[self._place(other) :]

    def _line(self, data: bytes) -> bytes:
        """A line is left out, doubled, or exchanged for one of another seed."""
        lines, others = data.splitlines(keepends=True), self.seed().splitlines(keepends=True)
        if not lines or not others:
            return data
        place = self._random.randrange(len(lines))
        lines[place : place + 1] = self._random.choice(([], [lines[place]] * 2, [self._random.choice(others)]))
        return b"".join(lines)

    def _nest(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + self._random.choice(_OPENING) * self._random.choice((10, 500, 5000)) + data[place:]
