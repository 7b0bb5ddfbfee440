"""Switches in environment variables."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

from collections.abc import Mapping

_OFF = ("", "0", "false", "no", "off")


def ignores_configuration(environ: Mapping[str, str]) -> bool:
    """Whether ``MVLOCK_NO_CONFIG`` is on: only projects and variables count, no file of the user or the machine."""
    return environ.get("MVLOCK_NO_CONFIG", "").strip().lower() not in _OFF
