"""A builder that is opened, and imported, once something has to be built: for most locks nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from mvlock.base.lazy import Lazy

if TYPE_CHECKING:
    from mvlock.build.builder import Builder
    from mvlock.index.model import CoreMetadata, IndexFile
    from mvlock.resolver.ports import DirectReference, LockedSource


class DeferredBuilder:
    """What a lock needs of a builder (``MetadataBuilder``); ``open_builder`` is called once at most."""

    def __init__(self, open_builder: Callable[[], Builder]) -> None:
        self._builder = Lazy(open_builder)

    def metadata(self, source: DirectReference | IndexFile) -> CoreMetadata:
        """As the builder has it."""
        return self._builder().metadata(source)

    def read_ahead(self, sources: Iterable[DirectReference | IndexFile]) -> None:
        """As the builder does it."""
        wanted = list(sources)
        if wanted:
            self._builder().read_ahead(wanted)

    def stop(self) -> None:
        """End the builds under way, if there are any."""
        if self._builder.made is not None:
            self._builder.made.stop()

    def import_names(self, source: DirectReference | IndexFile) -> tuple[str, ...]:
        """As the builder has them."""
        return self._builder().import_names(source)

    def locked_source(self, source: DirectReference) -> LockedSource:
        """As the builder has it."""
        return self._builder().locked_source(source)
