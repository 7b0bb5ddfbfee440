"""Where an index is: on the web, or in a folder of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from mvlock.base.outside import is_path, is_web_url

IndexFormat = Literal["simple", "flat"]
_PATHS = ("./", "../", "/")
INDEX_FORMS = "an http, https or file URL, or a path that begins with ./, ../ or /"
"""What the URL of an index may be, for messages."""


def index_address(text: str, folder: Path, format_: IndexFormat = "simple") -> str | None:
    """The URL of an index, as the index layer needs it; None if ``text`` is neither a URL nor a path.

    A path, or the one of a ``file:`` URL, may be relative to ``folder``. Except for a flat page, which is requested
    as it is written, the URL ends in ``/``.
    """
    if is_web_url(text):
        return text if format_ == "flat" else text.rstrip("/") + "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    is_path_of_folder = parts.scheme == "file" or text in {".", ".."} or text.startswith(_PATHS)
    return _folder_url(parts, folder) if is_path_of_folder and is_path(text) else None


def public_index_url() -> str:
    """The URL of the public index, which the build of this package has written (``.ci/build_hook.py``)."""
    return (Path(__file__).parents[1] / "index" / "default_index.txt").read_text("utf-8").strip()


def is_public_index(url: str) -> bool:
    """Whether a URL is that of the public index."""
    return url.rstrip("/") == public_index_url().rstrip("/")


def local_path(url: str) -> Path | None:
    """The path of a ``file:`` URL; None for other URLs."""
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None


def _folder_url(parts: SplitResult, folder: Path) -> str | None:
    if parts.netloc not in {"", "localhost"}:
        return None
    path = unquote(parts.path) if parts.scheme else parts.path
    return Path(os.path.normpath(folder / path)).as_uri() + "/"
