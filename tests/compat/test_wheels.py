"""Which two versions of a library are tried on a Python."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from tests.compat.pairs import Pair
from tests.compat.wheels import candidate_pairs


@dataclass
class WheelSource:
    """What has wheels, by project."""

    texts: dict[str, str]

    def versions(self, name: str) -> list[Version]:
        """As they are written, oldest first."""
        return [Version(text) for text in self.texts.get(name, "").split()]


PAIR = Pair(
    name="lib", kind="c", old="lib==1.2.0", new="lib==2.3.1", smoke="", extra_reqs=("part==1.0",), stdout_old="1.2.0"
)


def _found(**texts: str) -> list[tuple[str, str]]:
    return [
        (pair.old.removeprefix("lib=="), pair.new.removeprefix("lib=="))
        for pair in candidate_pairs(PAIR, WheelSource(texts))
    ]


def test_versions_that_are_recorded_come_first() -> None:
    assert _found(lib="1.2.0 1.9.0 2.2.5 2.3.0 2.3.1 2.3.2")[0] == ("1.2.0", "2.3.1")


def test_others_are_as_far_apart_as_possible() -> None:
    assert _found(lib="1.8.0 1.9.0 2.2.5 2.3.0 2.3.2")[:3] == [
        ("1.9.0", "2.3.2"),
        ("2.2.5", "2.3.2"),
        ("2.3.0", "2.3.2"),
    ]


def test_the_newest_is_tried_where_the_recorded_one_may_not_work() -> None:
    assert ("1.2.0", "3.0.0") in _found(lib="1.2.0 2.3.1 3.0.0")


def test_of_one_version_there_is_no_pair() -> None:
    assert _found(lib="2.3.1") == _found(lib="") == []


def test_a_replaced_version_has_no_recorded_output_and_a_pin_without_a_wheel_no_version() -> None:
    (pair, *_) = candidate_pairs(PAIR, WheelSource({"lib": "2.3.0 2.3.1", "part": "1.1"}))
    assert (pair.old, pair.stdout_old, pair.extra_reqs) == ("lib==2.3.0", None, ("part",))
    (pair, *_) = candidate_pairs(PAIR, WheelSource({"lib": "1.2.0 2.3.1", "part": "1.0 1.1"}))
    assert (pair.old, pair.stdout_old, pair.extra_reqs) == ("lib==1.2.0", "1.2.0", ("part==1.0",))
