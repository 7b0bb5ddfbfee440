"""Version constraints of Poetry (``^1.2``, ``~1.2``, ``1.*``, ``||``) as PEP 440 specifiers."""

from __future__ import annotations

import re

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_PART = re.compile(r"(\^|~=|~|===?|!=|<=|>=|<|>)?\s*([^\s,|^~=!<>]+)")
_EXACT = "=="


def specifier(text: str) -> SpecifierSet:
    """A constraint without "or" as a specifier; ``*`` is the empty one.

    :raises ValueError: it is none
    """
    rest = _PART.sub("", text).replace(",", "").strip()
    if rest:
        raise ValueError(f"'{text}' is not a version constraint")
    return SpecifierSet(",".join(_bounds(operator, version) for operator, version in _PART.findall(text)))


def alternatives(text: str) -> list[SpecifierSet]:
    """The constraints that ``||`` separates."""
    return [specifier(part) for part in re.split(r"\|\|?", text)]


def enclosing(choices: list[SpecifierSet]) -> SpecifierSet:
    """The only choice, or the specifier from the lowest to the highest bound of several, for PEP 440 has no "or".

    A bound that one of them lacks is left out.
    """
    if len(choices) == 1:
        return choices[0]
    lower = [_bound(choice, (">", ">=", "==")) for choice in choices]
    upper = [_bound(choice, ("<", "<=", "==")) for choice in choices]
    bounds = []
    if None not in lower:
        bounds.append(f">={min(version for version in lower if version)}")
    if None not in upper:
        newest = max(version for version in upper if version)
        inclusive = any(one.operator in ("<=", "==") and one.version == str(newest) for all_ in choices for one in all_)
        bounds.append(f"<{'=' if inclusive else ''}{newest}")
    return SpecifierSet(",".join(bounds))


def ordered(found: SpecifierSet) -> str:
    """The text of a specifier with what it is at least before what it is less than."""
    return ",".join(sorted(map(str, found), key=lambda text: (text.startswith("<"), text)))


def _bound(choice: SpecifierSet, operators: tuple[str, ...]) -> Version | None:
    """The only bound of a kind; of ``==1.*`` none, since it is no version."""
    versions = [one.version for one in choice if one.operator in operators]
    return Version(versions[0]) if len(versions) == 1 and not versions[0].endswith("*") else None


def _bounds(operator: str, text: str) -> str:
    if text == "*":
        return ""
    if operator == "^":
        return _up_to(text, _caret_place(Version(text).release))
    if operator == "~":
        return _up_to(text, min(1, len(Version(text).release) - 1))
    return f"{operator or _EXACT}{text}"


def _caret_place(release: tuple[int, ...]) -> int:
    """The first number that is not zero, else the last one."""
    return next((place for place, number in enumerate(release) if number), len(release) - 1)


def _up_to(text: str, place: int) -> str:
    """From a version to before the next one of the number at ``place``."""
    release = Version(text).release
    ceiling = ".".join(map(str, (*release[:place], release[place] + 1)))
    return f">={text},<{ceiling}"
