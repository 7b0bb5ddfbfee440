"""What pip or uv is configured for is mentioned, with its file and what takes it over; secrets are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mvlock.index.other_installers import default_indexes, further_advice, network_advice
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

URL = "https://me:hunter-7f3a@packages.example.invalid/simple"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is configured."""
    own = ("MVLOCK_NO_CONFIG", "MVLOCK_CONFIG_FILE", "VIRTUAL_ENV", "XDG_CONFIG_HOME")
    others = [name for name in os.environ if name.startswith(("PIP_", "UV_"))]
    for name in (*own, *others, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.setenv("MVLOCK_HTTP_RETRIES", "0")
    return tmp_path / "home"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _found(environ: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(one.tool, one.value, one.where) for one in default_indexes(environ)]


def test_pip_reads_variables_then_the_files_of_environment_user_and_machine(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "UV_NO_CONFIG": "1"}
    machine = _write(tmp_path / "etc" / "pip" / "pip.conf", "[global]\nindex-url = https://machine.invalid/")
    assert _found(environ) == [("pip", "https://machine.invalid/", str(machine))]
    old = _write(tmp_path / "home" / ".pip" / "pip.conf", "[global]\nindex-url = https://old.invalid/")
    assert _found(environ) == [("pip", "https://old.invalid/", str(old))]
    text = "[global]\nindex-url = https://global.invalid/\n[install]\nindex_url: https://user.invalid/"
    user = _write(tmp_path / "home" / ".config" / "pip" / "pip.conf", text)
    assert _found(environ) == [("pip", "https://user.invalid/", str(user))]
    _write(tmp_path / "env" / "pip.conf", "[global]\nindex-url = https://env.invalid/")
    environ["VIRTUAL_ENV"] = str(tmp_path / "env")
    assert _found(environ)[0][1] == "https://env.invalid/"
    environ["PIP_INDEX_URL"] = "https://variable.invalid/"
    assert _found(environ) == [("pip", "https://variable.invalid/", "PIP_INDEX_URL")]


def test_a_pip_without_files_has_none(tmp_path: Path) -> None:
    _write(tmp_path / ".config" / "pip" / "pip.conf", "[global]\nindex-url = https://user.invalid/")
    assert _found({"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}) == []


def test_uv_reads_variables_then_the_files_of_user_and_machine(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "PIP_CONFIG_FILE": "/dev/null"}
    machine = _write(tmp_path / "etc" / "uv" / "uv.toml", '[pip]\nindex-url = "https://machine.invalid/"')
    assert _found(environ) == [("uv", "https://machine.invalid/", str(machine))]
    text = '[[index]]\nurl = "https://extra.invalid/"\n[[index]]\nurl = "https://user.invalid/"\ndefault = true'
    user = _write(tmp_path / ".config" / "uv" / "uv.toml", text)
    assert _found(environ) == [("uv", "https://user.invalid/", str(user))]
    environ["UV_DEFAULT_INDEX"] = "corp=https://variable.invalid/?a=b"
    assert _found(environ) == [("uv", "https://variable.invalid/?a=b", "UV_DEFAULT_INDEX")]


@pytest.mark.parametrize("text", ["[global\nindex-url", "[global]\nindex-url = not a URL", "\0", "[global]\nx = %(y)s"])
def test_files_that_say_nothing_are_no_error(tmp_path: Path, text: str) -> None:
    _write(tmp_path / ".config" / "pip" / "pip.conf", text)
    _write(tmp_path / ".config" / "uv" / "uv.toml", text)
    assert _found({"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc")}) == []


_PIP_FILE = """\
[global]
extra-index-url =
    https://me:hunter-7f3a@extra.invalid/simple
    https://torch.invalid/whl
proxy = me:hunter-7f3a@proxy.invalid:8080
trusted-host = extra.invalid
[install]
find-links = /srv/wheels https://me:hunter-7f3a@links.invalid/page.html
cert = /etc/corp.pem
"""
_UV_FILE = """\
extra-index-url = ["https://old.invalid/simple"]
allow-insecure-host = ["insecure.invalid"]
find-links = ["/srv/more"]
https-proxy = "http://me:hunter-7f3a@uv-proxy.invalid"

[[index]]
name = "internal"
url = "https://me:hunter-7f3a@internal.invalid/simple"

[[index]]
url = "https://default.invalid/simple"
default = true
"""


def _advice(environ: dict[str, str]) -> list[str]:
    return [*further_advice(environ), *network_advice(environ)]


def test_all_that_pip_needs_to_find_and_reach_is_mentioned_without_secrets(tmp_path: Path) -> None:
    file = _write(tmp_path / ".config" / "pip" / "pip.conf", _PIP_FILE)
    found = _advice({"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "UV_NO_CONFIG": "1"})
    assert [text.partition("; ")[0] for text in found] == [
        f"pip also uses https://extra.invalid/simple here ({file})",
        f"pip also uses https://torch.invalid/whl here ({file})",
        f"pip also takes files from /srv/wheels ({file})",
        f"pip also takes files from https://links.invalid/page.html ({file})",
        f"pip uses the proxy http://proxy.invalid:8080 ({file})",
        f"pip trusts the certificates in /etc/corp.pem ({file})",
        f"pip does not check the certificate of extra.invalid ({file})",
    ]
    assert "hunter-7f3a" not in str(found)
    assert found[3].endswith('as a [[tool.mvlock.index]] with format = "flat"')
    assert found[5].endswith("; for mvlock, set SSL_CERT_FILE=/etc/corp.pem")


def test_all_that_uv_needs_to_find_and_reach_is_mentioned_without_secrets(tmp_path: Path) -> None:
    file = _write(tmp_path / ".config" / "uv" / "uv.toml", _UV_FILE)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "PIP_CONFIG_FILE": "/dev/null"}
    found = _advice({**environ, "UV_INDEX": "corp=https://u:hunter-7f3a@corp.invalid/ https://old.invalid/simple"})
    assert [text.partition("; ")[0] for text in found] == [
        "uv also uses https://corp.invalid/ here (UV_INDEX)",
        "uv also uses https://old.invalid/simple here (UV_INDEX)",
        f"uv also uses https://internal.invalid/simple here ({file})",
        f"uv also takes files from /srv/more ({file})",
        f"uv uses the proxy http://uv-proxy.invalid ({file})",
        f"uv does not check the certificate of insecure.invalid ({file})",
    ]
    assert "hunter-7f3a" not in str(found)
    assert _advice({**environ, "MVLOCK_NO_CONFIG": "1"}) == []


def test_variables_of_pip_come_before_its_files(tmp_path: Path) -> None:
    _write(tmp_path / ".config" / "pip" / "pip.conf", _PIP_FILE)
    environ = {"HOME": str(tmp_path), "UV_NO_CONFIG": "1", "HTTPS_PROXY": "http://proxy.invalid:8080"}
    environ |= {"PIP_EXTRA_INDEX_URL": "https://a.invalid/ https://b.invalid/", "PIP_FIND_LINKS": "/w"}
    environ |= {"PIP_TRUSTED_HOST": "c.invalid", "REQUESTS_CA_BUNDLE": "/etc/ca.pem", "SSL_CERT_FILE": "/etc/ca.pem"}
    assert [text.partition("; ")[0] for text in _advice(environ)] == [
        "pip also uses https://a.invalid/ here (PIP_EXTRA_INDEX_URL)",
        "pip also uses https://b.invalid/ here (PIP_EXTRA_INDEX_URL)",
        "pip also takes files from /w (PIP_FIND_LINKS)",
        "pip does not check the certificate of c.invalid (PIP_TRUSTED_HOST)",
    ]


def _plain(project: ProjectFolder) -> None:
    text = '[project]\nname = "my-app"\nversion = "0.1"\nrequires-python = ">=3.12,<3.13"\ndependencies = ["a"]\n'
    project.pyproject.write_text(text, "utf-8")


def test_it_is_offered_where_nothing_names_an_index_for_mvlock(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, home: Path
) -> None:
    file = _write(home / ".config" / "pip" / "pip.conf", f"[global]\nindex-url = {URL}\n")
    _plain(project)
    offered = mvlock("resolve", "--offline")
    shown = "https://packages.example.invalid/simple"
    assert f"note: pip uses {shown} here ({file}); for mvlock, run `mvlock config set index-url {shown}`" in offered.err
    assert "hunter-7f3a" not in offered.err
    assert f"pip uses {shown} here ({file})" in mvlock("doctor").out
    index.publish("a", "1.0")
    assert "pip uses" not in mvlock("resolve", "--index-url", index.url).err
    project.write(["a"], python=">=3.12,<3.13")
    assert "pip uses" not in mvlock("resolve", "--upgrade").err


def test_it_is_the_hint_if_the_default_index_cannot_be_reached(
    mvlock: Mvlock, project: ProjectFolder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX_URL", URL)
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
    _plain(project)
    refused = mvlock("resolve")
    assert refused.code == 3 and "hunter-7f3a" not in refused.err
    assert "hint: uv uses https://packages.example.invalid/simple here (UV_INDEX_URL)" in refused.err


def test_after_it_is_taken_over_its_credentials_work_and_are_in_no_other_file(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, home: Path
) -> None:
    index.publish("a", "1.0")
    index.settings.credentials = ("me", "hunter-7f3a")
    with_credentials = index.url.replace("//", "//me:hunter-7f3a@")
    pip = _write(home / ".config" / "pip" / "pip.conf", f"[global]\nindex-url = {with_credentials}\n")
    _plain(project)
    offered = mvlock("resolve", "--offline").err
    command = offered.partition("run `mvlock ")[2].partition("`")[0]
    assert mvlock(*command.split()).code == 0
    done = mvlock("resolve")
    assert done.code == 0, done.err
    others = [path for path in home.parent.rglob("*") if path.is_file() and path != pip]
    assert not [path for path in others if b"hunter-7f3a" in path.read_bytes()]


def test_further_indexes_are_mentioned_at_the_first_lock_and_where_they_may_be_missing(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, home: Path
) -> None:
    index.publish("a", "1.0")
    _write(home / ".config" / "pip" / "pip.conf", f"[global]\nextra-index-url = {URL}\n")
    _plain(project)
    mentioned = "note: pip also uses https://packages.example.invalid/simple here"
    assert mentioned in mvlock("resolve", "--index-url", index.url).err
    assert mentioned not in mvlock("resolve", "--upgrade", "--index-url", index.url).err
    assert mentioned in mvlock("add", "internal", "--index-url", index.url).err
    assert "pip also uses" in mvlock("doctor").out
    project.write(["a"], python=">=3.12,<3.13")
    assert "pip also uses" not in mvlock("resolve", "--upgrade").err


def test_proxy_and_certificate_of_pip_are_the_hint_if_an_index_cannot_be_reached(
    mvlock: Mvlock, project: ProjectFolder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    file = _write(home / ".config" / "pip" / "pip.conf", _PIP_FILE)
    _plain(project)
    refused = mvlock("resolve", "--index-url", "http://127.0.0.1:9/")
    assert refused.code == 3 and "hunter-7f3a" not in refused.err
    assert f"hint: pip uses the proxy http://proxy.invalid:8080 ({file}); mvlock uses that of" in refused.err
    assert f"pip trusts the certificates in /etc/corp.pem ({file}); for mvlock, set SSL_CERT_FILE" in refused.err
