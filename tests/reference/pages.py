"""The generated pages, by their paths in the repository."""

from __future__ import annotations

from tests.reference.commands import commands_page
from tests.reference.settings import settings_page
from tests.reference.variables import variables_page


def reference_pages() -> dict[str, str]:
    """Every page and its text: equal code, equal text."""
    return {
        "docs/reference/commands.md": commands_page(),
        "docs/reference/settings.md": settings_page(),
        "docs/reference/variables.md": variables_page(),
    }
