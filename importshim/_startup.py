"""The lines in ``.pth`` and ``.start`` files of trees, which Python would execute at its start in an environment.

https://docs.python.org/3/library/site.html and PEP 829.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from importshim._domain import Domain
    from importshim._map import ImportMap


class Startup:
    """The lines in ``import_map``, each of which is executed once for its domain of ``domains``, by name in the map."""

    def __init__(self, domains: Mapping[str, Domain], import_map: ImportMap) -> None:
        self._executed: set[tuple[str, str, str]] = set()
        self.set_lines(domains, import_map)

    def set_lines(self, domains: Mapping[str, Domain], import_map: ImportMap) -> None:
        """Use the lines of another map; ``run`` skips those that it has executed."""
        self._lines = [(domains[entry.name], line) for entry in import_map.domains for line in entry.startup]

    def run(self) -> None:
        """Execute the lines that have not been executed yet, those of ``.start`` files last (PEP 829)."""
        lines = [one for one in self._lines if one[1] not in self._executed]
        self._executed.update(line for _, line in lines)
        for domain, (folder, file, line) in sorted(lines, key=lambda one: one[1][1].endswith(".start")):
            _execute(domain, line, folder, file)

    def started_domains(self) -> Iterator[Domain]:
        """The domains for which a line has been executed."""
        return (domain for domain, line in self._lines if line in self._executed)


def _execute(domain: Domain, line: str, folder: str, file: str) -> None:
    """A failure is only reported: one bad line must not keep Python from starting."""
    try:
        if file.endswith(".start"):
            domain.run(_call_entry_point, line)
            return
        exec(line, {"__builtins__": domain.builtins, "__name__": file, "sitedir": folder})
    except Exception as error:  # as in site
        sys.stderr.write(f"importshim: {file} of {domain.label} failed: {error!r}\n")


def _call_entry_point(text: str) -> None:
    """Call what ``module:callable`` names."""
    module, colon, path = text.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *path.split("."))):
        raise ValueError(f"{text!r} is not of the form module:callable")
    from importlib import import_module

    found: Any = import_module(module)
    for attribute in path.split("."):
        found = getattr(found, attribute)
    found()
