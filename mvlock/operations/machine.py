"""What this machine and its user decide about every operation, and who hears how it goes."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mvlock.base.variables import cache_by_variables
from mvlock.operations.user_settings import UserSettings, read_user_settings, variable
from mvlock.progress import Reporter, SilentReporter
from mvlock.project.location import check_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mvlock.index.connections import Connections


class Machine(NamedTuple):
    """The folder of the cache, environment variables (with the user's settings for those that are not set), the
    settings themselves, who receives progress and notes, and connections that several projects share."""

    cache: Path
    environ: Mapping[str, str]
    user: UserSettings
    reporter: Reporter
    connections: "Connections | None" = None

    @classmethod
    def of(cls, environ: Mapping[str, str], cache: Path | None = None, reporter: Reporter | None = None) -> "Machine":
        """The machine that these variables describe.

        :raises LocalError: ``config-invalid``, ``file-unreadable``, ``name-not-utf8``
        """
        user = read_user_settings(environ)
        variables = user.completed(environ)
        text = str(cache) if cache is not None else variables.get(variable("cache-dir")) or None
        return cls(cache_folder(text, environ), variables, user, reporter or SilentReporter())


def cache_folder(text: str | None, environ: Mapping[str, str]) -> Path:
    """The folder of the cache: the one that is named, else the default.

    :raises LocalError: ``name-not-utf8``
    """
    cache = default_cache(environ) if text is None else Path(text).expanduser().absolute()
    check_utf8(cache, "the cache directory")
    return cache


def default_cache(environ: Mapping[str, str]) -> Path:
    """Where platformdirs puts it; on Linux without asking it, because it is slow to import."""
    folder = cache_by_variables(environ)
    if folder is not None:
        return Path(folder)
    import platformdirs

    return platformdirs.user_cache_path("mvlock", appauthor=False)
