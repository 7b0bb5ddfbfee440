"""A builder for a project, with everything that it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mvlock.base.urls import without_credentials
from mvlock.build.builder import Builder, BuilderSettings
from mvlock.build.isolation import StoreEnvironments
from mvlock.build.processes import Processes
from mvlock.build.source_tree import SourcePorts, SourceTrees
from mvlock.index.http_messages import Request
from mvlock.index.model import PackageIndex
from mvlock.index.network import Label, Network, NetworkSettings, bad_status
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.progress import Reporter
from mvlock.project.model import Project
from mvlock.store.store import Store

_MAX_BYTES = 4 * 1024**3


@contextmanager
def open_builder(
    project: Project,
    index: PackageIndex,
    *,
    cache: Path,
    reporter: Reporter,
    interpreter: Interpreter | None = None,
    offline: bool = False,
) -> Iterator[Builder]:
    """A builder for ``interpreter``; None: the project's default interpreter.

    :raises LocalError: ``python-missing``
    """
    python = interpreter or find_interpreter(project.requires_python, search=Search(cache=cache))
    network = Network(NetworkSettings(dict(os.environ), offline=offline), reporter.count)
    try:
        ports = SourcePorts(index, _UrlFetcher(network), cache, reporter, Processes(), offline)
        environments = StoreEnvironments(python, index, Store(cache), project.build_constraints)
        constraints = map(str, project.build_constraints)
        settings = BuilderSettings(cache, " ".join([python.cache_tag, python.platform, *constraints]))
        with closing(Builder(SourceTrees(ports), environments, settings, ports)) as builder:
            yield builder
    finally:
        network.close()


class _UrlFetcher:
    """Fetches a URL without a known hash."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, url: str, destination: Path) -> None:
        label = Label("", without_credentials(url), destination.name)
        response = self._network.get(Request(url, {"Accept-Encoding": "identity"}, _MAX_BYTES), label)
        if response.status != 200:
            raise bad_status(label, response.status)
        destination.write_bytes(response.body)
