"""The environments a lock serves: marker variables (PEP 508) and wheel tags (PEP 425) of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One environment to resolve for.

    ``name`` is short and stable (``cp311-manylinux_x86_64``), ``environment`` every marker variable of PEP 508 but
    ``extra``, ``tags`` the supported wheel tags as ``py-abi-platform`` text, most specific first.
    """

    name: str
    environment: Mapping[str, str]
    tags: tuple[str, ...]
