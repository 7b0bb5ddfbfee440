"""Rules between settings that no single field can check."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.project.problem import Problems
from mvlock.project.settings import Settings, ShareTable

_STATIC = ("dependencies", "optional-dependencies", "requires-python")


def check_rest(settings: Settings, problems: Problems) -> None:
    """Dynamic fields that we must read, a Python that we do not know, and sharing that contradicts itself."""
    for field in settings.project.dynamic:
        if field in _STATIC:
            text = f"'{field}' is made by a build backend, but mvlock reads it from pyproject.toml"
            problems.add("dynamic-field", "project.dynamic", text)
    python = settings.project.requires_python
    if not _admits_any(python):
        text = f"'{python}' admits no Python 3"
        problems.add("python-unsupported", "project.requires-python", text)
    _check_share("tool.mvlock.share", settings.mvlock.share, problems)
    for name, tree in settings.mvlock.trees.items():
        if tree.share is not None:
            _check_share(f"tool.mvlock.trees.{name}.share", tree.share, problems)


def _admits_any(python: SpecifierSet) -> bool:
    versions = (f"3.{minor}.{patch}" for minor in range(40) for patch in range(40))
    return any(python.contains(version) for version in versions)


def _check_share(at: str, share: ShareTable, problems: Problems) -> None:
    always = {canonicalize_name(name) for name in share.always or ()}
    for name in sorted(always & {canonicalize_name(name) for name in share.never or ()}):
        problems.add("share-contradicts", at, f"'{name}' is in both 'always' and 'never'")
