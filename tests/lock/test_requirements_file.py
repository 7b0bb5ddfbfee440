"""A tree as a requirements file."""

from __future__ import annotations

import re

from hypothesis import given

from mvlock.lock.model import Lock
from mvlock.lock.requirements_file import format_requirements
from tests.lock.strategies import locks

_EXTRAS = re.compile(r"\[[^\]]*\]")


@given(locks())
def test_only_what_is_from_an_index_is_named_by_its_version_alone(lock: Lock) -> None:
    pins = {f"{package.name}=={package.version}": package.index is not None for package in lock.packages}
    for tree in lock.trees:
        text = format_requirements(lock, [tree], lambda path: path)
        first_words = {_EXTRAS.sub("", line.partition(" ")[0]) for line in text.splitlines()}
        assert {pin: pin in first_words for pin in pins} == pins
