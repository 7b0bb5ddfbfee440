"""Known vulnerabilities of releases, from the JSON API that the public index has beside its Simple API.

Nothing is kept: an answer of yesterday may be wrong today.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote

import msgspec
from packaging.utils import NormalizedName

from mvlock.errors import NetworkFailure
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.filenames import normalised_version
from mvlock.index.http_messages import Request
from mvlock.index.model import Advisory
from mvlock.index.network import bad_status
from mvlock.index.rows import reason_line
from mvlock.project.index_address import local_path

_MAX_BYTES = 64 * 1024 * 1024
_MOST = 2000
"""Vulnerabilities of one release; each is compared with all others."""
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}
_SIMPLE, _JSON = "/simple/", "/pypi/"
_NOT_FOUND = frozenset({404, 410})


class _Row(msgspec.Struct, frozen=True):
    id: str
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    details: str | None = None
    fixed_in: tuple[str, ...] = ()
    link: str | None = None
    withdrawn: str | None = None


class _Release(msgspec.Struct, frozen=True):
    vulnerabilities: Annotated[tuple[_Row, ...], msgspec.Meta(max_length=_MOST)] | None = ()


_DECODER = msgspec.json.Decoder(_Release)


class AdvisorySource:
    """Asks one index. Nothing is memoised here; thread-safe."""

    def __init__(self, index: ConfiguredIndex) -> None:
        self._index = index

    def of(self, project: NormalizedName, version: str) -> tuple[Advisory, ...] | None:
        """What is known of a release; None if the index does not say.

        :raises NetworkFailure: no answer, or one that cannot be understood
        """
        if local_path(self._index.url) is not None or not self._index.url.endswith(_SIMPLE):
            return None
        url = f"{self._index.url.removesuffix(_SIMPLE)}{_JSON}{quote(project)}/{quote(version)}/json"
        label = self._index.label(f"known vulnerabilities of {project} {version}")
        response = self._index.network.get(Request(url, _HEADERS, _MAX_BYTES), label)
        if response.status in _NOT_FOUND:
            return None
        if response.status != 200:
            raise bad_status(label, response.status)
        try:
            rows = _DECODER.decode(response.body).vulnerabilities
        except (ValueError, RecursionError) as error:
            text = f"{label.place} gave an answer about {label.what} that cannot be understood: {error}"
            raise NetworkFailure("index-invalid", text) from error
        return _merged(row for row in rows or () if row.withdrawn is None)


def _merged(rows: Iterable[_Row]) -> tuple[Advisory, ...]:
    """One advisory for all that are known by a common name."""
    found: list[Advisory] = []
    for row in rows:
        advisory = _advisory(row)
        for other in [one for one in found if one.names & advisory.names]:
            found.remove(other)
            advisory = _together(other, advisory)
        found.append(advisory)
    return tuple(sorted(found, key=lambda one: one.id))


def _advisory(row: _Row) -> Advisory:
    names = frozenset(map(reason_line, (row.id, *row.aliases)))
    fixed_in = frozenset(filter(None, map(normalised_version, row.fixed_in)))
    return Advisory(names, reason_line(row.summary or row.details or ""), fixed_in, row.link and reason_line(row.link))


def _together(first: Advisory, second: Advisory) -> Advisory:
    return Advisory(
        names=first.names | second.names,
        summary=first.summary or second.summary,
        fixed_in=first.fixed_in | second.fixed_in,
        link=first.link or second.link,
    )
