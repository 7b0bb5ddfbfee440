"""Field types of the configuration: text becomes the value it stands for, or a problem with a reason."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, TypeVar

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.base.limits import LONGEST_NAME
from mvlock.base.pep508 import parse_marker, parse_requirement, parse_specifiers
from mvlock.base.tables import FieldError, Parsed
from mvlock.project.model import Age, Moment

_T = TypeVar("_T")
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_PLAIN_DURATION = re.compile(r"(\d{1,6})\s*(second|minute|hour|day|week)s?(?:\s+ago)?")
_OBJECT_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\s*:\s*[^\W\d]\w*(\.[^\W\d]\w*)*")
_LONGEST = timedelta(days=365_000)
"""A thousand years, so that what is that long before now is still in the calendar."""
_ISO_DURATION = re.compile(r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")


def _reason(error: Exception) -> str:
    """The first line of a parser's error; the rest only draws an arrow."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:1].lower() + lines[0][1:].rstrip(":. ")


def _parser(noun: str, parse: Callable[[str], _T], *refused: type[Exception]) -> Callable[[object], _T]:
    code = noun.rsplit(maxsplit=1)[-1] + "-invalid"

    def read(value: object) -> _T:
        if not isinstance(value, str):
            raise FieldError(code, f"must be a string that is {noun}, not {kind_of(value)}")
        try:
            return parse(value)
        except refused as error:
            raise FieldError(code, f"'{value}' is not {noun} ({_reason(error)})") from error

    return read


def kind_of(value: object) -> str:
    """What TOML calls the type of ``value``."""
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "an array"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")


def plain_requirement(text: str) -> Requirement:
    """A requirement (PEP 508) with its names normalised (PEP 503), so that equal ones have equal text."""
    requirement = parse_requirement(text)
    requirement.name = _project_name(requirement.name)
    requirement.extras = {canonicalize_name(extra) for extra in requirement.extras}
    return requirement


def without_url(requirement: Requirement) -> Requirement:
    """The requirement without its direct reference, which is a source of the project instead."""
    if not requirement.url:
        return requirement
    bare = plain_requirement(str(requirement))
    bare.url = None
    return bare


def _bound(text: str) -> Requirement:
    requirement = plain_requirement(text)
    if requirement.extras or requirement.url:
        raise InvalidRequirement("a constraint or override has neither extras nor a URL")
    return requirement


def _rule(text: str) -> Requirement:
    rule = _bound(text)
    if rule.marker:
        raise InvalidRequirement("a rule about locked versions has no marker")
    return rule


def _read_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise FieldError("count-invalid", "must be an integer, at least 1")
    return value


def _excluded(text: str) -> Requirement:
    return Requirement(_project_name(text))


def _marker(text: str) -> Marker:
    marker = parse_marker(text)
    if "extra" in re.findall(r"\w+", re.sub(r"\"[^\"]*\"|'[^']*'", "", text)):
        raise InvalidMarker("a marker in `environments` cannot use `extra`")
    return marker


def read_time(value: object) -> Moment:
    """A moment (RFC 3339, with time zone), the end of a day (UTC), or a duration before now.

    Durations are ``7 days`` or ISO 8601 (``P7D``). Accepts what TOML gives: text, dates and times.

    :raises ValueError: anything else
    """
    try:
        found = _read_time(value)
    except OverflowError as error:
        raise ValueError(f"'{value}' is too far from now") from error
    if isinstance(found, Age) and found.length > _LONGEST:
        raise ValueError(f"'{value}' is too far from now")
    return found


def _read_time(value: object) -> Moment:
    if isinstance(value, datetime):
        return _aware(value)
    if isinstance(value, date):
        return datetime.combine(value, time(), timezone.utc) + timedelta(days=1)
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - one error for everything that is not a time
            f"must be a string, date or time, not {kind_of(value)}"
        )
    duration = _duration(value.strip())
    if duration is not None:
        return duration
    return _parse_time(value.strip())


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"'{value.isoformat()}' has no time zone; add one, for example Z")
    return value.astimezone(timezone.utc)


def _parse_time(text: str) -> Moment:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return _read_time(date.fromisoformat(text))
        return _aware(datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text)))
    except ValueError as error:
        if "time zone" in str(error):
            raise
        raise ValueError(
            f"'{text}' is not a time like 2026-11-01T00:00:00Z, a date, or a duration like '7 days'"
        ) from error


def _duration(text: str) -> Age | None:
    plain = _PLAIN_DURATION.fullmatch(text)
    if plain:
        return Age(timedelta(seconds=int(plain[1]) * _UNITS[plain[2]]))
    iso = _ISO_DURATION.fullmatch(text)
    if iso and any(iso.groups()):
        weeks, days, hours, minutes, seconds = (int(group or 0) for group in iso.groups())
        return Age(timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds))
    return None


def _read_time_field(value: object) -> Moment:
    try:
        return read_time(value)
    except ValueError as error:
        raise FieldError("time-invalid", str(error)) from error


def _read_limit_field(value: object) -> Moment | None:
    return None if value is False else _read_time_field(value)


def _name(text: str) -> str:
    _project_name(text)
    return text


def _project_name(text: str) -> NormalizedName:
    if len(text) > LONGEST_NAME:
        raise InvalidName(f"it has {len(text)} characters; the limit is {LONGEST_NAME}")
    return canonicalize_name(text, validate=True)


def _reference(text: str) -> str:
    if not _OBJECT_REFERENCE.fullmatch(text):
        raise ValueError("needs the form package.module:function")
    return text


def _module(text: str) -> str:
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split(".")):
        raise ValueError("needs identifiers joined by dots")
    return text


def _schema(format_: str, description: str) -> dict[str, object]:
    return {"type": "string", "format": format_, "description": description, "minLength": 1}


RequirementField = Annotated[
    Requirement,
    Parsed(
        _parser("a requirement", plain_requirement, InvalidRequirement, InvalidName),
        _schema("pep508-requirement", "A requirement (PEP 508)."),
    ),
]
BoundField = Annotated[
    Requirement,
    Parsed(
        _parser("a constraint", _bound, InvalidRequirement, InvalidName),
        _schema("pep508-requirement", "A requirement (PEP 508) without extras and URL."),
    ),
]
RuleField = Annotated[
    Requirement,
    Parsed(
        _parser("a project with versions", _rule, InvalidRequirement, InvalidName),
        _schema("pep508-requirement", "A project, with or without versions (PEP 508), without extras, URL and marker."),
    ),
]
CountField = Annotated[int, Parsed(_read_count, {"type": "integer", "minimum": 1})]
MarkerField = Annotated[
    Marker,
    Parsed(
        _parser("an environment marker", _marker, InvalidMarker),
        _schema("pep508-marker", "An environment marker (PEP 508)."),
    ),
]
SpecifierField = Annotated[
    SpecifierSet,
    Parsed(
        _parser("a version specifier", parse_specifiers, InvalidSpecifier),
        _schema("pep440-specifier", "A version specifier (PEP 440)."),
    ),
]
_NAME_SCHEMA: dict[str, object] = {"type": "string", "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"}
NameField = Annotated[str, Parsed(_parser("a valid name", _name, InvalidName), _NAME_SCHEMA)]
ExcludedField = Annotated[Requirement, Parsed(_parser("a valid name", _excluded, InvalidName), _NAME_SCHEMA)]
ReferenceField = Annotated[
    str,
    Parsed(
        _parser("an object reference", _reference, ValueError),
        _schema("object-reference", "An object reference (entry points specification)."),
    ),
]
ModuleField = Annotated[
    str,
    Parsed(
        _parser("an import name", _module, ValueError),
        {"type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"},
    ),
]
_TIME_SCHEMA: dict[str, object] = {
    "type": "string",
    "minLength": 1,
    "description": "A time (RFC 3339), a day (until its end, UTC), or a duration ('7 days', 'P7D').",
}
TimeField = Annotated[Moment, Parsed(_read_time_field, _TIME_SCHEMA)]
LimitField = Annotated[
    Moment | None,
    Parsed(
        _read_limit_field, {"anyOf": [_TIME_SCHEMA, {"const": False}], "description": "A time, or false: no limit."}
    ),
]
