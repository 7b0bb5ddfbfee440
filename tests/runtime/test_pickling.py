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


def test_custom_picklers_of_libraries_handle_the_rest(wire: TreeWorld) -> None:
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


_BY_VALUE = """
import io, marshal, pickle, sys, types
def make(code, globals, name, defaults, closure):
    globals["__builtins__"] = __builtins__
    return types.FunctionType(code, globals, name, defaults, closure)
def load(name):
    __import__(name)
    return sys.modules[name]
def give(function, state):
    function.__globals__.update(state)
    function.__globals__["__builtins__"] = __builtins__
class Pickler(pickle.Pickler):
    maker = staticmethod(make)
    def reducer_override(self, thing):
        if thing in (types.CellType, types.FunctionType): return getattr, (types, "CellType" if thing is types.CellType else "FunctionType")
        if isinstance(thing, types.CodeType): return marshal.loads, (marshal.dumps(thing),)
        if isinstance(thing, types.ModuleType): return load, (thing.__name__,)
        module = sys.modules.get(getattr(thing, "__module__", ""))
        if not isinstance(thing, types.FunctionType) or (thing.__module__ != "__main__" and hasattr(module, thing.__qualname__)): return NotImplemented
        names = ("__package__", "__name__", "__file__")
        base = {name: thing.__globals__[name] for name in names if name in thing.__globals__}
        state = {name: thing.__globals__[name] for name in thing.__code__.co_names if name in thing.__globals__}
        closure = thing.__closure__ and tuple(types.CellType(cell.cell_contents) for cell in thing.__closure__)
        return self.maker, (thing.__code__, base, thing.__name__, thing.__defaults__, closure), state, None, None, give
    def _cell(cell): return types.CellType, (cell.cell_contents,)
    dispatch_table = {types.CellType: _cell}
class Bare(Pickler):
    maker = types.FunctionType
def dumps(thing, kind=Pickler):
    file = io.BytesIO()
    kind(file).dump(thing)
    return file.getvalue()
"""
"""A library that writes functions by their value, as cloudpickle does."""
_LOOKING = """
    def by_statement():
        import {name}.part
        from {name} import part
        return {name}.who, part.who
    def by_function():
        import importlib
        return importlib.import_module("{name}").who, importlib.import_module("{name}.part").who
    def by_look():
        import importlib.util, sys
        return sys.modules["{name}"].who, importlib.util.find_spec("{name}") is not None
    def by_code():
        names = dict()
        exec("import {name}.part, importlib; found = {name}.who, importlib.import_module('{name}').who", names)
        return names["found"]
    def by_global(): return {name}.who, {name}.part.who
    def within():
        def inner(): return by_statement()
        return inner()
    return [by_statement, by_function, by_look, by_code, by_global, within, lambda: ({name}.who,)]
"""


@pytest.fixture
def by_value(world: TreeWorld) -> TreeWorld:
    """lib of a by the alias old, of b by the alias new; c has the library; use_a and use_b import their lib."""
    for name in ("a", "b"):
        lib = {"lib/__init__.py": f"who = {name!r}\n", "lib/part.py": f"who = 'part of {name}'\n"}
        using = f"import lib\nimport lib.part\ndef functions():{_LOOKING.format(name='lib')}"
        world.tree(name, {**lib, "uses/__init__.py": "", "uses/deep.py": using, f"sole_{name}.py": using})
        world.alias(f"uses_{name}", name, "uses").expose(**{f"sole_{name}": name})
    world.tree("c", {"cloud.py": _BY_VALUE, "lib/__init__.py": "who = 'c'", "lib/part.py": "who = 'part of c'"})
    world.file("own.py", f"import old\nimport old.part\ndef functions():{_LOOKING.format(name='old')}")
    return world.alias("old", "a", "lib").alias("new", "b", "lib").expose(cloud="c")


_WRITE = """
import cloud, pickle
for function in functions():
    data = cloud.dumps(function, cloud.KIND)
    again = pickle.loads(data)
    answers = [*function(), *again()]
    assert {str(answer)[-1] for answer in answers if answer is not True} == {WHO}, (function, answers)
    print(data.hex(), cloud.dumps(again, cloud.KIND).hex())
"""
_READ = """
import pickle
for data in DATA:
    function = pickle.loads(bytes.fromhex(data))
    answers = function()
    assert {str(answer)[-1] for answer in answers if answer is not True} == {WHO}, (function, answers)
print("read")
"""
_PLACES = {  # and whose lib it means, and what makes `sys.modules` have that
    "program": (f"import old, old.part\ndef functions():{_LOOKING.format(name='old')}", "a", "import old"),
    "module of the application": ("from own import functions", "a", "import old"),
    "sole module of a tree": ("from sole_b import functions", "b", "import sole_b"),
    "module that two trees have": ("from uses_b.deep import functions", "b", "import uses_b.deep"),
}


@pytest.mark.parametrize("kind", ["Pickler", "Bare"])
@pytest.mark.parametrize("place", _PLACES)
def test_a_function_pickled_by_value_keeps_its_owner(by_value: TreeWorld, place: str, kind: str) -> None:
    """Wherever it is read, by the application and by a tree that has another version; also if it is written again."""
    start, who, loading = _PLACES[place]
    write = f"{start}\n{_WRITE}".replace("KIND", kind).replace("WHO", repr(who))
    data = by_value.run(write).split()
    read = _READ.replace("DATA", repr(data)).replace("WHO", repr(who))
    by_value.tree("c", {"reader.py": f"def read(): exec({read!r})\n"}).expose(reader="c")
    assert by_value.run(f"{loading}\n{read}") == "read"
    assert by_value.run(f"{loading}\nimport reader; reader.read()") == "read"


def test_where_all_is_one_world_a_function_of_the_program_stays_code_of_the_program(world: TreeWorld) -> None:
    """It may name aliases, and modules of its own that a tree has too."""
    world.tree("a", {"cloud.py": _BY_VALUE, "lib.py": "who = 'lib'", "own.py": "who = 'of the tree'"})
    world.file("own.py", "who = 'own'").alias("old", "a", "lib").expose(cloud="a")
    program = """
    import cloud
    def function():
        import old, own
        return old.who, own.who
    print(cloud.dumps(function).hex(), cloud.dumps(function, cloud.Bare).hex())
    """
    for data in world.run(program).split():
        assert world.run(f"import pickle; print(pickle.loads(bytes.fromhex('{data}'))())") == "('lib', 'own')"


def test_whose_knows_the_owner_of_a_function_pickled_by_value(by_value: TreeWorld) -> None:
    program = """
    import cloud, importshim, pickle
    from uses_b.deep import functions
    class Holder: method = pickle.loads(cloud.dumps(functions()[0]))
    print(importshim.whose(Holder.method).tree, importshim.whose(Holder().method).tree)
    """
    assert by_value.run(program) == "b b"


def test_parts_that_a_function_addresses_are_loaded_where_it_is_read(by_value: TreeWorld) -> None:
    program = """
    import cloud, old, old.part
    def function(): return old.part.who
    print(cloud.dumps(function).hex())
    """
    read = "import pickle; print(pickle.loads(bytes.fromhex('DATA'))())"
    assert by_value.run(read.replace("DATA", by_value.run(program))) == "part of a"


def test_what_a_library_has_wrapped_is_not_looked_for_in_that_library(by_value: TreeWorld) -> None:
    by_value.tree(
        "a",
        {
            "lib/wrapping.py": "import lib\ndef wrap(f):\n    def wrapped(): return lib.who, f()\n    wrapped.__module__, wrapped.__qualname__ = f.__module__, f.__qualname__\n    return wrapped\n"
        },
    )
    program = """
    import cloud, pickle, new
    from old.wrapping import wrap
    @wrap
    def function(): return new.who
    data = cloud.dumps(function)
    print(b"load_member" in data, pickle.loads(data)())
    """
    assert by_value.run(program) == "False ('a', 'b')"


def test_a_class_belongs_to_its_module_even_if_other_code_has_made_it(wire: TreeWorld) -> None:
    """As native code does, which knows the module by its plain name. What no module has is whose its base is."""
    maker = "def make(name, *bases): return type(name, bases, {'__module__': 'lib'})"
    made = "import maker, importshim\nMade = maker.make('Made')\nmade = Made()\nunnamed = maker.make('_', Thing)()\n"
    whose = "def whose(): return importshim.whose(made).tree, importshim.whose(unnamed).tree"
    for name in ("a", "b"):
        wire.tree(name, {"lib.py": f"{_LIB}\n{made}\n{whose}", "maker.py": maker})
    program = f"""{_THINGS}
import importshim
for lib in (old, new):
    found = pickle.loads(pickle.dumps([lib.Made, lib.made]))
    print(found[0] is lib.Made, type(found[1]) is lib.Made, importshim.whose(lib.made).tree, *lib.whose())
"""
    assert wire.run(program) == "True True a a a\nTrue True b b b"


def test_what_shared_code_has_adopted_is_found_by_each_of_its_trees(wire: TreeWorld) -> None:
    """Here by the first tree, which does not require it directly."""
    inner = "import sys, types\ninner = sys.modules['_inner'] = types.ModuleType('_inner')\nexec('class Inner: pass', vars(inner))\n"
    for name in ("a", "b"):
        wire.tree(name, {"base.py": inner, "user.py": "import base\n"})
    wire.share("a", "b", names="base single").alias("user_b", "b", "user")
    program = """
    import user_b, pickle
    Inner = user_b.base.inner.Inner
    print(pickle.loads(pickle.dumps(Inner)) is Inner)
    """
    assert wire.run(program) == "True"


_TABLED = """
import io, pickle
def save_type(pickler, thing):
    found = getattr(__import__(thing.__module__), thing.__name__, None)  # else it would write a copy
    if found is not thing: raise pickle.PicklingError(f"no {thing}")
    pickle._Pickler.save_global(pickler, thing)
class Pickler(pickle._Pickler):
    dispatch = {**pickle._Pickler.dispatch, type: save_type}
def dumps(thing, kind=Pickler):
    file = io.BytesIO()
    kind(file).dump(thing)
    return file.getvalue()
def extend(): pickle._Pickler.dispatch[type] = save_type
"""


def test_a_library_that_saves_classes_itself_need_not_find_them(wire: TreeWorld) -> None:
    """It has put a function into the table of a Python pickler, its own or the one of ``pickle``."""
    wire.tree("d", {"tabled.py": _TABLED}).expose(tabled="d")
    program = """
    import pickle, new, old, single, tabled
    things = [old.Thing, new.Thing, single.Only]
    print([pickle.loads(tabled.dumps(thing)) is thing for thing in things])
    tabled.extend()
    class Another(pickle._Pickler): pass
    print([pickle.loads(tabled.dumps(thing, kind)) is thing for kind in (pickle._Pickler, Another) for thing in things])
    """
    assert wire.run(program).splitlines() == ["[True, True, True]", "[True, True, True, True, True, True]"]


def test_what_has_one_version_can_be_read_where_there_is_no_importshim(wire: TreeWorld) -> None:
    data = wire.run("import pickle, single; print(pickle.dumps([single.Only(), single.Only]).hex())")
    site = str(wire.site("a"))
    read = f"import pickle; sys.path[:] = [*sys.path[:-1], {site!r}]; print(pickle.loads(bytes.fromhex({data!r})))"
    done = wire.start_inactive(f"{read}; print('importshim' in sys.modules)")
    assert "single.Only" in done.stdout
    assert done.stdout.endswith("False\n")


@pytest.mark.parametrize("worlds", ["one", "two"])
def test_the_applications_own_module_is_distinguished_from_one_that_a_tree_has_too(
    world: TreeWorld, worlds: str
) -> None:
    """Whichever code reads the pickle, whether or not either is loaded by then."""
    cloud = f"import lib, pickle\n{_BY_VALUE}\ndef loads(data): return pickle.loads(data)\n"
    world.tree("a", {"cloud.py": cloud, "lib.py": "class Thing: who = 'the tree'\n"}).expose(cloud="a")
    world.file("lib.py", "class Thing: who = 'the application'\n")
    if worlds == "two":
        world.tree("b", {"lib.py": "", "other.py": ""}).expose(other="b")
    write = """
    import cloud, importshim, lib, pickle
    print(importshim.whose(lib), importshim.whose(lib.Thing), importshim.whose(cloud.lib.Thing).tree)
    for one in (lib, cloud.lib):
        print(pickle.dumps(one.Thing).hex(), pickle.dumps(one.Thing()).hex(), cloud.dumps([one, one.Thing]).hex())
    """
    first, *lines = world.run(write).splitlines()
    assert first == "None None a"
    for who, line in zip(("the application", "the tree"), lines, strict=True):
        read = f"""
        import READER
        thing, made, (module, again) = (READER.loads(bytes.fromhex(data)) for data in {line.split()!r})
        print(thing.who, type(made) is thing is module.Thing is again)
        """
        assert world.run(read.replace("READER", "pickle")) == f"{who} True"
        assert world.run(read.replace("READER", "cloud")) == f"{who} True"


def test_where_all_is_one_world_a_stand_in_for_the_standard_library_changes_no_pickle(world: TreeWorld) -> None:
    """As setuptools has its own distutils: the application's is that of the standard library, and nothing is slower."""
    library = """
    import importlib.util, sys
    class Finder:
        def find_spec(self, name, path=None, target=None):
            return importlib.util.spec_from_loader(name, self, origin=__file__) if name == "sched" else None
        def create_module(self, spec): return None
        def exec_module(self, module): module.who = "the library"
    sys.modules.pop("sched", None)
    sys.meta_path.insert(0, Finder())
    import sched
    who = sched.who
    """
    world.tree("a", {"lib.py": library}).expose(lib="a")
    program = """
    import pickle
    before = pickle.dumps
    import lib, sched
    data = pickle.dumps(sched.scheduler)
    print(lib.who, pickle.dumps is before, "reducer_override" in vars(pickle.Pickler), b"importshim" in data)
    print(pickle.loads(data) is sched.scheduler)
    """
    assert world.run(program) == "the library True False False\nTrue"


def test_a_plain_name_that_several_trees_have_is_an_error_with_the_choices(wire: TreeWorld) -> None:
    program = """
    import pickle
    try: pickle.loads(b"clib\\nThing\\n.")
    except ModuleNotFoundError as error: print(error)
    """
    output = wire.run(program)
    assert "tree a has it (lib 1.0)" in output
    assert "tree b has it (lib 1.0)" in output


def test_a_pickle_of_a_removed_tree_says_so(wire: TreeWorld) -> None:
    program = """
    import old, pickle
    data = pickle.dumps(old.Thing).replace(b"\\x8c\\x01a", b"\\x8c\\x01z")
    try: pickle.loads(data)
    except ModuleNotFoundError as error: print(error)
    """
    assert wire.run(program) == "a pickle names lib of tree z; there is no tree 'z'; there are: a, b, c"


def test_code_of_a_tree_reads_what_only_one_world_has(two: TreeWorld) -> None:
    """It has not chosen the name, so it need not be able to import it; the next statement still is not."""
    two.tree("deep", {"deep/__init__.py": "", "deep/part.py": "class Thing: pass\n", "uses.py": "import deep.part\n"})
    two.tree(
        "reader", {"reader.py": "import pickle\ndef load(data): return pickle.loads(data)\ndef ask(): import deep\n"}
    )
    two.expose(uses="deep", reader="reader")
    program = """
    import pickle, uses, reader, dep_a, dep_b
    thing = uses.deep.part.Thing()
    for data in (pickle.dumps(thing), pickle.dumps(thing, 0), pickle.dumps(uses.deep.part.Thing)):
        print(pickle.loads(data).__class__ is reader.load(data).__class__)
    try: reader.ask()
    except ModuleNotFoundError as error: print(error.name)
    """
    assert two.run(program) == "True\nTrue\nTrue\ndeep"
