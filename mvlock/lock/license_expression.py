"""Whether a licence, which may be an expression (SPDX, PEP 639), is covered by a list of licences."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

_TOKEN = re.compile(r"[()]|[^\s()]+")


def is_allowed(text: str, allowed: Iterable[str]) -> bool:
    """Whether the list covers a licence: of ``OR`` one side, of ``AND`` both. Case makes no difference.

    What is no expression, such as the names of classifiers, separated by commas, must be in the list as it is.
    """
    known = {_canonical(one) or one.casefold() for one in allowed}
    expression = _canonical(text)
    if expression is None:
        return text.casefold() in known or all(part.casefold() in known for part in text.split(", "))
    return expression in known or _alternatives(deque(_TOKEN.findall(expression)), known)


def _canonical(text: str) -> str | None:
    """The expression in one spelling; None if it is none."""
    try:
        return canonicalize_license_expression(text).casefold()
    except InvalidLicenseExpression:
        return None


def _alternatives(tokens: deque[str], known: Iterable[str]) -> bool:
    covered = _conjunction(tokens, known)
    while tokens and tokens[0] == "or":
        tokens.popleft()
        covered |= _conjunction(tokens, known)
    return covered


def _conjunction(tokens: deque[str], known: Iterable[str]) -> bool:
    covered = _single(tokens, known)
    while tokens and tokens[0] == "and":
        tokens.popleft()
        covered &= _single(tokens, known)
    return covered


def _single(tokens: deque[str], known: Iterable[str]) -> bool:
    """A licence, with its exception if it has one, or what is in parentheses."""
    token = tokens.popleft()
    if token == "(":
        covered = _alternatives(tokens, known)
        tokens.popleft()
        return covered
    if tokens and tokens[0] == "with":
        token = " ".join([token, tokens.popleft(), tokens.popleft()])
    return token in known
