"""Finding the Python that trees are made for, and what it says of itself.

Places are searched in a fixed order, the newest version of a place first: the one that is asked for; the
interpreter that runs mvlock; ``python3.X`` on PATH; pyenv's versions; the siblings of the running interpreter
(pyenv and uv both keep versions side by side). The answer is always the interpreter itself, never a virtual
environment's, which may go away. What an interpreter said is kept on disk until its file changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import packaging
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from mvlock import interpreter_probe
from mvlock.base import atomic
from mvlock.errors import UsageError

OLDEST = Version("3.10")
_NEWEST_MINOR = 30
_SECONDS = 20
_VERSION_ASKED = re.compile(r"(?:cpython-?|python)?(\d+(?:\.\d+){0,2})")
_FREE_THREADED = "is free-threaded: several versions in one process need the GIL"
_CACHE_FOLDER = "interpreters-1"
_QUESTION = """
import json, os, platform, sys, sysconfig
v = sys.implementation.version
print(json.dumps({"free": bool(sysconfig.get_config_var("Py_GIL_DISABLED")), "environment": {
    "implementation_name": sys.implementation.name,
    "implementation_version": "%d.%d.%d" % v[:3] + ("" if v[3] == "final" else v[3][0] + str(v[4])),
    "os_name": os.name, "platform_machine": platform.machine(), "platform_release": platform.release(),
    "platform_system": platform.system(), "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "python_version": ".".join(platform.python_version_tuple()[:2]), "sys_platform": sys.platform}}))
"""


class Interpreter(msgspec.Struct, frozen=True):
    """A CPython that can run what we install.

    ``path`` is absolute and of the interpreter itself. ``version`` is PEP 440 text (``3.11.7``),
    ``environment`` every marker variable of PEP 508 but ``extra``, ``tags`` the wheel tags it supports
    (PEP 425), best first. ``layout`` has the folders of its virtual environments by sysconfig's names,
    relative and POSIX. ``platform`` is sysconfig's name (``linux-x86_64``), ``triple`` the compiler's,
    ``cache_tag`` that of PEP 3147, ``standard_library`` the top-level names that no distribution serves.
    """

    path: Path
    version: str
    implementation: str
    environment: Mapping[str, str]
    tags: tuple[str, ...]
    prefix: Path
    layout: Mapping[str, str]
    platform: str
    triple: str
    cache_tag: str
    extension_suffix: str
    standard_library: frozenset[str]

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])

    @property
    def is_free_threaded(self) -> bool:
        """Whether it was built to run without the GIL (PEP 703): its own wheel tags say so (``cp314t``)."""
        return self.tags[0].split("-")[1].endswith("t")

    @property
    def libc(self) -> str:
        """``glibc 2.36`` or ``musl 1.2``, the newest that its wheel tags name; "" elsewhere than on Linux."""
        for tag in self.tags:
            found = re.search(r"-(many|musl)linux_(\d+)_(\d+)_", tag)
            if found:
                return f"{'glibc' if found[1] == 'many' else 'musl'} {found[2]}.{found[3]}"
        return ""


class Search(msgspec.Struct, frozen=True):
    """Where to look, apart from what is asked for.

    ``path`` is the text of PATH; without ``cache`` nothing is kept. ``running`` False leaves out ourselves.
    """

    path: str = msgspec.field(default_factory=lambda: os.environ.get("PATH", ""))
    pyenv_root: Path = msgspec.field(
        default_factory=lambda: Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    )
    siblings_of: Path = msgspec.field(default_factory=lambda: Path(sys.base_prefix))
    running: bool = True
    cache: Path | None = None


class _Place(msgspec.Struct, frozen=True):
    """A candidate: where it is, and its version where the name of its folder tells."""

    path: Path
    version: Version | None = None


def find_interpreter(
    requires_python: SpecifierSet, wanted: str | None = None, *, search: Search | None = None
) -> Interpreter:
    """The first interpreter that ``requires_python`` admits; ``wanted`` is ``3.12``, a path or a command.

    :raises UsageError: ``python-missing``; lists what was found and why each does not fit
    """
    search = search or Search()
    asked = _VERSION_ASKED.fullmatch(wanted) if wanted is not None else None
    wanted = asked[1] if asked else wanted
    seen: dict[Path, str] = {}
    for place in _places(wanted, search):
        real = place.path.resolve()
        if real in seen:
            continue
        seen[real] = _unfit(place.version, requires_python, wanted) if place.version else ""
        if seen[real]:
            continue
        answer = _ask(place.path, search.cache)
        seen[real] = answer if isinstance(answer, str) else _refused(answer, requires_python, wanted)
        if isinstance(answer, Interpreter) and not seen[real]:
            return answer
    raise _nothing_fits(requires_python, wanted, seen)


def marker_environment(path: Path) -> tuple[dict[str, str], bool]:
    """The marker variables (PEP 508) of any Python, also one too old to install for, and whether it is free-threaded.

    :raises UsageError: ``python-missing`` when it does not run
    """
    command = [os.fspath(path), "-I", "-c", _QUESTION]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        facts = json.loads(answer.stdout)
        return _text_table(facts["environment"]), bool(facts["free"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise UsageError("python-missing", f"{path} is not a Python that runs: {error}") from error


def standard_library(interpreter: Interpreter) -> frozenset[str]:
    """The top-level names of its standard library; those of our own where it cannot be asked."""
    if interpreter.minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.stdlib_module_names
    command = [os.fspath(interpreter.path), "-I", "-S", "-c", "import sys; print(*sys.stdlib_module_names)"]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS, text=True)
    except (OSError, subprocess.SubprocessError):
        return sys.stdlib_module_names
    return frozenset(answer.stdout.split())


def _places(wanted: str | None, search: Search) -> Iterator[_Place]:
    if wanted is not None and not _VERSION_ASKED.fullmatch(wanted):
        yield from _named(wanted, search)
        return
    if search.running:
        yield _Place(Path(interpreter_probe.base_executable()))
    yield from _on_path(search)
    yield from _side_by_side(search.pyenv_root / "versions")
    yield from _side_by_side(search.siblings_of.parent)


def _named(wanted: str, search: Search) -> Iterator[_Place]:
    """A file, the folder of an environment, or a command on PATH."""
    path = Path(wanted).expanduser()
    if path.is_dir():
        yield from (_Place(path / name) for name in _EXECUTABLES if (path / name).exists())
    elif path.exists():
        yield _Place(path.absolute())
    elif os.sep not in wanted:
        folders = map(Path, search.path.split(os.pathsep))
        yield from (_Place(folder / wanted) for folder in folders if (folder / wanted).is_file())


_EXECUTABLES = ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe")


def _on_path(search: Search) -> Iterator[_Place]:
    """``python3.X``, newest first. Shims of pyenv lead to its versions, which are searched anyway."""
    folders = [Path(folder) for folder in search.path.split(os.pathsep) if folder]
    folders = [folder for folder in folders if folder != search.pyenv_root / "shims"]
    for minor in range(_NEWEST_MINOR, OLDEST.minor - 1, -1):
        for folder in folders:
            path = folder / f"python3.{minor}"
            if path.is_file() and os.access(path, os.X_OK):
                yield _Place(path)


def _side_by_side(folder: Path) -> Iterator[_Place]:
    """Installations in folders named after their versions (``3.12.1``, ``cpython-3.12.1-linux-…``)."""
    found = [(version, path) for path in _folders(folder) if (version := _version_in(path.name)) is not None]
    for version, path in sorted(found, reverse=True):
        for name in (f"bin/python3.{version.minor}", "python.exe"):
            if (path / name).is_file():
                yield _Place(path / name, version)


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return []


def _version_in(name: str) -> Version | None:
    found = re.fullmatch(r"(?:cpython-)?(\d+\.\d+\.\d+\w*)(?:-.*)?", name)
    try:
        return Version(found[1]) if found else None
    except InvalidVersion:
        return None


def _refused(found: Interpreter, requires_python: SpecifierSet, wanted: str | None) -> str:
    """Why the interpreter cannot be used, or ""."""
    if found.implementation != "cpython":
        return f"is {found.implementation}, not CPython"
    if found.is_free_threaded:
        return f"{found.version} {_FREE_THREADED}"
    return _unfit(Version(found.version), requires_python, wanted)


def _unfit(version: Version, requires_python: SpecifierSet, wanted: str | None) -> str:
    if version < OLDEST:
        return f"{version}: mvlock needs Python {OLDEST} or newer"
    if wanted and _VERSION_ASKED.fullmatch(wanted) and not f"{version}.".startswith(f"{wanted}."):
        return f"{version} is not {wanted}"
    if not requires_python.contains(version, prereleases=True):
        return f"{version} is not in '{requires_python}'"
    return ""


def _nothing_fits(requires_python: SpecifierSet, wanted: str | None, seen: Mapping[Path, str]) -> UsageError:
    asked = f"Python '{wanted}'" if wanted else f"a Python that requires-python '{requires_python}' admits"
    lines = [f"  {path}: {reason}" for path, reason in seen.items()]
    hint = "install one, or name one with `--python PATH`"
    verdict = f"{asked} was not found" + ("; looked at" if lines else "")
    if any(_FREE_THREADED in reason for reason in seen.values()):
        hint = "install, or name with `--python PATH`, one of the same version that is built with the GIL"
    if wanted and lines and not _VERSION_ASKED.fullmatch(wanted):
        verdict = f"'{wanted}' is there, but is no Python that can be used here"
    return UsageError(
        "python-missing",
        "\n".join([verdict, *lines]),
        hint=hint,
        facts={"wanted": wanted, "found": {str(path): reason for path, reason in seen.items()}},
    )


def _ask(path: Path, cache: Path | None) -> Interpreter | str:
    """What the interpreter says of itself, or why there is no answer."""
    kept = _kept_file(path, cache)
    if kept is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return _from_facts(json.loads(kept.read_bytes()))
    try:
        facts = _facts(path)
        interpreter = _from_facts(facts)
    except subprocess.TimeoutExpired:
        return f"did not answer within {_SECONDS} seconds"
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError, TypeError):
        return "did not answer; it is not a Python 3.8 or newer, or it is broken"
    if kept is not None and interpreter.path.resolve() == path.resolve():
        _keep(kept, facts)
    return interpreter


def _facts(path: Path) -> dict[str, object]:
    """Ask in this process if it is about the running interpreter, else in one short process."""
    if path == Path(interpreter_probe.base_executable()):
        return interpreter_probe.describe()
    site = Path(packaging.__file__).parent.parent
    command = [os.fspath(path), "-I", "-S", "-B", interpreter_probe.__file__, os.fspath(site)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    answer = json.loads(done.stdout)
    if not isinstance(answer, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - as any other answer that makes no sense
    return answer


def _from_facts(facts: dict[str, object]) -> Interpreter:
    values = dict(facts)
    texts = {key: str(values[key]) for key in _TEXTS}
    return Interpreter(
        path=Path(str(values["path"])),
        prefix=Path(str(values["prefix"])),
        environment=_text_table(values["environment"]),
        layout=_text_table(values["layout"]),
        tags=_text_list(values["tags"]),
        standard_library=frozenset(_text_list(values["standard_library"])),
        **texts,
    )


_TEXTS = ("version", "implementation", "platform", "triple", "cache_tag", "extension_suffix")


def _text_table(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return {str(key): str(item) for key, item in value.items()}


def _text_list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(str(item) for item in value)


def _kept_file(path: Path, cache: Path | None) -> Path | None:
    """Where the answer is kept: a new interpreter, kernel or libc is another file."""
    if cache is None:
        return None
    real = path.resolve()
    try:
        changed = real.stat().st_mtime_ns
    except OSError:
        return None
    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}) else ""
    system = [*os.uname()] if hasattr(os, "uname") else [sys.platform]
    key = json.dumps([os.fspath(real), changed, system, libc, packaging.__version__])
    return cache / _CACHE_FOLDER / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _keep(file: Path, facts: dict[str, object]) -> None:
    """Write by rename; a cache that cannot be written only costs time."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, json.dumps(facts).encode())
