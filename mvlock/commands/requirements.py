"""Requirements on a command line."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName

from mvlock.errors import LocalError
from mvlock.project.fields import plain_requirement


def parse_requirement(text: str) -> Requirement:
    """A requirement (PEP 508).

    :raises LocalError: ``requirement-invalid``
    """
    try:
        return plain_requirement(text)
    except (InvalidRequirement, InvalidName) as error:
        reason = str(error).splitlines()[0]
        raise LocalError("requirement-invalid", f"'{text}' is not a requirement ({reason})") from error
