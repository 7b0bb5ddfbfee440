"""The application's environment: importshim and what starts it, the project itself, trees' commands and data."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath

from mvlock.environment.content import TreeContent, WrittenFile, folders_of
from mvlock.environment.launcher import entry_point, routed_command, routed_script
from mvlock.environment.layout import Layout, TreePlace
from mvlock.environment.pth import PATH_FILE, START_FILE, knows_start_files
from mvlock.environment.record import record_row, record_text
from mvlock.errors import LocalError
from mvlock.install.activation import activation_scripts
from mvlock.install.distribution import ProjectDistribution
from mvlock.install.places import Places
from mvlock.install.scripts_and_data import OfferedDistribution
from mvlock.install.view import path_lines
from mvlock.plan.receipt import InstalledCommand, InstalledDistribution, InstalledScript, TreeReceipt
from mvlock.project.model import Project

_ACTIVATION = {PATH_FILE: b"import importshim; importshim.start()\n", START_FILE: b"importshim:start\n"}
"""A Python that reads the second file ignores the line in the first (PEP 829)."""
_PROCESSING = b"compiled, recorded"
_SUFFIXES = {".py", ".pyi", ".typed"}


def base_content(project: Project, places: Places) -> TreeContent:
    """What the environment has regardless of trees: importshim, what starts it, the project itself.

    :raises LocalError: ``project-invalid``, ``importshim-missing``
    """
    place, site_packages = places.app, places.layout.site_packages
    content = TreeContent()
    for path, data in _importshim_files():
        content.written[f"{site_packages}/importshim/{path}"] = WrittenFile(data)
    for suffix in [PATH_FILE, START_FILE] if knows_start_files(place) else [PATH_FILE]:
        content.written[f"{site_packages}/mvlock-importshim{suffix}"] = WrittenFile(_ACTIVATION[suffix])
    content.written[f"{site_packages}/mvlock-view.pth"] = WrittenFile(path_lines(place.layout))
    content.written[".gitignore"] = WrittenFile(b"*\n")
    content.written |= _own_distribution(project, place)
    content.written |= activation_scripts(project, place)
    return content


def with_scripts_and_data(base: TreeContent, offers: Iterable[OfferedDistribution], places: Places) -> TreeContent:
    """Everything in the environment except the import map, which changes independently.

    The project's own commands take precedence over those of trees, and earlier offers over later ones.
    """
    content, offers = TreeContent(written=dict(base.written)), tuple(offers)
    for offer in offers:
        _add_commands(content, offer, places)
    content.symlinks |= _data_links(offers, places, content.written)
    return content


def application_receipt(content: TreeContent, python: str) -> TreeReceipt:
    """The receipt for ``content``: its identity is a hash of all of it.

    ``_PROCESSING`` changes whenever the later treatment of the files (compiling) changes.
    """
    digest = hashlib.sha256(_PROCESSING)
    for path, file in sorted(content.written.items()):
        digest.update(f"{path}\0{len(file.content)}\0".encode() + file.content)
    for path, text in sorted(content.symlinks.items()):
        digest.update(f"{path}\0{text}\0".encode())
    shim = InstalledDistribution("importshim", "", f"files sha256:{digest.hexdigest()}")
    return TreeReceipt(tree="", python=python, distributions=(shim,))


def _add_commands(content: TreeContent, offer: OfferedDistribution, places: Places) -> None:
    """Add the commands of ``offer``; if a direct dependency's command has a name that is taken, that is recorded."""
    for command in offer.commands():
        for name, data in _files_of(offer.tree, command, places).items():
            target = f"{places.layout.scripts}/{name}"
            if target in content.written and offer.is_direct:
                content.overlaps.append((target, offer.tree))
            content.written.setdefault(target, WrittenFile(data, executable=True))


def _files_of(tree: str, command: InstalledCommand | InstalledScript, places: Places) -> dict[str, bytes]:
    windows, scripts = places.layout.windows, places.layout.scripts
    if isinstance(command, InstalledCommand):
        return routed_command(tree, command, windows=windows)
    script = places.tree(tree).root / scripts / command.name
    return routed_script(tree, command, _relative(script, places.app.root / scripts), windows=windows)


def _data_links(offers: Iterable[OfferedDistribution], places: Places, files: Collection[str]) -> dict[str, str]:
    """Links to data files, which programs look for below ``sys.prefix``; none where Python finds modules.

    Each file has its own link, in real folders of this environment: programs may write other files beside them.
    """
    python = f"{places.layout.site_packages.rpartition('/')[0]}/"
    links: dict[str, str] = {}
    for offer in offers:
        tree = places.tree(offer.tree).root
        for path in offer.item.data:
            if path not in links and path not in files and not path.startswith(python):
                links[path] = _relative(tree / path, (places.app.root / path).parent)
    everything = {*files, *links}
    folders = folders_of(everything)
    return {path: text for path, text in links.items() if path not in folders and not folders_of([path]) & everything}


def _relative(path: Path, folder: Path) -> str:
    return PurePath(os.path.relpath(path, folder)).as_posix()


def _own_distribution(project: Project, place: TreePlace) -> dict[str, WrittenFile]:
    """The project, installed as editable: its metadata, its folders on the path, its commands (PEP 660).

    A script has folders only.
    """
    layout = place.layout
    sources = _source_lines(project, place).encode()
    files = {f"{layout.site_packages}/mvlock-sources.pth": WrittenFile(sources)}
    if project.is_script:
        return files
    described = ProjectDistribution(project)
    for name, data in described.files().items():
        files[f"{layout.site_packages}/{described.info}/{name}"] = WrittenFile(data)
    for command in described.commands():
        name, data = entry_point(command, windows=layout.windows)
        files[f"{layout.scripts}/{name}"] = WrittenFile(data, executable=True)
    record = f"{layout.site_packages}/{described.info}/RECORD"
    rows = [_row(layout, path, file) for path, file in files.items()] + [record_row(layout.record_path(record))]
    return files | {record: WrittenFile(record_text(rows))}


def _row(layout: Layout, path: str, file: WrittenFile) -> str:
    return record_row(layout.record_path(path), file.digest, len(file.content))


def _source_lines(project: Project, place: TreePlace) -> str:
    """The application's folders; ``site`` resolves relative lines against the folder of the .pth file."""
    folders = (_relative(project.root / folder, place.site_packages) for folder in project.source_folders)
    return "".join(f"{folder}\n" for folder in folders)


def _importshim_files() -> Iterator[tuple[str, bytes]]:
    spec = importlib.util.find_spec("importshim")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError(
            "importshim-missing",
            "this installation of mvlock is incomplete: it has no importshim",
            hint="reinstall mvlock",
        )
    folder = Path(next(iter(spec.submodule_search_locations)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
