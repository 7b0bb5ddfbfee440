"""From a file or folder of another tool to what it says: the format is recognised by name and content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mvlock.errors import LocalError
from mvlock.foreign.document import optional_text, read_json, read_text, read_toml, table_in, understood
from mvlock.foreign.files import foreign_files
from mvlock.foreign.model import ForeignProject, ForeignWorkspace, combined, left_out

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
_NOT_READ = "not read; name it by `--from` to take it, too"
_TOOLS = {"poetry": "Poetry", "pdm": "PDM", "uv": "uv"}
_KNOWN = (
    "it can read requirements files, pyproject.toml and the locks of Poetry, PDM and uv, pylock.toml, Pipfile, "
    "environment.yml, and virtual environments"
)


def read_foreign(path: Path) -> ForeignProject:
    """What a file or folder says, with the lock beside it.

    :raises LocalError: ``file-unreadable``, ``foreign-invalid``, ``foreign-unknown``
    """
    if path.is_dir():
        return _read_folder(path)
    return _reader(path)(path)


def _read_folder(folder: Path) -> ForeignProject:
    if (folder / "pyvenv.cfg").is_file():
        from mvlock.foreign.installed import read_installed

        return read_installed(folder)
    names = ["pyproject.toml"] if (folder / "pyproject.toml").is_file() else []
    found = [folder / name for name in (*names, *foreign_files(folder))]
    if not found:
        raise LocalError("foreign-unknown", f"{folder} has no file that mvlock can read", hint=_KNOWN)
    first = read_foreign(found[0])
    named = [*first.files, *(omission.what for omission in first.left_out)]
    others = [path.name for path in found[1:] if not any(path.name in name for name in named)]
    notes = [left_out(", ".join(others), _NOT_READ)] if others else []
    return combined([first, *notes])


def _reader(path: Path) -> Callable[[Path], ForeignProject]:
    name = path.name
    if name == "pyproject.toml":
        return read_pyproject
    if name in _LOCKS or (name.startswith("pylock") and path.suffix == ".toml"):
        return _read_lock
    if name in ("Pipfile", "Pipfile.lock"):
        return _read_pipfile
    if path.suffix in (".yml", ".yaml"):
        return _read_conda
    if path.suffix in (".txt", ".in") or not path.exists() or _is_requirements(path):
        return _read_requirements
    raise LocalError("foreign-unknown", f"{path} is not a file that mvlock can read", hint=_KNOWN)


def _is_requirements(path: Path) -> bool:
    """Whether a file without a known name is a requirements file: it has lines, and each can be read as one."""
    try:
        found = _read_requirements(path)
    except LocalError:
        return False
    return bool(found.requirements or found.settings)


def _read_requirements(path: Path) -> ForeignProject:
    from mvlock.foreign.requirements_file import read_requirements_file

    return read_requirements_file(path)


def _read_conda(path: Path) -> ForeignProject:
    from mvlock.foreign.conda import read_environment_file

    return read_environment_file(path)


def read_pyproject(path: Path) -> ForeignProject:
    """What a pyproject.toml says: its standard tables, those of Poetry, PDM and uv, and the lock beside it.

    :raises LocalError: ``file-unreadable``, ``foreign-invalid``
    """
    return _read_project(path, None)


def _read_project(path: Path, lock: Path | None) -> ForeignProject:
    """What a pyproject.toml says, with a lock; None: that of its tool."""
    from mvlock.foreign.hatch import read_hatch
    from mvlock.foreign.standard import read_standard
    from mvlock.foreign.uv_paths import sources_beyond

    folder = path.parent.resolve()
    with understood(path.name):
        document = read_toml(path)
        tools = tools_in(document)
        shown = f" ({', '.join(_TOOLS[tool] for tool in tools)})" if tools else ""
        parts = [ForeignProject(files=(f"{path.name}{shown}",)), read_standard(document, folder)]
        parts += [*read_tools(document, folder), read_hatch(document, folder)]
        said = combined(parts)
        found = [lock] if lock is not None else _locks_of(folder, tools, said.workspace)
    others = [left_out(other.name, _NOT_READ) for other in found[1:]]
    beyond = ForeignProject(sources=sources_beyond(said.sources))
    return combined([said, beyond, *map(_read_versions, found[:1]), *others])


def _locks_of(folder: Path, tools: list[str], workspace: ForeignWorkspace | None) -> list[Path]:
    """The locks of a project: first that of a tool whose tables it has, which may be in the root of its workspace."""
    root = [workspace.root / "uv.lock"] if workspace is not None else []
    own = [folder / f"{tool}.lock" for tool in tools]
    every = dict.fromkeys([*own, *root, *(folder / name for name in _LOCKS), folder / "pylock.toml"])
    return [lock for lock in every if lock.is_file()]


def tools_in(document: Mapping[str, object]) -> list[str]:
    """The tools whose tables a pyproject.toml has, of those that are understood."""
    found = document.get("tool")
    return [tool for tool in _TOOLS if isinstance(found, Mapping) and tool in found]


def read_tools(document: Mapping[str, object], folder: Path, *, reads_uv: bool = True) -> Iterator[ForeignProject]:
    """What the tables of the other tools say, each as a part.

    Where ``reads_uv``, the sources of a workspace that the project is in apply, even if it has no table of uv itself.

    :raises ValueError: a table is not in the shape that its tool reads
    """
    tools = tools_in(document)
    if "poetry" in tools:
        from mvlock.foreign.poetry import read_poetry

        yield read_poetry(document, folder)
    if "pdm" in tools:
        from mvlock.foreign.pdm import read_pdm

        yield read_pdm(document, folder)
    if reads_uv:
        from mvlock.foreign.uv import read_uv

        yield read_uv(document, folder)


def _read_lock(path: Path) -> ForeignProject:
    """A lock with the pyproject.toml beside it, which says what is required; without it, the lock alone."""
    project = path.with_name("pyproject.toml")
    if project.is_file():
        with understood(project.name):
            document = read_toml(project)
        if "project" in document or tools_in(document):
            return _read_project(project, path)
    return _read_versions(path, alone=True)


def _read_versions(path: Path, *, alone: bool = False) -> ForeignProject:
    from mvlock.foreign.locked_package import required_by_none, versions_in

    with understood(path.name):
        document = read_toml(path)
        packages = list(_lock_reader(path.name)(document, path.parent.resolve()))
        parts = [ForeignProject(files=(path.name,)), versions_in(packages)]
        if alone:
            python = document.get("requires-python") or table_in(document, "metadata").get("python-versions")
            python = python or table_in(document, "metadata").get("requires_python")
            parts += [ForeignProject(requires_python=_python(python)), *required_by_none(packages, path.name)]
            if len(packages) > 1 and not any(package.requires for package in packages):
                parts.append(left_out(f"what {path.name} requires directly", "it does not say so: all were taken"))
        return combined(parts)


def _python(value: object) -> str | None:
    """``requires-python``; Poetry writes it in its own way."""
    from mvlock.foreign.poetry_versions import alternatives, enclosing, ordered

    text = optional_text(value, "requires-python")
    return ordered(enclosing(alternatives(text))) or None if text else None


def _lock_reader(name: str) -> Callable[..., Iterator]:  # type: ignore[type-arg]
    if name == "poetry.lock":
        from mvlock.foreign.poetry_lock import read_poetry_lock as reader
    elif name == "uv.lock":
        from mvlock.foreign.uv_lock import read_uv_lock as reader
    elif name == "pdm.lock":
        from mvlock.foreign.pdm_lock import read_pdm_lock as reader
    else:
        from mvlock.foreign.pylock import read_pylock as reader
    return reader


def _read_pipfile(path: Path) -> ForeignProject:
    from mvlock.foreign.pipfile import read_pipfile, read_pipfile_lock

    folder, parts = path.parent.resolve(), []
    pipfile, lock = path.with_name("Pipfile"), path.with_name("Pipfile.lock")
    if pipfile.is_file():
        with understood(pipfile.name):
            parts += [ForeignProject(files=("Pipfile",)), read_pipfile(read_toml(pipfile), folder)]
    if lock.is_file():
        with understood(lock.name):
            found = read_pipfile_lock(read_json(lock), folder, alone=not parts)
            parts += [ForeignProject(files=("Pipfile.lock",)), found]
    if not parts:
        read_text(path)
    return combined(parts)
