"""Python processes that a domain's code starts speak for that domain.

Libraries start ``sys.executable -c "import numpy"``, ``-m joblib…`` and the workers of ``multiprocessing``, and expect
to find themselves there. The child cannot know whose code gave it its program, so we tell it: through an environment
variable, set where ``subprocess``, ``multiprocessing`` and ``asyncio`` all start processes on POSIX systems.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from importshim._domain import Domain

VARIABLE = "IMPORTSHIM_TREE"

try:
    import _posixsubprocess as _starter
except ImportError:  # Windows: children speak for the application
    _starter = None  # type: ignore[assignment]

_fork_exec: Any = getattr(_starter, "fork_exec", None)
_posix_spawn: Any = getattr(os, "posix_spawn", None)


def principal() -> str:
    """The tree whose code has started this process, or ""."""
    return os.environ.get(VARIABLE, "")


def forget_principal() -> None:
    """Let processes that this one starts, in whatever way, not speak for whom this one was started for."""
    os.environ.pop(VARIABLE, None)


def watch(asker: Callable[[], Domain]) -> None:
    """From now on, tell Python processes that a domain's code starts whom they speak for."""
    if _starter is None:
        return

    def fork_exec(args: Any, executables: Any, close: Any, keep: Any, folder: Any, environment: Any, *rest: Any) -> Any:
        if os.fsencode(sys.executable) in executables:
            environment = _told(asker().name, _entries(os.environ) if environment is None else environment)
        return _fork_exec(args, executables, close, keep, folder, environment, *rest)

    def posix_spawn(path: Any, arguments: Any, environment: Any, **options: Any) -> Any:
        if os.fsencode(path) == os.fsencode(sys.executable):
            told = _told(asker().name, _entries(os.environ if environment is None else environment))
            environment = dict(entry.split(b"=", 1) for entry in told)
        return _posix_spawn(path, arguments, environment, **options)

    _put(fork_exec, posix_spawn)


def unwatch() -> None:
    """Start processes as ever."""
    if _starter is not None:
        _put(_fork_exec, _posix_spawn)


def teach_spawn(module: Any, asker: Callable[[], Domain], speak_for: Callable[[str], None]) -> None:
    """Let workers of ``multiprocessing`` speak for the domain that starts each of them.

    ``module`` is ``multiprocessing.spawn``. A fork server starts workers for everyone, so its own principal is not
    theirs: whom a worker speaks for travels with the data that prepares it.
    """
    collect, prepare = module.get_preparation_data, module.prepare

    def get_preparation_data(name: str) -> dict[str, object]:
        return {**collect(name), VARIABLE: asker().name}

    def prepare_worker(data: dict[str, Any]) -> None:
        speak_for(data.pop(VARIABLE, ""))
        prepare(data)

    module.get_preparation_data, module.prepare = get_preparation_data, prepare_worker


def _put(fork_exec: Callable[..., Any], posix_spawn: Callable[..., Any]) -> None:
    _starter.fork_exec = fork_exec
    subprocess: Any = sys.modules.get("subprocess")
    if hasattr(subprocess, "_fork_exec"):  # from 3.11 on, it keeps the function under a name of its own
        subprocess._fork_exec = fork_exec
    if _posix_spawn is not None:
        os.posix_spawn = posix_spawn


def _entries(environment: Mapping[Any, Any]) -> list[bytes]:
    return [os.fsencode(key) + b"=" + os.fsencode(value) for key, value in environment.items()]


def _told(name: str, environment: list[bytes]) -> list[bytes]:
    """``environment`` (``KEY=value`` entries) with the tree called ``name`` as principal; "": with none."""
    prefix = VARIABLE.encode() + b"="
    kept = [entry for entry in environment if not entry.startswith(prefix)]
    return [*kept, prefix + os.fsencode(name)] if name else kept
