"""Logins in URLs: what may be shown, what may be written into files that others read, and the login itself."""

from __future__ import annotations

import re

_LOGIN_IN_JSON = re.compile(rb'https?://[^/?#"\s]*@')
_LOGIN = re.compile(r"^([^/?#]*//)([^/?#]*)@")


def without_credentials(url: str) -> str:
    """``url``, which need not be a valid one, in the form that is safe to show, store and send."""
    return _LOGIN.sub(r"\1", url)


def without_secrets(url: str) -> str:
    """``url`` in the form that is safe in a file of the project. A user's name stays where it is part of the address.

    It is for SSH (``ssh://git@host/``); for HTTP it may be a token.
    """
    found = _LOGIN.match(url)
    if found is None or url.startswith(("https:", "http:")):
        return without_credentials(url)
    return _LOGIN.sub(rf"\1{found[2].partition(':')[0]}@", url)


def login_in(url: str) -> tuple[str, str] | None:
    """User and password in ``url``, decoded; None if it has no user."""
    from urllib.parse import unquote

    found = _LOGIN.match(url)
    user, _, password = found[2].partition(":") if found is not None else ("", "", "")
    return (unquote(user), unquote(password)) if user else None


def has_login(text: bytes) -> bool:
    """Whether there is a URL with a login in JSON."""
    return _LOGIN_IN_JSON.search(text) is not None
