"""What pip and uv are configured for on this machine. It is only mentioned, never used.

A lock names its indexes, so that none is taken without a word; but where pip works and mvlock finds nothing, this says
why. Credentials in what is found are never shown; they are sent to their own server only, if that is asked anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from mvlock.base.urls import without_credentials
from mvlock.index.installer_settings import FoundSetting, settings_of_pip, settings_of_uv

_WEB = ("https://", "http://")
_INDEXES = (*_WEB, "file:")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_TABLE = "for mvlock, write it into pyproject.toml as a [[tool.mvlock.index]]"


def advice(environ: Mapping[str, str]) -> str | None:
    """How to use the default index that pip or uv is configured for; None if neither is."""
    for found in default_indexes(environ):
        url = without_credentials(found.value)
        return (
            f"{found.tool} uses {url} here ({found.where}); "
            f"for mvlock, run `mvlock config set index-url {url}`, or use `--index-url`"
        )
    return None


def further_advice(environ: Mapping[str, str]) -> Iterator[str]:
    """How to use the further indexes, pages of links and folders that pip or uv is configured for."""
    for found in further_indexes(environ):
        yield f"{found.tool} also uses {without_credentials(found.value)} here ({found.where}); {_TABLE}"
    for found in _all(environ, "find-links"):
        kind = ' with format = "flat"' if found.value.startswith(_WEB) else ""
        yield f"{found.tool} also takes files from {without_credentials(found.value)} ({found.where}); {_TABLE}{kind}"


def network_advice(environ: Mapping[str, str]) -> Iterator[str]:
    """What pip or uv is configured for so that they can connect, and what has the same effect for mvlock."""
    if not any(environ.get(name) for name in _PROXIES):
        for found in _all(environ, "proxy"):
            proxy = without_credentials(found.value if "://" in found.value else f"http://{found.value}")
            yield f"{found.tool} uses the proxy {proxy} ({found.where}); mvlock uses that of the variable HTTPS_PROXY"
    for found in _all(environ, "cert"):
        if environ.get("SSL_CERT_FILE") != found.value:
            use = f"for mvlock, set SSL_CERT_FILE={found.value}"
            yield f"{found.tool} trusts the certificates in {found.value} ({found.where}); {use}"
    for found in _all(environ, "trusted-host"):
        use = "mvlock always does; SSL_CERT_FILE can name the certificate that it has to trust"
        yield f"{found.tool} does not check the certificate of {found.value} ({found.where}); {use}"


def default_indexes(environ: Mapping[str, str]) -> Iterator[FoundSetting]:
    """The default index of uv, then of pip, if configured."""
    for of in (settings_of_uv, settings_of_pip):
        found = next((one for one in of(environ, "index-url") if one.value), None)
        if found is not None and found.value.startswith(_INDEXES):
            yield found


def further_indexes(environ: Mapping[str, str]) -> Iterator[FoundSetting]:
    """The indexes beside the default ones."""
    return (found for found in _all(environ, "extra-index-url") if found.value.startswith(_INDEXES))


def _all(environ: Mapping[str, str], key: str) -> Iterator[FoundSetting]:
    """The settings of uv, then of pip, each value once."""
    seen: set[str] = set()
    for found in chain(settings_of_uv(environ, key), settings_of_pip(environ, key)):
        if found.value and found.value not in seen:
            seen.add(found.value)
            yield found
