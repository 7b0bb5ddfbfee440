"""Clients of the local index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from packaging.specifiers import SpecifierSet

from mvlock.index.client import MultiIndex, open_index
from mvlock.progress import SilentReporter
from mvlock.project.model import IndexSource, Project, Source
from tests.support.index import LocalIndex


class OpenClient(Protocol):
    """Opens a client of ``indexes`` (default: only the ``index`` fixture) that is closed after the test."""

    def __call__(
        self,
        *indexes: IndexSource,
        sources: dict[str, Source] | None = None,
        offline: bool = False,
        index_url: str | None = None,
    ) -> MultiIndex: ...


@pytest.fixture
def open_client(index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenClient]:
    """Clients that share one cache and do not pause between attempts for long."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("MVLOCK_HTTP_RETRIES", "1")
    with ExitStack() as stack:

        def open_one(
            *indexes: IndexSource,
            sources: dict[str, Source] | None = None,
            offline: bool = False,
            index_url: str | None = None,
        ) -> MultiIndex:
            project = Project(
                root=tmp_path,
                name="app",
                requires_python=SpecifierSet(),
                trees=(),
                indexes=indexes or (IndexSource("local", index.url, default=True),),
                sources=sources or {},  # type: ignore[arg-type]  # the names in tests are normalised
            )
            cache = tmp_path / "cache"
            client = open_index(project, cache=cache, offline=offline, index_url=index_url, reporter=SilentReporter())
            return stack.enter_context(client)

        yield open_one


@pytest.fixture
def client(open_client: Callable[[], MultiIndex]) -> MultiIndex:
    """A client of ``index``."""
    return open_client()
