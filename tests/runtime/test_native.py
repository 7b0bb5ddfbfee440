"""Native code that imports: for its own tree, and while it holds its own locks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support.native import extension_module
from tests.support.trees import TreeWorld

_GUARDED = """
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

/* As a C++ static that is initialised by an import: whoever waits for the guard waits with the GIL. */
static PyObject *use(PyObject *self, PyObject *name) {
    pthread_mutex_lock(&guard);
    PyObject *module = PyImport_Import(name);
    pthread_mutex_unlock(&guard);
    if (module == NULL) return NULL;
    PyObject *found = PyObject_GetAttrString(module, "who");
    Py_DECREF(module);
    return found;
}

/* As code that looks without importing. */
static PyObject *look(PyObject *self, PyObject *name) {
    pthread_mutex_lock(&guard);
    PyObject *module = PyImport_GetModule(name);
    pthread_mutex_unlock(&guard);
    if (module == NULL) return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    PyObject *found = PyObject_GetAttrString(module, "who");
    Py_DECREF(module);
    return found;
}

/* What instructions call: each asks and tells who has answered. */
static PyObject *asked(void) {
    PyObject *module = PyImport_ImportModule("lib");
    if (module == NULL) return NULL;
    PyObject *found = PyObject_GetAttrString(module, "who");
    Py_DECREF(module);
    return found;
}
static PyObject *by_one(PyObject *self) { return asked(); }
static PyObject *by_two(PyObject *self, PyObject *other) { return asked(); }
static PyObject *by_call(PyObject *self, PyObject *arguments, PyObject *options) { return asked(); }
static PyObject *by_comparison(PyObject *self, PyObject *other, int how) { return asked(); }
static int by_assignment(PyObject *self, PyObject *key, PyObject *box) {
    PyObject *found = asked();
    int failed = found == NULL || (box != NULL && PyList_Append(box, found) < 0);
    Py_XDECREF(found);
    return failed ? -1 : 0;
}
static PyType_Slot slots[] = {
    {Py_tp_call, by_call}, {Py_mp_subscript, by_two}, {Py_mp_ass_subscript, by_assignment},
    {Py_tp_getattro, by_two}, {Py_tp_setattro, by_assignment}, {Py_tp_richcompare, by_comparison},
    {Py_nb_add, by_two}, {Py_nb_inplace_add, by_two}, {Py_nb_negative, by_one}, {Py_nb_power, by_call},
    {Py_tp_iter, PyObject_SelfIter}, {Py_tp_iternext, by_one}, {Py_tp_str, by_one}, {0, NULL},
};
static PyType_Spec spec = {"guarded.Thing", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
static PyObject *thing(PyObject *self, PyObject *nothing) {
    PyObject *type = PyType_FromSpec(&spec);
    return type == NULL ? NULL : PyType_GenericAlloc((PyTypeObject *)type, 0);
}

static PyMethodDef methods[] = {{"use", use, METH_O, ""}, {"look", look, METH_O, ""}, {"thing", thing, METH_NOARGS, ""}, {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "guarded", "", -1, methods};
PyMODINIT_FUNC PyInit_guarded(void) { return PyModule_Create(&definition); }
"""

_RACE = """
import sys, threading
import use_a, use_b
sys.setswitchinterval(1e-6)
wrong, ended = [], []
def work(ask, want):
    for _ in range(4000):
        got = ask()
        if got != want: wrong.append((got, want))
    ended.append(want)
ways = [(use_a.ASK, "a"), (use_b.ASK, "b"), (lambda: use_a.guarded.ASK("lib"), "a"), (use_a.ASK, "a")]
threads = [threading.Thread(target=work, args=way, daemon=True) for way in ways]
for thread in threads: thread.start()
for thread in threads: thread.join(20)
print(wrong[:3], len(ended), flush=True)
import os; os._exit(0)
"""


@pytest.fixture
def guarded(world: TreeWorld, tmp_path: Path) -> TreeWorld:
    """Two trees with a native module each, which looks for their lib under a lock of its own."""
    module = extension_module(world.python, tmp_path, "guarded", _GUARDED)
    use = "import guarded, lib\ndef use(): return guarded.use('lib')\ndef look(): return guarded.look('lib')\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": f"who = {name!r}\n", f"use_{name}.py": use, "guarded.txt": ""})
        shutil.copy(module, world.site(name))
    return world.expose(use_a="a", use_b="b")


@pytest.mark.parametrize("ask", ["use", "look"])
def test_native_code_may_hold_its_own_lock_while_it_finds_a_loaded_module(guarded: TreeWorld, ask: str) -> None:
    if re.search(r"3\.10", guarded.run("import sys; print(sys.version)")):
        pytest.skip("3.10 lets other threads run at conditional jumps, too")
    assert guarded.run(_RACE.replace("ASK", ask), seconds=120) == "[] 4"


def test_native_code_finds_its_own_version_from_frames_of_the_application(guarded: TreeWorld) -> None:
    program = "import use_a, use_b; print([f('lib') for g in (use_a.guarded, use_b.guarded) for f in (g.use, g.look)])"
    assert guarded.run(program) == "['a', 'a', 'b', 'b']"


@pytest.mark.parametrize(
    "ask", ["use_b.ask(use_a.guarded)", "other.ask(use_a.guarded)", "use_a.guarded.use('lib.late')"]
)
def test_native_code_imports_its_own_version_from_frames_of_other_trees(guarded: TreeWorld, ask: str) -> None:
    """That of which nothing is loaded, in trees of which one has another version and one has none."""
    calling = "def ask(guarded): return guarded.use('lib.late')\n"
    for name in ("a", "b"):
        use = f"import guarded, lib.late\n{calling}" if name == "b" else "import guarded\n"
        guarded.tree(name, {"lib/__init__.py": "", "lib/late.py": f"who = 'late {name}'\n", f"use_{name}.py": use})
        (guarded.site(name) / "lib.py").unlink()
    guarded.tree("c", {"other.py": calling}).expose(other="c")
    assert guarded.run(f"import use_a, use_b, other; print({ask}, {ask})") == "late a late a"


_INSTRUCTIONS = """
import use_a, use_b
def answers(thing):
    box = []
    box.append(thing())
    box.append(thing(*(), **{}))
    box.append(thing[0])
    thing[0] = box
    box.append(thing.name)
    thing.name = box
    box.append(thing < 0)
    box.append(thing + 0)
    box.append(-thing)
    box.append(thing ** 2)
    box.append(f"{thing!s}")
    for one in thing:
        box.append(one)
        break
    more = thing
    more += 0
    box.append(more)
    box.extend(map(thing, range(2)))
    return "".join(box)
def in_generator(thing):
    yield answers(thing)
things = [use_a.guarded.thing(), use_b.guarded.thing()]
for _ in range(WARM):
    found = {(answers(thing), *in_generator(thing), *map(answers, [thing])) for thing in things}
print(sorted(found))
"""


@pytest.mark.parametrize("times", [1, 100])
def test_native_code_imports_for_its_tree_whatever_instruction_calls_it(guarded: TreeWorld, times: int) -> None:
    want = [("a" * 15,) * 3, ("b" * 15,) * 3]
    assert guarded.run(_INSTRUCTIONS.replace("WARM", str(times))) == str(want)


_IMPLEMENTATIONS = {"glibc": 0, "elf": 1, "anywhere": 2, "nothing": 3}


@pytest.mark.parametrize("implementation", _IMPLEMENTATIONS)
def test_native_modules_of_two_versions_load_with_every_implementation(guarded: TreeWorld, implementation: str) -> None:
    program = "import use_a, use_b; print(use_a.use(), use_b.use(), use_a.look(), use_b.look())"
    done = guarded.start(program, IMPORTSHIM_NATIVE=implementation, IMPORTSHIM_TRACE="1")
    assert done.stdout == "a b a b\n"
    assert (
        len([line for line in done.stderr.splitlines() if " native code" in line or "versions of a" in line])
        == _IMPLEMENTATIONS[implementation]
    )


_KEEPING = """
#include <Python.h>
static PyObject *keep(PyObject *self, PyObject *nothing) { return Py_XNewRef(PyThreadState_GetDict()); }
static PyMethodDef methods[] = {{"keep", keep, METH_NOARGS, ""}, {NULL}};
static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL}
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "keeping", "", 0, methods, slots};
PyMODINIT_FUNC PyInit_keeping(void) { return PyModuleDef_Init(&definition); }
"""
_ELSEWHERE = """
import sys; sys.path.insert(0, {shim!r})
import importshim; importshim.activate({map!r})
try: import use_a
except ImportError as error: print(error, flush=True)
"""


def test_what_calls_per_version_functions_is_refused_outside_the_main_interpreter(
    world: TreeWorld, tmp_path: Path
) -> None:
    """Calls of a shared object are redirected for the whole process, to functions of one interpreter."""
    module = extension_module(world.python, tmp_path, "keeping", _KEEPING)
    for name in ("a", "b"):
        world.tree(name, {"lib.py": f"who = {name!r}\n", f"use_{name}.py": "import lib, keeping", "keeping.txt": ""})
        shutil.copy(module, world.site(name))
    world.expose(use_a="a", use_b="b")
    elsewhere = _ELSEWHERE.format(shim=str(world.importshim_folder()), map=str(world.root / "import_map.json"))
    program = f"""
    try: from concurrent import interpreters
    except ImportError: print("none"); raise SystemExit
    import use_a, use_b
    there = interpreters.create()
    there.exec({elsewhere!r})
    there.close()
    print([type(use.keeping.keep()).__name__ for use in (use_a, use_b)])
    """
    output = world.run(program)
    if output != "none":
        assert "calls PyThreadState_GetDict, whose result depends on the tree" in output
        assert output.endswith("['dict', 'dict']")


_EXACT = """
#include <Python.h>
static int execute(PyObject *module) {
    PyObject *name = PyObject_GetAttrString(module, "__name__");
    if (name == NULL || !PyUnicode_CheckExact(name)) {
        PyErr_Format(PyExc_TypeError, "not an exact str: %R", name);
        return -1;
    }
    return PyModule_AddObject(module, "name", name);
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "NAME", "", 0, NULL, slots};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModuleDef_Init(&definition); }
"""
_SINGLE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "NAME", "", -1, NULL};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&definition); }
"""


def test_native_modules_of_the_application_have_plain_names_that_trees_have_too(world: TreeWorld) -> None:
    for name, source in (("exact", _EXACT), ("single", _SINGLE)):
        extension_module(world.python, world.root, name, source.replace("NAME", name))
        for tree in ("a", "b"):
            world.tree(tree, {f"{name}.py": f"name = {tree!r}", f"use_{tree}.py": "import exact, single"})
    world.expose(use_a="a", use_b="b")
    program = """
    import exact, single, sys, use_a, use_b
    print(exact.name, single.__name__, use_a.exact.name, use_b.single.name, sys.modules["single"] is single)
    """
    assert world.run(program) == "exact single a b True"


def test_without_a_stack_native_code_imports_for_the_python_code_that_called_it(guarded: TreeWorld) -> None:
    program = "import use_a, use_b; print(use_a.guarded.look('lib'), use_b.guarded.look('lib'))"
    assert guarded.start(program).stdout == "a b\n"
    assert guarded.start(program, IMPORTSHIM_NATIVE="nothing").stdout == "None None\n"


_BOOTSTRAP = """
#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* As shiboken does: code that the module carries as text runs with the builtins of whoever runs. */
PyMODINIT_FUNC PyInit_carrier(void) {
    static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "carrier", "", -1, NULL};
    PyObject *module = PyModule_Create(&definition), *names = module == NULL ? NULL : PyModule_GetDict(module);
    if (names == NULL || PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) < 0) return NULL;
    PyObject *done = PyRun_String("import helper\\nwho = helper.who\\n", Py_file_input, names, names);
    Py_XDECREF(done);
    return done == NULL ? NULL : module;
}
"""


@pytest.mark.parametrize("others", [0, 1], ids=["one world", "two worlds"])
def test_code_that_native_code_runs_at_its_start_is_of_its_tree(world: TreeWorld, tmp_path: Path, others: int) -> None:
    module = extension_module(world.python, tmp_path, "carrier", _BOOTSTRAP)
    for name in ("a", "b")[: 1 + others]:
        use = "import carrier\ndef use(): return carrier.who\n"
        world.tree(name, {"helper.py": f"who = {name!r}\n", f"use_{name}.py": use, "carrier.txt": ""})
        shutil.copy(module, world.site(name))
        world.expose(**{f"use_{name}": name})
    assert world.run("import use_a; print(use_a.use())") == "a"
    if others:
        assert world.run("import use_b, use_a; print(use_b.use(), use_a.use())") == "b a"
