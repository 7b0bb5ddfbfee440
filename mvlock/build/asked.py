"""Which builds ran only to learn something: a user who resolves may not expect that code of others runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mvlock.build.source_tree import BuildSource
from mvlock.errors import UnmetRequest
from mvlock.progress import Reporter
from mvlock.project.model import PathSource

_SHOWN = 8


class AskedBuilds:
    """Those of one run. Thread-safe."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    @contextmanager
    def build(self, source: BuildSource, name: str) -> Iterator[None]:
        """Remember a source that is built here, even if that fails; folders are the user's own code."""
        has_run = not isinstance(source, PathSource) or source.path.is_file()
        try:
            yield
        except UnmetRequest:  # there was no environment to run it in
            has_run = False
            raise
        finally:
            if has_run:
                self._names.add(name)

    def report(self, reporter: Reporter) -> None:
        """One note with all of them."""
        names = sorted(self._names)
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            shown = ", ".join(names[:_SHOWN])
            reporter.note(f"built, which runs their code, to learn metadata or import names: {shown}{more}")
