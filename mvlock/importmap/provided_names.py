"""Which top-level names one domain provides, and which several: the second need more work at run time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class ProvidedNames(NamedTuple):
    """``contested``: the names that several domains provide, sorted; ``sole``: by domain, those that it alone does."""

    contested: tuple[str, ...]
    sole: dict[str, tuple[str, ...]]


def provided_names(names: Mapping[str, Mapping[str, str]]) -> ProvidedNames:
    """The names of a map, from what each domain may import (the application is "") and which domain provides it."""
    providers: dict[str, set[str]] = defaultdict(set)
    for domain, found in names.items():
        for top, provider in _top_level(domain, found):
            providers[top].add(provider)
    sole: dict[str, list[str]] = defaultdict(list)
    for top in sorted(top for top, found in providers.items() if len(found) == 1):
        sole[next(iter(providers[top]))].append(top)
    contested = sorted(top for top, found in providers.items() if len(found) > 1)
    return ProvidedNames(tuple(contested), {domain: tuple(tops) for domain, tops in sorted(sole.items())})


def _top_level(domain: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each top-level name with its provider; a namespace with parts from several domains is its importer's, too."""
    split = {name.partition(".")[0] for name in names if "." in name}
    for name, provider in names.items():
        top = name.partition(".")[0]
        yield top, provider
        if top in split:
            yield top, domain
