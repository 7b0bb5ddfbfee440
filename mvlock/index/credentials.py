"""Names and passwords for indexes: from their URLs or from netrc, sent to their own origin only.

The keyring is queried for the password of a name that comes without one.
"""

from __future__ import annotations

import base64
import netrc
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from mvlock.base.urls import login_in
from mvlock.index.keyring import Keyring

UserPassword = tuple[str, str]
_Origin = tuple[str, str, int | None]
_PORTS = {"http": 80, "https": 443}


class Credentials:
    """Finds the credentials for a URL."""

    def __init__(self, urls: Iterable[str], netrc_file: Path | None = None, keyring: Keyring | None = None) -> None:
        self._by_origin = {_origin(urlsplit(url)): found for url in urls if (found := login_in(url)) is not None}
        self._netrc = _read_netrc(netrc_file)
        self._keyring = keyring

    def headers(self, url: str) -> dict[str, str]:
        """The Authorization header for ``url``; empty if no credentials are known for its origin."""
        parts = urlsplit(url)
        found = login_in(url) or self._by_origin.get(_origin(parts)) or self._netrc.get(parts.hostname or "")
        if found is None:
            return {}
        user, password = found[0], found[1] or self._stored_password(parts, found[0])
        token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        return {"Authorization": f"Basic {token}"}

    def _stored_password(self, parts: SplitResult, user: str) -> str:
        """The password for a name that came without one: from netrc, else from the keyring, else none."""
        netrc_user, netrc_password = self._netrc.get(parts.hostname or "", ("", ""))
        if netrc_user == user and netrc_password:
            return netrc_password
        host = parts.netloc.rpartition("@")[2]
        return (self._keyring.password(f"{parts.scheme}://{host}", user) if self._keyring else None) or ""


def netrc_path(environment: Mapping[str, str]) -> Path | None:
    """``NETRC``, else ``.netrc`` (``_netrc`` on Windows) at home; None if there is no such file."""
    configured = environment.get("NETRC")
    candidates = [Path(configured)] if configured else [Path("~/.netrc"), Path("~/_netrc")]
    for candidate in candidates:
        try:
            if candidate.expanduser().is_file():
                return candidate.expanduser()
        except (OSError, RuntimeError):
            continue
    return None


def _read_netrc(path: Path | None) -> dict[str, UserPassword]:
    """Users and passwords by host. The ``default`` entry is not used: it would send a password to every index."""
    if path is None:
        return {}
    try:
        hosts = netrc.netrc(str(path)).hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return {}
    return {host: (entry[0], entry[2] or "") for host, entry in hosts.items() if host != "default"}


def _origin(parts: SplitResult) -> _Origin:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
