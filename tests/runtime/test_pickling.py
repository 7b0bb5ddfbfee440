"""What several trees have comes back from a pickle as what it was; what has one version can be read anywhere."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_LIB = """
import enum
class Thing:
    class Inner: pass
class _Missing:
    def __reduce__(self): return "MISSING"
MISSING = _Missing()
class Kind(enum.Enum):
    ONE = 1
def function(): return __name__
"""
_CLOUD = """
import pickle, types
class Pickler(pickle.Pickler):
    asked = []
    def reducer_override(self, thing):
        self.asked.append(thing)
        if isinstance(thing, types.ModuleType): return __import__, (thing.__name__,)
        return NotImplemented
"""


@pytest.fixture
def wire(world: TreeWorld) -> TreeWorld:
    """lib in two versions by aliases; single, which both use; cloud, which makes a pickler of its own."""
    for name in ("a", "b"):
        world.tree(name, {"lib.py": _LIB, "single.py": "class Only: pass"})
    world.tree("c", {"cloud.py": _CLOUD}).share("a", "b", names="single")
    return world.alias("old", "a", "lib").alias("new", "b", "lib").expose(cloud="c", single="a")


_THINGS = """
import io, pickle, old, new
def things(lib):
    yield lib.Thing
    yield lib.Thing.Inner
    yield lib.MISSING
    yield lib.Kind.ONE
    yield lib.function
def wrong(way):
    return [thing for lib in (old, new) for thing in things(lib) if way(thing) is not thing]
"""


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_each_version_comes_back_as_itself(wire: TreeWorld, protocol: int) -> None:
    program = f"""{_THINGS}
print(wrong(lambda thing: pickle.loads(pickle.dumps(thing, {protocol}))))
print(wrong(lambda thing: pickle._loads(pickle._dumps(thing, {protocol}))))
def through_file(thing):
    file = io.BytesIO()
    pickle.dump(thing, file, {protocol})
    return pickle.loads(file.getvalue())
print(wrong(through_file))
made = pickle.loads(pickle.dumps([old.Thing(), new.Thing()], {protocol}))
print([type(one) is kind for one, kind in zip(made, (old.Thing, new.Thing))])
"""
    assert wire.run(program) == "[]\n[]\n[]\n[True, True]"


def test_picklers_that_libraries_make_are_asked_about_the_rest(wire: TreeWorld) -> None:
    program = f"""{_THINGS}
import cloud
def dumps(thing):
    file = io.BytesIO()
    cloud.Pickler(file).dump(thing)
    return file.getvalue()
print(wrong(lambda thing: pickle.loads(dumps(thing))))
print([pickle.loads(dumps(module)) is module for module in (old, new)])
print([getattr(one, "__name__", one) for one in cloud.Pickler.asked if one is dumps or isinstance(one, str)])
dumps(dumps)
print(dumps in cloud.Pickler.asked)
"""
    assert wire.run(program) == "[]\n[True, True]\n[]\nTrue"


def test_a_function_of_the_program_that_a_library_makes_anew_imports_for_the_program(wire: TreeWorld) -> None:
    making = "\nimport types\ndef anew(function): return types.FunctionType(function.__code__, {'__builtins__': __builtins__, '__name__': '__main__'})\n"
    wire.tree("c", {"cloud.py": _CLOUD + making, "lib.py": "v = 'of c'", "known.py": "import lib\nv = lib.v"})
    wire.expose(known="c")
    program = """
    import cloud, known
    def function():
        import old, new
        from new import Thing
        return Thing is new.Thing is not old.Thing
    assert known.v == "of c"
    print(function(), cloud.anew(function)())
    """
    assert wire.run(program) == "True True"


def test_what_has_one_version_can_be_read_where_there_is_no_importshim(wire: TreeWorld) -> None:
    data = wire.run("import pickle, single; print(pickle.dumps([single.Only(), single.Only]).hex())")
    site = str(wire.site("a"))
    read = f"import pickle; sys.path[:] = [*sys.path[:-1], {site!r}]; print(pickle.loads(bytes.fromhex({data!r})))"
    done = wire.plainly(f"{read}; print('importshim' in sys.modules)")
    assert "single.Only" in done.stdout
    assert done.stdout.endswith("False\n")


def test_a_plain_name_that_several_trees_have_is_an_error_with_the_choices(wire: TreeWorld) -> None:
    program = """
    import pickle
    try: pickle.loads(b"clib\\nThing\\n.")
    except ModuleNotFoundError as error: print(error)
    """
    said = wire.run(program)
    assert "tree a has it (lib 1.0)" in said
    assert "tree b has it (lib 1.0)" in said


def test_a_pickle_of_a_tree_that_is_gone_says_so(wire: TreeWorld) -> None:
    program = """
    import old, pickle
    data = pickle.dumps(old.Thing).replace(b"\\x8c\\x01a", b"\\x8c\\x01z")
    try: pickle.loads(data)
    except ModuleNotFoundError as error: print(error)
    """
    assert wire.run(program) == "a pickle names lib of tree z; there is no tree 'z'; there are: a, b, c"
