"""Rules between settings that no single field can check."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.project.other_tools import convert_hint
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.settings import ProjectTable, Settings, ShareTable

_STATIC = ("dependencies", "optional-dependencies", "requires-python")


_TOOL, _TYPO_CUTOFF = "mvlock", 0.85
_UNREAD = frozenset(
    {
        *("version", "description", "readme", "license", "license-files", "authors", "maintainers", "keywords"),
        *("classifiers", "urls", "gui-scripts", "entry-points", "import-names", "import-namespaces"),
    }
)
"""Keys of ``[project]`` that say nothing about what is locked (PEP 621, PEP 639, PEP 794)."""


def check_python(document: Mapping[str, object], settings: Settings, problems: Problems) -> None:
    """Refuse a ``requires-python`` that no Python 3 satisfies; the message quotes it as written."""
    if not _allows_any(settings.project.requires_python):
        table = document.get("project")
        written = table.get("requires-python") if isinstance(table, Mapping) else None
        problems.add("python-unsupported", "project.requires-python", f"'{written}' allows no Python 3")


def check_keys(document: Mapping[str, object], problems: Problems) -> None:
    """Refuse keys of ``[project]`` that no PEP defines, as the set is fixed, and a misspelt ``[tool.mvlock]``."""
    table = document.get("project")
    known = _UNREAD | set(ProjectTable.__struct_encode_fields__)
    for key in table if isinstance(table, Mapping) else ():
        if key not in known:
            problems.add("extra-forbidden", key_path(["project", key]), "unknown key" + did_you_mean(key, known))
    tools = document.get("tool")
    for name in tools if isinstance(tools, Mapping) else ():
        if name != _TOOL and did_you_mean(name, [_TOOL], cutoff=_TYPO_CUTOFF):
            problems.add("extra-forbidden", key_path(["tool", name]), f"unknown tool; did you mean '{_TOOL}'?")


def check_settings(document: Mapping[str, object], settings: Settings, problems: Problems) -> None:
    """Refuse dynamic fields that mvlock must read, and share settings that contradict themselves."""
    for field in settings.project.dynamic:
        if field in _STATIC:
            text = f"contains '{field}', but mvlock needs it to be static{convert_hint(document)}"
            problems.add("dynamic-field", "project.dynamic", text)
    _check_share("tool.mvlock.share", settings.mvlock.share, problems)
    for name, tree in settings.mvlock.trees.items():
        if tree.share is not None:
            _check_share(f"tool.mvlock.trees.{name}.share", tree.share, problems)


def _allows_any(python: SpecifierSet) -> bool:
    versions = (f"3.{minor}.{patch}" for minor in range(40) for patch in range(40))
    return any(python.contains(version) for version in versions)


def _check_share(at: str, share: ShareTable, problems: Problems) -> None:
    always = {canonicalize_name(name) for name in share.always or ()}
    for name in sorted(always & {canonicalize_name(name) for name in share.never or ()}):
        problems.add("share-contradicts", at, f"'{name}' is in both 'always' and 'never'")
