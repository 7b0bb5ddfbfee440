"""The page: one HTML file with its style, its script and the picture as data. It requests nothing.

Names and versions come from a lock that anybody may have written. So the script makes text nodes of them, the data
cannot end its element, and the page's policy runs no script but its own, which it knows by its digest.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template

from mvlock.pictures.model import Picture, facts_json

_STYLES = ("palette.css", "page.css")
_SCRIPTS = ("dom.js", "facts.js", "map.js", "why.js", "layout.js", "tree.js", "page.js")
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def page_html(picture: Picture) -> str:
    """The page of a picture; equal pictures, equal pages."""
    style, script = "".join(map(part, _STYLES)), "".join(map(part, _SCRIPTS))
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    data = facts_json(picture).translate(_UNSAFE)
    return Template(part("page.html")).substitute(policy=policy, style=style, script=script, data=data)


def part(name: str) -> str:
    """One of the files that the page is made of."""
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
