"""Native code that asks: in its own name, and while it holds locks of its own."""

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

static PyMethodDef methods[] = {{"use", use, METH_O, ""}, {"look", look, METH_O, ""}, {NULL}};
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
def test_native_code_may_hold_a_lock_of_its_own_while_it_finds_a_loaded_module(guarded: TreeWorld, ask: str) -> None:
    if re.search(r"3\.10", guarded.run("import sys; print(sys.version)")):
        pytest.skip("3.10 lets other threads run at conditional jumps, too")
    assert guarded.run(_RACE.replace("ASK", ask), seconds=120) == "[] 4"


def test_native_code_finds_its_own_version_from_frames_of_the_application(guarded: TreeWorld) -> None:
    program = "import use_a, use_b; print([f('lib') for g in (use_a.guarded, use_b.guarded) for f in (g.use, g.look)])"
    assert guarded.run(program) == "['a', 'a', 'b', 'b']"
