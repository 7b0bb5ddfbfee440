"""A builder is opened when something has to be built, and once."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from mvlock.build.builder import Builder
from mvlock.build.deferred import DeferredBuilder
from mvlock.project.model import PathSource
from tests.commands.command_line import loaded
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

SOURCE = PathSource(Path("a"), "a")


class Recording:
    """Takes what a builder is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def open(self) -> Builder:
        self.asked.append("open")
        return cast(Builder, self)

    def read_ahead(self, sources: list[object]) -> None:
        self.asked.append(f"read ahead {len(sources)}")

    def stop(self) -> None:
        self.asked.append("stop")


def test_nothing_is_opened_for_nothing() -> None:
    builder = Recording()
    deferred = DeferredBuilder(builder.open)
    deferred.read_ahead([])
    deferred.stop()
    assert builder.asked == []


def test_it_is_opened_once_and_asked_each_time() -> None:
    builder = Recording()
    deferred = DeferredBuilder(builder.open)
    deferred.read_ahead(iter([SOURCE]))
    deferred.read_ahead([SOURCE, SOURCE])
    deferred.stop()
    assert builder.asked == ["open", "read ahead 1", "read ahead 2", "stop"]


@pytest.mark.parametrize(("sdist", "used"), [(False, []), (True, ["mvlock.build.builder"])])
def test_a_lock_of_wheels_does_not_import_the_builder(
    index: LocalIndex, project: ProjectFolder, sdist: bool, used: list[str]
) -> None:
    if sdist:
        index.publish("a", "1.0", wheel_tags=(), sdist=True)
    else:
        index.publish("a", "1.0")
    project.write(["a"])
    assert loaded(project, "resolve", heavy=frozenset({"mvlock.build.builder"}))[1] == f"{used}\n"
    assert (project.root / "mv.lock").exists()
