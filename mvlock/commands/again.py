"""The answer to a command line that was given before, without reading it anew.

Most calls of ``mvlock install`` and ``mvlock resolve`` have nothing to do. To see that takes less time than the imports
for reading a command line, settings and variables. So what these come to is noted in the cache, by the words, the
working folder and the variables; whether there is nothing to do is then found out as ever
(``mvlock.install.up_to_date``, ``mvlock.lock.current``). Otherwise, and in any doubt, the command runs as ever. Few
imports, and none of ``argparse``, ``pathlib`` or ``typing``. See docs/decisions/0031.
"""

from __future__ import annotations

import hashlib
import os
import sys

from mvlock import __version__
from mvlock.base.freshness import content_hash, note, read_note
from mvlock.base.variables import belongs_to_others, cache_by_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping, Sequence

    from mvlock.commands.options import Context

LOCK_IS_CURRENT = "mv.lock is up to date"
_WORDS = {"install", "lock", "resolve", "sync"}
"""The two commands and their synonyms: other command lines have no answer."""
_VARIABLES = ("HOME", "PATH", "PYENV_ROOT", "XDG_CACHE_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME")
"""What counts besides ``MVLOCK_*``."""
ANSWERS = "answers-1"
"""The folder of the notes in the cache."""

_asked: list[str] = []
"""The place for the note about the command line of this process."""


def nothing_to_do(modules: str, app: str) -> str:
    """What to say if everything is installed already."""
    return f"Nothing to do: {modules}/ and {app}/ match mv.lock"


def is_answered(words: Sequence[str]) -> bool:
    """Whether the command line of this process has nothing to do; then standard error says so."""
    place = _place(words) if _WORDS.intersection(words) and "_ARGCOMPLETE" not in os.environ else None
    if place is None:
        return False
    _asked.append(place)
    meaning = read_note(place)
    try:
        answer = _answer(meaning)
        if answer is not None and not meaning["quiet"] and sys.stderr is not None:
            sys.stderr.write(f"{answer}\n")
    except (OSError, ValueError, KeyError):
        return False
    return answer is not None


def remember(arguments: Namespace, context: Context) -> None:
    """Note what the command line of this process came to, if the next one like it may have nothing to do."""
    if not _asked:
        return
    from contextlib import suppress
    from pathlib import Path

    from mvlock.base import drafts

    place = Path(_asked.pop())
    meaning = _meaning(arguments, context) if place.parents[1] == context.options.cache else None
    if meaning is not None and meaning != read_note(place):
        with suppress(OSError, ValueError):
            drafts.write(place.parent, place, note(meaning))


def _place(words: Sequence[str]) -> str | None:
    """In the cache that the variables name; None: they do not say which it is, or it belongs to others."""
    variables = {name: text for name, text in os.environ.items() if name.startswith("MVLOCK_") or name in _VARIABLES}
    default = cache_by_variables(variables)
    cache = variables.get("MVLOCK_CACHE_DIR") or default
    if cache is None or (cache == default and belongs_to_others(cache)):
        return None
    try:
        asked = (__version__, sys.executable, os.getcwd(), list(words), sorted(variables.items()))  # noqa: PTH109
    except OSError:
        return None
    name = hashlib.sha256(repr(asked).encode()).hexdigest()[:32]
    return os.path.join(cache, ANSWERS, name)  # noqa: PTH118  # pathlib takes long to import


def _answer(meaning: Mapping[str, Sequence[str]]) -> str | None:
    """What to say if there is nothing to do.

    :raises KeyError: the meaning is not known
    :raises ValueError: as ``KeyError``
    """
    if meaning["hashes"] != _hashes(meaning["settings"]):
        return None
    (root,) = meaning["root"]
    if "cache" in meaning:
        from mvlock.lock.current import LockInputs, is_known_current

        (cache,) = meaning["cache"]
        return LOCK_IS_CURRENT if is_known_current(LockInputs.read(root, cache)) else None
    from mvlock.install.up_to_date import InstallInputs, unchanged_state

    (options,) = meaning["options"]
    state = unchanged_state(InstallInputs.read(root, options))
    return nothing_to_do(state.modules, state.app) if state is not None else None


def _meaning(arguments: Namespace, context: Context) -> dict[str, Sequence[str]] | None:
    """What decides the answer; None if there is more to say, or if the project may lie elsewhere next time."""
    from pathlib import Path

    from mvlock.operations.user_settings import settings_files

    options = context.options
    question = _question(arguments, context)
    if not question or options.verbose or options.log or not (options.project or options.root == Path.cwd()):
        return None
    settings = [str(path) for path in settings_files(os.environ)]
    quiet = ["quiet"] if options.quiet else []
    return {"root": [str(options.root)], "quiet": quiet, "settings": settings, "hashes": _hashes(settings), **question}


def _question(arguments: Namespace, context: Context) -> dict[str, Sequence[str]]:
    """Empty if there is no answer."""
    if arguments.command == "install":
        from mvlock.commands.install import install_inputs

        inputs = install_inputs(arguments, context)
        return {"options": [inputs.options]} if inputs is not None else {}
    if arguments.command == "resolve" and not arguments.json:
        from mvlock.commands.resolve import lock_inputs

        return {"cache": [str(context.options.cache)]} if lock_inputs(arguments, context) is not None else {}
    return {}


def _hashes(paths: Iterable[str]) -> list[str]:
    return [content_hash(path) or "" for path in paths]
