"""``python -m tests.reference``: write docs/reference/ again."""

from __future__ import annotations

from tests.e2e.markdown import ROOT
from tests.reference.pages import reference_pages

if __name__ == "__main__":
    for name, text in reference_pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
