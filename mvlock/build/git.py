"""Git sources: a mirror per repository in the cache, a checkout per build."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from mvlock.base.drafts import draft_folder
from mvlock.base.locks import file_lock
from mvlock.base.os_errors import NOT_WRITABLE
from mvlock.base.urls import login_in, without_credentials, without_secrets
from mvlock.build.processes import Processes
from mvlock.errors import LocalError, NetworkFailure

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PROTOCOLS = "file:git:http:https:ssh"
_HELPER = """!f() { printf 'username=%s\\npassword=%s\\n' "$LOGIN_FOR_GIT" "$PASSWORD_FOR_GIT"; }; f"""
"""A credential helper (gitcredentials): others can read arguments and configuration, not variables."""


class GitMirrors:
    """Mirrors of repositories under one folder. Safe for several processes."""

    def __init__(self, folder: Path, processes: Processes, *, offline: bool = False) -> None:
        self._folder = folder
        self._git = Git(processes)
        self._offline = offline

    def commit_of(self, url: str, revision: str | None) -> str:
        """The commit that a branch, tag or abbreviated commit refers to now (None: the default branch).

        :raises LocalError: ``git-missing``, ``git-revision-unknown``
        :raises NetworkFailure: ``git-failed``
        """
        if revision and _COMMIT.fullmatch(revision):
            return revision
        target = revision or "HEAD"
        if target.startswith("-"):
            raise LocalError("git-revision-unknown", f"{target!r} is not a revision of {without_credentials(url)}")
        with self._mirror(url, fresh=True) as mirror:
            for name in (f"refs/heads/{target}", f"refs/tags/{target}", target):
                found = self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", at=mirror, check=False)
                if found:
                    return found
        text = f"{without_credentials(url)} has no branch, tag or commit {target!r}"
        raise LocalError("git-revision-unknown", text)

    def checkout(self, url: str, commit: str, destination: Path) -> None:
        """Put the files of ``commit``, with its submodules and its history, into ``destination``.

        A mirror that the disk has damaged is made again.
        """
        try:
            self._check_out(url, commit, destination)
        except NetworkFailure:
            with self._mirror(url, has=commit) as mirror:
                if self._offline or self._git.is_intact(mirror):
                    raise
                shutil.rmtree(mirror)
            shutil.rmtree(destination, ignore_errors=True)
            self._check_out(url, commit, destination)

    def _check_out(self, url: str, commit: str, destination: Path) -> None:
        with self._mirror(url, has=commit) as mirror:
            self._git("clone", "--quiet", "--no-checkout", "--", str(mirror), str(destination))
        self._git("checkout", "--quiet", "--detach", commit, at=destination)
        if (destination / ".gitmodules").exists():
            self._git("remote", "set-url", "origin", without_secrets(url), at=destination)
            self._git("submodule", "update", "--quiet", "--init", "--recursive", at=destination, remote=url)

    def _mirror(self, url: str, *, fresh: bool = False, has: str = "") -> _Mirror:
        return _Mirror(self._git, self._folder, url, self._offline, fresh=fresh, has=has)


class _Mirror:
    """A bare repository, locked while it is updated and read.

    If it cannot be locked because the cache is read-only, it is read without a lock: it appears by rename, and git
    itself allows reading during a concurrent fetch.
    """

    def __init__(self, git: Git, folder: Path, url: str, offline: bool, *, fresh: bool, has: str) -> None:
        self._git = git
        self._path = folder / hashlib.sha256(without_secrets(url).encode()).hexdigest()[:32]
        self._lock = file_lock(Path(f"{self._path}.lock"))
        self._url = url
        self._offline = offline
        self._fresh = fresh
        self._has = has

    def __enter__(self) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except OSError as error:
            if error.errno in NOT_WRITABLE and self._has_commit():
                return self._path
            raise
        try:
            if not self._has_commit():
                self._update()
        except BaseException:
            self._lock.release()
            raise
        return self._path

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def _has_commit(self) -> bool:
        if not self._path.is_dir():
            return False
        if self._fresh:
            return self._offline
        return bool(self._git("cat-file", "-t", self._has, at=self._path, check=False))

    def _update(self) -> None:
        if self._offline:
            text = f"{without_credentials(self._url)} is not in the cache"
            raise NetworkFailure("index-offline", text, hint="run once without `--offline`")
        if self._path.is_dir():
            try:
                self._git("fetch", "--quiet", "--prune", "--tags", "--force", "origin", at=self._path, remote=self._url)
            except NetworkFailure:
                if self._git.is_intact(self._path):
                    raise
                shutil.rmtree(self._path)
            else:
                return
        with draft_folder(self._path.parent) as folder:
            place = str(folder / "mirror")
            self._git("clone", "--quiet", "--mirror", "--", without_secrets(self._url), place, remote=self._url)
            (folder / "mirror").rename(self._path)


class Git:
    """Runs git."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def __call__(self, *arguments: str, at: Path | None = None, check: bool = True, remote: str = "") -> str:
        """What git prints; empty if it fails, which is an error if ``check``.

        ``remote``: the URL that it will reach; its login is given only to a server of that origin which asks for one.

        :raises LocalError: ``git-missing``
        :raises NetworkFailure: ``git-failed``
        """
        command = ["git", *(("-C", str(at)) if at else ()), *arguments]
        # Settings of the caller's repository do not apply here, and git must not prompt.
        environment = {name: value for name, value in os.environ.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
        environment |= _login_variables(remote, environment.get("GIT_CONFIG_COUNT", ""))
        try:
            code, output, errors = self._processes.ask(command, environment)
        except FileNotFoundError as error:
            raise LocalError("git-missing", "a git source needs git, which is not installed") from error
        if code and check:
            lines = [f"git {arguments[0]} failed", *(f"  {line}" for line in errors.strip().splitlines()[-3:])]
            raise NetworkFailure("git-failed", "\n".join(lines))
        return output.strip() if not code else ""

    def is_intact(self, repository: Path) -> bool:
        """Whether everything in it is what it was; reads all of it."""
        try:
            self("fsck", "--no-progress", "--no-dangling", at=repository)
        except NetworkFailure:
            return False
        return True


def _login_variables(remote: str, others: str) -> dict[str, str]:
    """Variables that give git the login in a URL; ``others``: how many other settings there are in variables."""
    login, settings = login_in(remote), int(others) if others.isdecimal() else 0
    if login is None or not remote.startswith(("http://", "https://")):
        return {}
    parts = urlsplit(without_credentials(remote))
    return {
        "GIT_CONFIG_COUNT": str(settings + 1),
        f"GIT_CONFIG_KEY_{settings}": f"credential.{parts.scheme}://{parts.netloc}.helper",
        f"GIT_CONFIG_VALUE_{settings}": _HELPER,
        "LOGIN_FOR_GIT": login[0],
        "PASSWORD_FOR_GIT": login[1],
    }
