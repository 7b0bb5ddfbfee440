"""Building: metadata and wheels of what has no wheel on an index, by PEP 517 and 660 in isolation."""

from mvlock.build.builder import Builder
from mvlock.build.opening import open_builder

__all__ = ["Builder", "open_builder"]
