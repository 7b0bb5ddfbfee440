"""Words of other tools that are no commands here, and what to do instead. Synonyms are in ``command_table``."""

from __future__ import annotations

from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from mvlock.commands.command_table import COMMANDS, SYNONYMS
from mvlock.errors import LocalError, MvlockError
from mvlock.project.location import find_project
from mvlock.project.settings import MvlockTable

_ACTIVATE = "`. {app}/bin/activate` puts the application's commands on PATH; `mvlock run CMD` runs a single one"
_FREEZE = "`mvlock list` prints names and versions, `mvlock export --format requirements` writes files that pip reads"
_NEW = "`mvlock init DIR` starts a project"
_RUN = "`mvlock run CMD` runs a command of the application, for example `mvlock run python main.py`"
_UPLOAD = "mvlock does not publish distributions: `python -m build` makes them, `twine upload` publishes them"

INSTEAD = {
    "import convert migrate": "`mvlock init --from SOURCE` takes over a project of another tool: its file or folder",
    "freeze": _FREEZE,
    "activate deactivate shell venv env virtualenv": _ACTIVATE,
    "new create": _NEW,
    "exec start x dlx": _RUN,
    "python": "`mvlock run python` is the application's Python; mvlock does not install Pythons",
    "test pytest": "`mvlock run pytest` runs the tests, if pytest is a dependency: `mvlock add --dev pytest`",
    "publish upload build": _UPLOAD,
    "bundle zip archive": "`mvlock pack` makes an archive that runs on other machines",
    "compile": "`mvlock resolve` makes mv.lock; `mvlock export` writes it as files that other installers read",
    "reinstall repair fix": "`mvlock install --repair` checks every file and restores what is damaged",
    "status validate": "`mvlock check` says whether mv.lock and what is installed are current",
    "diff": "`mvlock resolve --dry-run` shows what would change in mv.lock",
    "dedupe duplicates": "`mvlock tree --duplicates` shows which projects have several versions, and why",
    "deps dependencies": "`mvlock tree` shows what requires what, `mvlock why NAME` what needs a project",
    "info view": "`mvlock show NAME` shows what mv.lock knows of a project",
    "clean prune": "`mvlock cache clean` removes the cache, `mvlock cache prune` what is unused in it",
    "set": "`mvlock config set KEY VALUE` changes yours; those of a project are in [tool.mvlock]",
    "login auth": "credentials of an index are in its URL, in ~/.netrc or in a keyring",
    "search download": "mvlock does neither: it locks and installs what pyproject.toml requires",
    "sbom bom": "`mvlock export --format cyclonedx` writes a software bill of materials",
    "license licence": "`mvlock licenses` lists the licenses of what is locked",
    "vulnerabilities security": "`mvlock audit` looks for known vulnerabilities of what is locked",
    "self": "mvlock is upgraded by what installed it, for example `pipx upgrade mvlock`",
    "pip": "instead of pip, use `mvlock add NAME`, `mvlock remove NAME`, `mvlock list`, `mvlock show NAME`",
}
"""Words, and one hint for all of them."""


def unknown_command(name: str) -> LocalError:
    """The error for a word that is no command, with what its meaning suggests, else its letters, else all commands."""
    hints = [hint.replace("{app}", _application_folder()) for words, hint in INSTEAD.items() if name in words.split()]
    near = get_close_matches(name, [*COMMANDS, *SYNONYMS], n=1)
    hints += [f"did you mean `mvlock {word}`?" for word in near]
    hints.append(f"commands are {', '.join(COMMANDS)}")
    return LocalError("usage", f"there is no command '{name}'", hint=hints[0])


def _application_folder() -> str:
    """The folder of the application's environment in the project here, else the usual one."""
    from mvlock.project.load import load_project

    with suppress(MvlockError):
        return load_project(find_project(Path.cwd())).app
    return MvlockTable().app
