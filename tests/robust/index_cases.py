"""What an index may send: rows, whole pages, metadata. A bad row or release costs no other one."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.robust.case import DEEP, NINES, Case, World, headers
from tests.support.index import HTML_TYPE

GOES_ON = frozenset({0})
"""The good release, 0.9, is there all the same."""
NO_PAGE = frozenset({3})
EITHER = frozenset({0, 3})
FOUND = frozenset({1})
"""There is a known vulnerability."""

_NAMES: Mapping[str, object] = {
    "empty": "",
    "a dot": ".",
    "two dots": "..",
    "without a version": "a.tar.gz",
    "without tags": "a-1.0.whl",
    "an empty version": "a--py3-none-any.whl",
    "a slash at its end": "a-1.0-py3-none-any.whl/",
    "backslashes": "..\\a-1.0-py3-none-any.whl",
    "a carriage return": "a-1.0-py3-none-any.whl\r",
    "a line separator": "a-1.0-py3-none-any\u2028.whl",
    "right to left": "a-1.0-py3-none-\u202eany.whl",
    "hexadecimal": "a-0x10-py3-none-any.whl",
    "Arabic digits": "a-\u0661.0-py3-none-any.whl",
    "a version of 5,000 parts": "a-" + "1." * 5000 + "1.tar.gz",
    "an epoch of 5,000 digits": f"a-{NINES}!1.tar.gz",
    "a local version of 5,000 digits": f"a-1.0+{NINES}.tar.gz",
    "a post release of 5,000 digits": f"a-1.0.post{NINES}.tar.gz",
    "5,000 dashes": "a" + "-" * 5000 + "1.0.tar.gz",
    "256 bytes": "a-1.0+" + "x" * 243 + ".tar.gz",
    "a list": ["a-1.0-py3-none-any.whl"],
    "true": True,
    "nothing": None,
}
_URLS: Mapping[str, object] = {
    "a bracket that is open": "https://[/a.whl",
    "a bracket after the host": "https://127.0.0.1]/a.whl",
    "an address that is none": "https://[zz::1]/a.whl",
    "an empty port": "http://127.0.0.1:99999999/a.whl",
    "a negative port": "http://127.0.0.1:-1/a.whl",
    "no host": "https://",
    "only a query": "https://?a.whl",
    "a scheme that runs": "javascript:1",
    "a scheme of its own": "x-a://a/b.whl",
    "a tab": "https://127.0.0.1/\ta.whl",
    "an escape sequence": "https://127.0.0.1/\u001b[2J.whl",
    "a file": "file:///a-1.0-py3-none-any.whl",
    "9,000 characters": "https://127.0.0.1/" + "x" * 9000,
    "two slashes and a bracket": "//[",
    "a table": {},
    "a number": 1,
}
_HASHES: Mapping[str, object] = {
    "not there": ...,
    "nothing": None,
    "a text": "sha256",
    "a list of pairs": [["sha256", "0" * 64]],
    "65 digits": {"sha256": "0" * 65},
    "a line break behind it": {"sha256": "0" * 64 + "\n"},
    "a place": {"sha256": "/" + "0" * 63},
    "two dots": {"sha256": "../" + "0" * 61},
    "digits of another script": {"sha256": "\u0660" * 64},
    "true": {"sha256": True},
    "nested": {"sha256": {"sha256": "0" * 64}},
    "crc32 alone": {"crc32": "0" * 8},
    "blake2b alone": {"blake2b": "0" * 128},
    "sha512 that leaves": {"sha512": "../" * 40},
}
_OTHERS: Mapping[str, Mapping[str, object]] = {
    "size": {"minus one": -1, "2**64": 2**64, "2**200": 2**200, "a half": 0.5, "true": True, "a list": [1]},
    "upload_time": {
        "a number": 0,
        "the year 10000": "10000-01-01T00:00:00Z",
        "before the calendar": "0001-01-01T00:00:00+23:59",
        "behind the calendar": "9999-12-31T23:59:59-01:00",
        "month 13": "2024-13-01T00:00:00Z",
        "a date": "2024-01-01",
        "5,000 digits": NINES,
        "empty": "",
    },
    "requires_python": {
        "brackets": "(" * 5000,
        "a list": [">=3"],
        "5,000 digits in a row": f"!=3.{NINES}",
        "a wildcard in the middle": ">=3.*.1",
        "5,000 clauses": ",".join(f"!=4.{number}" for number in range(5000)),
        "a NUL": ">=3\0",
        "spaces": " " * 50_000,
    },
    "yanked": {"a list": [], "a fraction": 0.5, "50,000 characters": "x" * 50_000},
    "core_metadata": {"a number": 7, "a list": [True], "a digest that is none": {"sha256": 3}, "a text": ""},
}
_WHOLE: Mapping[str, tuple[bytes, frozenset[int]]] = {
    "one byte": (b"{", NO_PAGE),
    "a string": (b'"files"', NO_PAGE),
    "5,000 digits": (NINES.encode(), NO_PAGE),
    "objects within objects": (b'{"x":' * DEEP, NO_PAGE),
    "a row within a row": (b'{"meta":{"api-version":"1.0"},"files":[' + b'{"x":' * DEEP, NO_PAGE),
    "files is an object": (b'{"meta":{"api-version":"1.0"},"files":{}}', NO_PAGE),
    "meta is a list": (b'{"meta":[],"files":[]}', NO_PAGE),
    "version of 5,000 digits": (b'{"meta":{"api-version":"%s"},"files":[]}' % NINES.encode(), NO_PAGE),
    "version with a line break": (b'{"meta":{"api-version":"\\n1"},"files":[]}', NO_PAGE),
    "a comment": (b'/* */{"meta":{"api-version":"1.0"},"files":[]}', NO_PAGE),
    "a comma too many": (b'{"meta":{"api-version":"1.0"},"files":[],}', NO_PAGE),
    "two documents": (b'{"meta":{"api-version":"1.0"},"files":[]}{}', NO_PAGE),
    "zeros": (bytes(1000), NO_PAGE),
    "packed twice": (gzip.compress(b"{}"), NO_PAGE),
}
_GOOD = '<a href="/files/a-0.9-py3-none-any.whl#sha256=DIGEST">x</a>'
_HTML: Mapping[str, tuple[str, frozenset[int]]] = {
    "a declaration that is none": (f"<!a b='{_GOOD}", EITHER | {1}),
    "a marked section": (f"<![IGNORE[ {_GOOD} ]]>", EITHER | {1}),
    "a processing instruction": (f"<?php echo 1; ?>{_GOOD}", GOES_ON),
    "a comment in front": (f"<!-- <a href='x'> -->{_GOOD}", GOES_ON),
    "a comment behind, not closed": (f"{_GOOD}<!-- ", GOES_ON),
    "a script with a link": (f"<script>'<a href=x>'</script>{_GOOD}", GOES_ON),
    "a style that is not closed": (f"{_GOOD}<style>", GOES_ON),
    "an attribute without a value": (f"<a href>x</a>{_GOOD}", GOES_ON),
    "a quote that is not closed": (f"{_GOOD}<a href='", GOES_ON),
    "a tag without an end": (f"{_GOOD}<a ", GOES_ON),
    "capital letters": (_GOOD.replace("<a href", "<A HREF"), GOES_ON),
    "no quotes": (_GOOD.replace('"', ""), GOES_ON),
    "a reference of 5,000 digits in a link": (f'<a href="&#{NINES};">x</a>{_GOOD}', GOES_ON),
    "a reference of 5,000 hexadecimal digits": (f'<a href="&#x{NINES};">x</a>{_GOOD}', GOES_ON),
    "a reference to nothing": (f'<a href="&#0;&bogus;">x</a>{_GOOD}', GOES_ON),
    "a base that is none": (f'<base href="https://[">{_GOOD}', NO_PAGE),
    "a base of another kind": (f'<base href="javascript:1">{_GOOD}', EITHER | {1}),
    "two bases": (f'<base href="/files/"><base href="https://[">{_GOOD}', GOES_ON),
    "a version of 5,000 digits": (f'<meta name="pypi:repository-version" content="{NINES}">{_GOOD}', NO_PAGE),
    "3 MB of <": ("<" * 3_000_000 + _GOOD, GOES_ON | {1}),
    "3 MB of <!": ("<!" * 1_500_000 + _GOOD, EITHER | {1}),
    "3 MB of </": (_GOOD + "</" * 1_500_000, GOES_ON),
    "3 MB of <?": ("<?" * 1_500_000 + _GOOD, EITHER | {1}),
    "3 MB of open quotes": (_GOOD + "<a '" * 750_000, GOES_ON),
    "3 MB of attributes": (_GOOD + "<a " + "x=y " * 750_000, GOES_ON),
    "3 MB of spaces in a tag": (_GOOD + "<a" + " " * 3_000_000, GOES_ON),
    "3 MB of scripts": ("<script>" * 400_000 + _GOOD, EITHER | {1}),
    "3 MB of &": (_GOOD + f'<a href="{"&" * 3_000_000}">', GOES_ON),
}
_LINES: Mapping[str, str] = {
    "a name that ends with a dash": "Requires-Dist: b-",
    "no name": "Requires-Dist: >=1",
    "a name of 300 letters": "Requires-Dist: " + "b" * 300,
    "a name of another script": "Requires-Dist: \u0431",
    "an extra of 20,000 letters": f"Requires-Dist: b[{'x' * 20_000}]",
    "an extra that is open": "Requires-Dist: b[x",
    "300 commas": "Requires-Dist: b" + ",".join(f"!=3.{number}" for number in range(300)),
    "a lower bound of 300 digits": "Requires-Dist: b>=" + "9" * 300,
    "a URL that is none": "Requires-Dist: b @ https://[",
    "a URL with a line break": "Requires-Dist: b @ https://127.0.0.1/\u2028x",
    "a marker that ends": "Requires-Dist: b; os_name ==",
    "a marker of a text and a text": "Requires-Dist: b; 'x' == 'y' extra",
    "51 brackets": "Requires-Dist: b; " + "(" * 51 + "os_name == 'x'" + ")" * 51,
    "brackets that are open": "Requires-Dist: b; " + "(" * 5000,
    "a marker with 300 digits": f"Requires-Dist: b; python_version < '3.{'9' * 300}'",
    "20,000 characters of or": "Requires-Dist: b; " + " or ".join(["os_name == 'x'"] * 1200),
    "100 kB of spaces, then a mistake": "Requires-Dist: b" + " " * 100_000 + "!",
    "8,000 spaces, then a mistake": "Requires-Dist: b" + " " * 8000 + "@",
    "8,000 dashes": "Requires-Dist: b" + "-" * 8000,
    "8,000 open brackets": "Requires-Dist: b" + "(" * 8000,
    "8,000 quotes": "Requires-Dist: b>=" + "'" * 8000,
    "a fold of 50,000 lines": "Requires-Dist: b" + "\n !" * 50_000,
    "2 MB of spaces in a fold": "Requires-Dist: b" + " " * 2_000_000 + "x\n y",
    "12,000 requirements": "\n".join(f"Requires-Dist: b{number}" for number in range(12_000)),
    "Requires-Python of 300 digits": "Requires-Python: >=" + "9" * 300,
    "Requires-Python of 300 commas": "Requires-Python: " + ",".join(f"!=4.{number}" for number in range(300)),
    "Requires-Python that is none": "Requires-Python: Python 3",
}
_TEXTS: Mapping[str, str | bytes] = {
    "empty": b"",
    "a byte": b"\xff",
    "zeros": bytes(5000),
    "only a description": b"\n\nName: a\nVersion: 1.0\n",
    "no version": b"Name: a\n",
    "an empty version": b"Name: a\nVersion:\n",
    "a version with a space": b"Name: a\nVersion: 1 0\n",
    "a version of 300 digits": b"Name: a\nVersion: " + b"9" * 300 + b"\n",
    "the name of another project": b"Name: b\nVersion: 1.0\n",
    "another version": b"Name: a\nVersion: 1.0.1\n",
    "a name of 5 MB": b"Name: " + b"a" * 5_000_000 + b"\nVersion: 1.0\n",
    "a megabyte of colons": b":" * 1_000_000,
    "a megabyte of line breaks": b"Name: a" + b"\n " * 500_000 + b"x\nVersion: 1.0\n",
}


_ADVISORIES: Mapping[str, tuple[list[dict[str, object]], frozenset[int]]] = {
    "without an id": ([{"aliases": []}], NO_PAGE),
    "an id with an escape sequence": ([{"id": "CVE-1\x1b[2J"}], FOUND),
    "an id of 100,000 letters": ([{"id": "C" * 100_000}], FOUND),
    "a link with a line break": ([{"id": "CVE-1", "link": "https://127.0.0.1/\r\nx"}], FOUND),
    "a summary of 1 MB": ([{"id": "CVE-1", "summary": "x" * 1_000_000}], FOUND),
    "fixed in 5,000 digits": ([{"id": "CVE-1", "fixed_in": [NINES]}], FOUND),
    "100,000 of one release": ([{"id": f"CVE-{number}"} for number in range(100_000)], NO_PAGE),
    "names that chain": (
        [{"id": f"CVE-{number}", "aliases": [f"CVE-{number + 1}"]} for number in range(1500)],
        FOUND,
    ),
}


def index_cases() -> Iterator[Case]:
    """All of them."""
    rows = {"filename": _NAMES, "url": _URLS, "hashes": _HASHES, **_OTHERS}
    for key, values in rows.items():
        for name, value in values.items():
            yield Case(f"row: {key} is {name}", _with_row(key, value), GOES_ON)
    for name, (content, codes) in _WHOLE.items():
        yield Case(f"page: {name}", partial(World.raw_page, content=content), codes)
    for name, (text, codes) in _HTML.items():
        yield Case(f"HTML: {name}", _with_html(text), codes)
    for name, line in _LINES.items():
        yield Case(f"metadata: {name}", partial(World.described, text=headers(line)), GOES_ON)
    for name, whole in _TEXTS.items():
        yield Case(f"metadata: {name}", partial(World.described, text=whole), GOES_ON)
    for name, (rows_of_it, codes) in _ADVISORIES.items():
        yield Case(f"advisories: {name}", partial(_with_advisories, rows_of_it), codes, ("audit",))
    yield Case("metadata: 3,000 extras that chain", partial(World.described, text=_chain(3000)), GOES_ON)


def _with_row(key: str, value: Any) -> Callable[[World], None]:
    return lambda world: world.page(world.row(**{key: value}))


def _with_html(text: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        digest = world.row("0.9")["hashes"]["sha256"]
        world.raw_page(text.replace("DIGEST", digest).encode(), HTML_TYPE)

    return prepare


def _with_advisories(rows: list[dict[str, object]], world: World) -> None:
    world.lock()
    world.project.index.publish("a", "0.9", vulnerabilities=rows)


def _chain(length: int) -> str:
    links = (f"Requires-Dist: a[x{number + 1}]; extra == 'x{number}'" for number in range(length))
    return headers(*(f"Provides-Extra: x{number}" for number in range(length + 1)), *links, "Requires-Dist: a[x0]")
