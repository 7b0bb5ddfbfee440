"""A Python process runs as the owner of its program, no matter which code has started it.

A script belongs to the tree in whose folders it is, else to the application, also when a library starts it again, as
reloaders do. Code on the command line (``-c``, standard input) belongs to the code that has started the process:
libraries start ``sys.executable -c "import numpy"`` and the workers of ``multiprocessing``, and expect to be
importable there. But if a caller of the library has that code as a literal or in a variable, it is that caller's:
command runners get it that way. A module (``-m``) is looked up for the code that has started the process; once it runs,
its own domain counts.

A child cannot know whose code has started it, so it gets an environment variable, set where ``subprocess``,
``multiprocessing`` and ``asyncio`` all start processes on POSIX systems, and where ``os.exec*`` replaces this process.
"""

from __future__ import annotations

import os
import sys

from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from importshim._domain import Domain

VARIABLE = "IMPORTSHIM_TREE"

try:
    import _posixsubprocess as _starter
except ImportError:  # Windows: children run as the application
    _starter = None  # type: ignore[assignment]

_LONG_WITH_VALUE = "--check-hash-based-pycs"
_fork_exec: Any = getattr(_starter, "fork_exec", None)
_posix_spawn: Any = getattr(os, "posix_spawn", None)
_execv, _execve = os.execv, os.execve


def process_owner(tree_of: Callable[[str], str]) -> tuple[str, bool]:
    """The tree that this process runs as at its start, or "", and whether its program is a script.

    ``tree_of`` gives the tree that a script belongs to.
    """
    script = _script(sys.orig_argv)
    if script is None:
        return os.environ.get(VARIABLE, ""), False
    forget_process_owner()
    return tree_of(os.path.abspath(script)), True


def _script(arguments: Sequence[str]) -> str | None:
    """The script on the interpreter's command line; None for ``-c``, ``-m`` and standard input.

    https://docs.python.org/3/using/cmdline.html
    """
    kind, value = _program(arguments)
    return value if kind == "" else None


def _program(arguments: Sequence[str]) -> tuple[str, str | None]:
    """What the interpreter runs: a script (""), code ("c") or a module ("m"), and which; None if none."""
    rest = iter(arguments[1:])
    for argument in rest:
        if not argument.startswith("-"):
            return "", argument
        if argument == _LONG_WITH_VALUE:
            next(rest, None)
        options = argument[1:] if argument[:2] != "--" else ""
        taking = next((place for place, letter in enumerate(options) if letter in "cmWX"), None)
        if argument == "-":
            break
        if taking is not None and options[taking] in "cm":
            return options[taking], options[taking + 1 :] or next(rest, None)
        if taking == len(options) - 1:
            next(rest, None)
    return "", None


def _code(arguments: Sequence[Any]) -> str | None:
    """The code on the command line of a Python process that is about to start."""
    kind, value = _program([os.fsdecode(argument) for argument in arguments])
    return value if kind == "c" else None


def forget_process_owner() -> None:
    """Keep processes that this one starts, in whatever way, from running as its owner."""
    os.environ.pop(VARIABLE, None)


class ProcessStartPatch(Patch):
    """Replaces what starts processes: Python processes that a domain's code starts get the name of that domain."""

    def __init__(self, code_owner: Callable[[str | None], Domain]) -> None:
        super().__init__()
        self._code_owner = code_owner

    def apply(self, module: Any) -> None:
        """From now on, set the variable for them."""
        code_owner = self._code_owner

        def fork_exec(
            args: Any, executables: Any, close: Any, keep: Any, folder: Any, environment: Any, *rest: Any
        ) -> Any:
            if os.fsencode(sys.executable) in executables:
                entries = _entries(os.environ) if environment is None else environment
                environment = _add_process_owner(code_owner(_code(args)).map_name, entries)
            return _fork_exec(args, executables, close, keep, folder, environment, *rest)

        def with_process_owner(path: Any, arguments: Any, environment: Any) -> Any:
            if not _is_python(path):
                return environment
            entries = _entries(os.environ if environment is None else environment)
            entries = _add_process_owner(code_owner(_code(arguments)).map_name, entries)
            return dict(entry.split(b"=", 1) for entry in entries)

        def posix_spawn(path: Any, arguments: Any, environment: Any, **options: Any) -> Any:
            return _posix_spawn(path, arguments, with_process_owner(path, arguments, environment), **options)

        def execv(path: Any, arguments: Any, /) -> Any:
            if not _is_python(path):
                return _execv(path, arguments)
            return _execve(path, arguments, with_process_owner(path, arguments, None))

        def execve(path: Any, argv: Any, env: Any) -> Any:
            return _execve(path, argv, with_process_owner(path, argv, env))

        if _starter is not None:
            self.put(_starter, "fork_exec", fork_exec)
        if _posix_spawn is not None:
            self.put(os, "posix_spawn", posix_spawn)
        if _starter is not None:
            self.put(os, "execv", execv)
            self.put(os, "execve", execve)


class SubprocessPatch(Patch):
    """``subprocess``, which from 3.11 on has its own reference to ``fork_exec``."""

    module = "subprocess"

    def apply(self, module: Any) -> None:
        """Set the reference to the current ``fork_exec``."""
        if _starter is not None and hasattr(module, "_fork_exec"):
            module._fork_exec = _starter.fork_exec

    def undo(self) -> None:
        """Set the reference to the original ``fork_exec``."""
        module: Any = sys.modules.get(self.module)
        if _starter is not None and hasattr(module, "_fork_exec"):
            module._fork_exec = _fork_exec


class SpawnPatch(Patch):
    """Workers of ``multiprocessing`` run as the domain that starts each of them.

    A fork server starts workers for all domains, so its owner is not theirs: a worker's owner is sent with the data
    that prepares it.
    """

    module = "multiprocessing.spawn"

    def __init__(self, effective_domain: Callable[[], Domain], run_as: Callable[[str], None]) -> None:
        super().__init__()
        self._effective_domain = effective_domain
        self._run_as = run_as

    def apply(self, module: Any) -> None:
        """Put the owner into the data."""
        effective_domain, run_as = self._effective_domain, self._run_as
        collect, prepare = module.get_preparation_data, module.prepare

        def get_preparation_data(name: str) -> dict[str, object]:
            return {**collect(name), VARIABLE: effective_domain().map_name}

        def prepare_worker(data: dict[str, Any]) -> None:
            run_as(data.pop(VARIABLE, ""))
            prepare(data)

        self.put(module, "get_preparation_data", get_preparation_data)
        self.put(module, "prepare", prepare_worker)


def _entries(environment: Mapping[Any, Any]) -> list[bytes]:
    return [os.fsencode(key) + b"=" + os.fsencode(value) for key, value in environment.items()]


def _is_python(path: Any) -> bool:
    """Whether ``path`` is this interpreter; file descriptors, which may refer to it too, are not checked."""
    return not isinstance(path, int) and os.fsencode(path) == os.fsencode(sys.executable)


def _add_process_owner(name: str, environment: list[bytes]) -> list[bytes]:
    """``environment`` (``KEY=value`` entries) with the tree called ``name`` as owner; "": with none."""
    prefix = VARIABLE.encode() + b"="
    kept = [entry for entry in environment if not entry.startswith(prefix)]
    return [*kept, prefix + os.fsencode(name)] if name else kept
