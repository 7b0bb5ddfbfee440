"""The code has the structure in docs/architecture.md: layers in order, two separate packages, output in one place."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    "codes",
    "errors",
    "progress",
    "base",
    "interpreter",
    "foreign",
    "project",
    "index",
    "resolver",
    "lock",
    "plan",
    "store",
    "environment",
    "build",
    "importmap",
    "install",
    "pack",
    "pictures",
    "operations",
    "schemas",
    "api",
    "commands",
    "__main__",
)
"""Every part of mvlock; each may import from those before it."""

RUNTIME = (
    "_active",
    "_patch",
    "_classes",
    "_frames",
    "_importlib",
    "_no_gil_release",
    "_load_lock",
    "_map",
    "_project",
    "_file_owners",
    "_view",
    "_schemes",
    "_children",
    "_builtins",
    "_execute",
    "_keys",
    "_traceback",
    "_import_patch",
    "_domain",
    "_map_diff",
    "_table",
    "_callers",
    "_metadata",
    "_errors",
    "_compiled",
    "_strict_report",
    "_trace",
    "_attribution",
    "_lazy",
    "_loaders",
    "_folder",
    "_namespace",
    "_tree_finders",
    "_trees",
    "_finder",
    "_path",
    "_entries",
    "_adoption",
    "_import_function",
    "_elf",
    "_redirections",
    "_registries",
    "_loop",
    "_stack",
    "_native",
    "_script",
    "_class_owners",
    "_pickling",
    "_picklers",
    "_threads",
    "_ledger",
    "_startup",
    "_extensions",
    "_loading",
    "_refresh",
    "_runtime",
    "_api",
    "_explain",
    "__init__",
)
"""Every module of importshim: data first, then the rules, attribution, finding and loading, the public functions."""

ONLY_STAGE = {
    "urllib3": {"index"},
    "ssl": {"index"},
    "http": {"index"},
    "resolvelib": {"resolver"},
    "rich": {"commands"},
    "argparse": {"commands"},
    "argcomplete": {"commands"},
    "tomlkit": {"commands"},
    "tomllib": {"base"},
    "tomli": {"base"},
    "cyclonedx": {"lock", "operations"},
    "packageurl": {"lock"},
}
"""Libraries that only one layer imports."""

LAYERS_WITH_PUBLIC = LAYERS[LAYERS.index("interpreter") : LAYERS.index("schemas")]
"""Stages of which the others may use what their ``PUBLIC`` names, and nothing else."""

MAX_LINES, MAX_METHODS = 300, 20
CENTRAL_CLASSES = {
    "foreign": {"ForeignProject", "ForeignSource"},
    "project": {"Problems"},
    "resolver": {"Catalogue"},
    "lock": {"Lock", "LockedTree"},
    "pack": {"Entry", "File"},
    "pictures": {"Picture"},
    "operations": {"Machine"},
}
"""The central classes of each layer: every other class is imported by at most a third of its modules."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def sources(package: str) -> list[Path]:
    """Every module of a package."""
    return sorted((ROOT / package).rglob("*.py"))


def place(path: Path) -> str:
    """A module as messages name it."""
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text("utf-8"), str(path))


def layer_of(path: Path) -> str:
    """The part of mvlock that a module belongs to; ``__init__`` is the package itself."""
    return path.relative_to(ROOT / "mvlock").parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The absolute name of everything a module imports, wherever in it; ``from a import b`` gives ``a.b``."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            ours = any(alias.name.startswith("mvlock.") for alias in node.names)
            assert not ours, f"{place(path)}:{node.lineno} imports no names"
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{place(path)}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layers_imported(path: Path) -> set[str]:
    """The parts of mvlock that a module imports from."""
    names = [name.split(".")[1] for name in imported(path) if name.startswith("mvlock.")]
    return {name for name in names if name in LAYERS}


def used_names(path: Path, package: str) -> Iterator[tuple[str, str]]:
    """What a module uses of a package: names by the module that has them, relative to the package."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            yield from ((alias.name, name) for alias in node.names for name in _attributes(path, alias.name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            yield from ((str(node.module).removeprefix(f"{package}."), alias.name) for alias in node.names)


def _attributes(path: Path, module: str) -> set[str]:
    """The attributes used of a module that was imported as a whole."""
    found = (node for node in ast.walk(syntax(path)) if isinstance(node, ast.Attribute))
    return {node.attr for node in found if isinstance(node.value, ast.Name) and node.value.id == module}


def test_every_part_of_mvlock_is_in_the_order() -> None:
    assert {layer_of(path) for path in sources("mvlock")} - {"__init__"} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_from_layers_before_it(layer: str) -> None:
    later = set(LAYERS[LAYERS.index(layer) + 1 :])
    modules = [path for path in sources("mvlock") if layer_of(path) == layer]
    assert {place(path): found for path in modules if (found := layers_imported(path) & later)} == {}


@pytest.mark.parametrize("layer", LAYERS_WITH_PUBLIC)
def test_layers_use_only_public_names_of_each_other(layer: str) -> None:
    """Both ways: what no other layer uses is not public."""
    others = [path for path in sources("mvlock") if layer_of(path) != layer]
    used = {place(path): found for path in others if (found := set(used_names(path, f"mvlock.{layer}")))}
    public = {(module, name) for module, names in import_module(f"mvlock.{layer}").PUBLIC.items() for name in names}
    assert {user: found - public for user, found in used.items() if found - public} == {}
    assert public - set().union(*used.values()) == set()


def test_every_layer_says_what_is_public() -> None:
    """All folders except ``base``, which is public as a whole, and the commands, which no other folder uses."""
    assert {path.parent.name for path in sources("mvlock") if path.name == "__init__.py"} == {
        *LAYERS_WITH_PUBLIC, "mvlock", "base", "commands"
    }  # fmt: skip


@pytest.mark.parametrize(
    "folder", [*(f"mvlock/{layer}" for layer in ("base", *LAYERS_WITH_PUBLIC, "commands")), "importshim"]
)
def test_no_module_or_class_is_too_large(folder: str) -> None:
    modules = sources(folder)
    assert [place(path) for path in modules if len(path.read_text("utf-8").splitlines()) > MAX_LINES] == []
    classes = [node for path in modules for node in ast.walk(syntax(path)) if isinstance(node, ast.ClassDef)]
    assert {node.name: size for node in classes if (size := _methods(node)) > MAX_METHODS} == {}


@pytest.mark.parametrize("layer", ["base", *LAYERS_WITH_PUBLIC])
def test_no_class_of_a_layer_is_imported_by_more_than_a_third_of_it(layer: str) -> None:
    modules = sources(f"mvlock/{layer}")
    known = Counter(name for path in modules for name in imported(path) if name.startswith(f"mvlock.{layer}."))
    classes = {name: count for name, count in known.items() if name.rpartition(".")[2][0].isupper()}
    many = {name.rpartition(".")[2] for name, count in classes.items() if count > len(modules) / 3}
    assert many == CENTRAL_CLASSES.get(layer, set())


@pytest.mark.parametrize("layer", ["base", *LAYERS_WITH_PUBLIC])
def test_no_modules_of_a_layer_import_each_other(layer: str) -> None:
    names = {f"mvlock.{layer}.{path.stem}": path for path in sources(f"mvlock/{layer}")}
    wanted = {name: {one.rpartition(".")[0] for one in imported(path)} & names.keys() for name, path in names.items()}
    list(TopologicalSorter(wanted).static_order())


def _methods(node: ast.ClassDef) -> int:
    return sum(isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for one in node.body)


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes in ``node``, except what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _at_run_time(child)


def _runtime_imports(path: Path) -> set[str]:
    """The modules of importshim that one imports, wherever in it."""
    found: set[str] = set()
    for node in _at_run_time(syntax(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "importshim":
            names = {f"{node.module}.{alias.name}".split(".")[1] for alias in node.names}
            found |= {name if name in RUNTIME else "__init__" for name in names}
    return found


def test_every_module_of_importshim_is_in_the_order() -> None:
    assert {path.stem for path in sources("importshim")} == set(RUNTIME)


@pytest.mark.parametrize("module", RUNTIME)
def test_a_module_of_importshim_imports_only_those_before_it(module: str) -> None:
    before = set(RUNTIME[: RUNTIME.index(module)])
    assert _runtime_imports(ROOT / "importshim" / f"{module}.py") - before == set()


def test_importshim_imports_only_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "importshim"}
    modules = sources("importshim")
    assert {place(path): found for path in modules if (found := _tops(path) - allowed)} == {}


def test_mvlock_does_not_import_importshim() -> None:
    assert [place(path) for path in sources("mvlock") if "importshim" in _tops(path)] == []


@pytest.mark.parametrize("library", ONLY_STAGE)
def test_only_one_layer_imports_a_library(library: str) -> None:
    users = {layer_of(path) for path in sources("mvlock") if library in _tops(path)}
    assert users == ONLY_STAGE[library]


def test_nothing_prints_outside_the_commands() -> None:
    modules = [path for path in sources("mvlock") if layer_of(path) != "commands"]
    assert [place(path) for path in [*modules, *sources("importshim")] if _prints(path)] == []


@pytest.mark.parametrize("package", ["mvlock", "importshim"])
def test_every_public_name_has_a_docstring(package: str) -> None:
    missing = [f"{place(path)}: {name}" for path in sources(package) for name in _undocumented(syntax(path))]
    assert missing == []


_FORMS = re.compile(r"^\| \d \| `(\w+)`.*? \| (?:`(\w+)`|a \w+) \| `(mvlock[\w.]+)` \|", re.MULTILINE)


def test_the_forms_of_a_requirement_are_those_of_the_page() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    forms = _FORMS.findall(page)
    assert 0 < len(forms) <= 9
    wrong = [step for step in forms if not _returns(step[2], step[1] or step[0])]
    assert wrong == []


def _returns(function: str, shape: str) -> bool:
    """Whether a function is annotated to return a class, or the struct that it gets as an argument."""
    module, _, name = function.rpartition(".")
    tree = syntax(ROOT / f"{module.replace('.', '/')}.py")
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    output = ast.unparse(found.returns) if found.returns else ""
    return shape in output or output == "_Table" or (shape == "TreeReceipt" and output == "InstalledDistribution")


def _tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def _prints(path: Path) -> bool:
    calls = (node.func for node in ast.walk(syntax(path)) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id == "print" for function in calls)


def _undocumented(module: ast.Module) -> Iterator[str]:
    """The module itself, and public definitions in public definitions."""
    if module.body and not ast.get_docstring(module):
        yield "the module"
    yield from _undocumented_in(module.body, "")


def _undocumented_in(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, _Definition) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from _undocumented_in(node.body, f"{prefix}{node.name}.")
