"""All targets by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from importshim._map import DamagedMapError, MapError
from mvlock.errors import MvlockError
from tests.robust.fuzz import archive_readers, runtime_readers, text_readers
from tests.robust.fuzz.target import Target

_EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
_OURS = (MvlockError,)
_REQUIREMENTS = (
    *(
        b">=1.0",
        b"==1.*",
        b"~=1",
        b"===x",
        b"!=",
        b" ; ",
        b"python_version",
        b"extra == 'x'",
        b" in ",
        b"platform_release",
    ),
    *(
        b"[x]",
        b" @ https://x/",
        b"file:///",
        b"git+",
        b"../",
        b"1!1.0.dev0+l",
        b"sys_platform",
        b" and ",
        b" or ",
        b"not",
    ),
)
_TOML = (
    b"[x]",
    b"[[x]]",
    b"x = 1",
    b'"""',
    b"'''",
    b"2024-01-01T00:00:00Z",
    b"9999-12-31",
    b"inf",
    b"true",
    b"[]",
    b"{}",
)
_HTML = (
    b"<a href=",
    b"</a>",
    b"<base href=",
    b"<meta name=",
    b"&#x0;",
    b"&#99999999;",
    b"<!DOCTYPE",
    b"<![",
    b"<?",
    b"-->",
)
_FOREIGN = (
    *(b"-r x.txt", b"-c x", b"-e .", b"--hash=sha256:0", b"# via -r x.in", b"^1.2", b"~1", b"dependencies:", b"- pip:"),
    *(b"&a", b"*a", b"!!python/object:os.system", b"<<: *a", b"include-group", b"develop = true"),
)


def _examples(kind: str) -> Callable[[], list[bytes]]:
    """Seeds: the examples of a schema."""
    return lambda: [path.read_bytes() for path in sorted((_EXAMPLES / kind).rglob("*.*"))]


TARGETS = {
    target.name: target
    for target in (
        Target("pyproject", text_readers.read_project, _OURS, _examples("tool-mvlock"), (*_TOML, *_REQUIREMENTS)),
        Target("lock", text_readers.read_lock_file, _OURS, _examples("mv-lock"), (*_TOML, *_REQUIREMENTS)),
        Target(
            "page-json",
            text_readers.read_json_page,
            _OURS,
            words=(b"null", b"true", b"1e400", b'"yanked":', *_REQUIREMENTS),
        ),
        Target("page-html", text_readers.read_html_page, _OURS, words=(*_HTML, *_REQUIREMENTS)),
        Target("metadata", text_readers.read_core_metadata, _OURS, words=(b"\nRequires-Dist: ", *_REQUIREMENTS)),
        Target("foreign", text_readers.read_foreign_file, _OURS, words=(*_FOREIGN, *_TOML, *_REQUIREMENTS)),
        Target("environment", text_readers.read_environment, _OURS, words=(b"\n%%\n", b"import x", *_REQUIREMENTS)),
        Target("wheel", archive_readers.read_wheel, _OURS, archive_readers.wheels, mutate=archive_readers.wheel_mutant),
        Target("sdist", archive_readers.read_sdist, _OURS, archive_readers.sdists, mutate=archive_readers.sdist_mutant),
        Target("import-map", runtime_readers.read_import_map, (MapError, DamagedMapError), _examples("import-map")),
        Target("elf", runtime_readers.read_shared_object, (), runtime_readers.shared_objects),
    )
}
