"""Import statements of a file that is written for a newer Python than the one that reads it.

It cannot be parsed, but it can be tokenized: tokens change less than grammar. Only unindented statements count, since
these are unconditional.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import suppress

_BETWEEN = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}


def outer_imports(content: bytes) -> list[ast.stmt]:
    """The statements, up to where the tokenizer fails."""
    found: list[ast.stmt] = []
    with suppress(tokenize.TokenError, SyntaxError, UnicodeError):
        for line in _logical_lines(content):
            found += _imports_in(line)
    return found


def _logical_lines(content: bytes) -> Iterator[Sequence[tokenize.TokenInfo]]:
    line: list[tokenize.TokenInfo] = []
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.NEWLINE:
            yield line
            line = []
        elif token.type not in _BETWEEN:
            line.append(token)


def _imports_in(line: Sequence[tokenize.TokenInfo]) -> list[ast.stmt]:
    if not line or line[0].start[1] or line[0].string not in ("import", "from"):
        return []
    words = " ".join(token.string for token in line)
    return [ast.increment_lineno(node, line[0].start[0] - 1) for node in ast.parse(words).body]
