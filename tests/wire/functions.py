"""Functions and classes of a program, and functions pickled by value: `functions.py REPORT SECONDS WAY…`.

Every case is a function and its arguments. It is sent to another process in every way, and gives the versions that it
finds there, or the version and the object that it was passed. REPORT gets a line of JSON per case and way.
"""

import concurrent.futures
import dataclasses
import faulthandler
import importlib
import importlib.metadata
import importlib.util
import json
import multiprocessing
import pickle
import subprocess
import sys
import time
import traceback
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import module  # type: ignore[import-not-found]
import needs_new.closures  # type: ignore[import-not-found]
import needs_old.closures  # type: ignore[import-not-found]
import pandas  # type: ignore[import-untyped]
import pandas_new  # type: ignore[import-not-found]
import pandas_old  # type: ignore[import-not-found]
import sklearn_new.isotonic  # type: ignore[import-not-found]
import sklearn_old.isotonic  # type: ignore[import-not-found]

import importshim

Answer = Any


def by_global() -> Answer:
    """What it has from the program's own names."""
    return [pandas_old.__version__, pandas_new.__version__, pandas.__version__]


def by_statement() -> Answer:
    """What it imports itself."""
    import pandas
    import pandas_new.tseries.holiday  # type: ignore[import-not-found]
    from pandas_old import DataFrame

    return [_version(DataFrame), _version(pandas_new.tseries.holiday), pandas.__version__]


def by_import_system() -> Answer:
    """What it gets from the import system, and what code that it executes imports."""
    names: dict[str, Any] = {}
    exec("import pandas_old, pandas", names)
    found = importlib.import_module("pandas_new"), sys.modules["pandas_old"], names["pandas_old"], names["pandas"]
    return [one.__version__ for one in found] + [importlib.metadata.version("pandas")]


def by_part() -> Answer:
    """Parts of packages, which it addresses as their attributes."""
    return [_version(one.isotonic.IsotonicRegression) for one in (sklearn_old, sklearn_new)]


def by_py_modules() -> Answer:
    """What it imports from trees, by their names."""
    from py_modules.needs_new import pandas as new  # type: ignore[import-not-found]
    from py_modules.needs_old import pandas as old  # type: ignore[import-not-found]

    with importshim.using("needs_old"):
        import pandas as meant
    return [old.__version__, new.__version__, meant.__version__]


def undeclared() -> Answer:
    """What the application may not import."""
    try:
        import tornado  # type: ignore[import-not-found]  # noqa: F401
    except ModuleNotFoundError:
        return ["refused"]
    return ["found"]


class Held:
    """A class of the program that holds a frame, and names both versions."""

    pandas = pandas_new

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def answer(self) -> Answer:
        """What it contains and names."""
        from pandas_old import DataFrame

        return [_version(self.frame), self.pandas.__version__, isinstance(self.frame, DataFrame), self._missing()]

    @staticmethod
    def _missing() -> bool:
        return pandas_old.NA is pandas_old.array([None], dtype="Int64")[0]


class Frame(pandas_old.DataFrame):  # type: ignore[misc]
    """A frame of the program's own."""

    @property
    def _constructor(self) -> Any:
        return Frame

    def answer(self) -> Answer:
        """Of which version its base is, and whether what it computes is one."""
        return [_version(type(self).__mro__[1]), type(self[["x"]]) is type(self), int(self["x"].sum())]


@dataclasses.dataclass
class Data:
    """A class whose annotations are of a version (as text, they would not go with it: they are not evaluated here)."""

    frame: pandas_old.DataFrame

    def answer(self) -> Answer:
        """What its annotations are."""
        return [_version(typing.get_type_hints(type(self))["frame"]), _version(self.frame)]


def answered(thing: Any) -> Answer:
    """The result of an object's ``answer`` on arrival, and the object."""
    return [*thing.answer(), thing]


def _version(thing: Any) -> str | None:
    origin = importshim.whose(thing)
    return origin.version if origin is not None else None


_OLD, _NEW, _OWN = "old", "new", "own"
BY_REFERENCE: dict[str, tuple[Callable[..., Answer], tuple[Any, ...], list[Any]]] = {
    "names modules": (by_global, (), [_OLD, _NEW, _OWN]),
    "imports": (by_statement, (), [_OLD, _NEW, _OWN]),
    "asks the import system": (by_import_system, (), [_NEW, _OLD, _OLD, _OWN, _OWN]),
    "addresses parts": (by_part, (), ["sklearn old", "sklearn new"]),
    "imports from trees": (by_py_modules, (), [_OLD, _NEW, _OLD]),
    "imports what is not declared": (undeclared, (), ["refused"]),
    "takes an object of a class that holds one": (
        answered, (Held(pandas_old.DataFrame({"x": [1]})),), [_OLD, _NEW, True, True],
    ),
    "takes an object of a class made from one": (answered, (Frame({"x": [1, 2]}),), [_OLD, True, 3]),
    "takes an object of a class annotated with one": (answered, (Data(pandas_old.DataFrame()),), [_OLD, _OLD]),
}  # fmt: skip
"""By what a function does: it, its arguments, and the versions (or values) that it must give."""
BY_VALUE: dict[str, tuple[Callable[..., Answer], tuple[Any, ...], list[Any]]] = {
    "is a closure of a module of the application": (module.closure(), (), [_OLD, _NEW, _OWN, _OLD]),
    "is a closure of a tree's, old": (needs_old.closures.closure(), (), [_OLD] * 4),
    "is a closure of a tree's, new": (needs_new.closures.closure(), (), [_NEW] * 4),
    "is a lambda of a tree's": (needs_new.closures.LAMBDA, (), [_NEW]),
}
"""Those that ``pickle`` itself cannot write."""

Way = Callable[[Callable[..., Answer], tuple[Any, ...]], Answer]
_READ = (
    "import sys, cloudpickle, pickle, importshim, pandas_old; function, arguments = pickle.load(sys.stdin.buffer); "
    "sys.stdout.buffer.write(cloudpickle.dumps(function(*arguments)))"
)


def _by_pool(method: str) -> Way:
    def way(function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
        with multiprocessing.get_context(method).Pool(1) as pool:
            return pool.apply(function, arguments)

    return way


def _by_executor(function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


def _by_joblib(function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    import joblib  # type: ignore[import-not-found]

    return joblib.Parallel(n_jobs=2)(joblib.delayed(function)(*arguments) for _ in range(2))[0]


def _by_cloudpickle(function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    import cloudpickle  # type: ignore[import-not-found]

    data = cloudpickle.dumps((function, arguments))
    done = subprocess.run([sys.executable, "-c", _READ], input=data, stdout=subprocess.PIPE, check=True)
    return pickle.loads(done.stdout)


def _by_dask(function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    from distributed import Client, LocalCluster  # type: ignore[import-not-found]

    one_worker = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**one_worker) as cluster, Client(cluster) as client:
        client.run(importlib.import_module, "pandas_old")
        return client.submit(function, *arguments, pure=False).result()


WAYS: dict[str, Way] = {
    "fork": _by_pool("fork"),
    "spawn": _by_pool("spawn"),
    "forkserver": _by_pool("forkserver"),
    "ProcessPoolExecutor": _by_executor,
    "joblib": _by_joblib,
    "cloudpickle": _by_cloudpickle,
    "dask.distributed": _by_dask,
}
_WITH_PICKLE = ("fork", "spawn", "forkserver", "ProcessPoolExecutor")


def _cases(way: str) -> Iterator[tuple[str, Callable[..., Answer], tuple[Any, ...], list[Any]]]:
    both = BY_REFERENCE | ({} if way in _WITH_PICKLE else BY_VALUE)
    return ((name, *case) for name, case in both.items())


def _sent(way: str, function: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    """What ``function`` gives elsewhere; an object that comes back is checked again."""
    found = WAYS[way](function, arguments)
    if not arguments:
        return found
    *answers, back = found
    if type(back) is not type(arguments[0]) or back.answer() != answers:
        raise TypeError(f"{type(back)} came back, and answers {back.answer()}")
    return answers


def main(report: str, seconds: str, *ways: str) -> None:
    """Try every case in every way."""
    faulthandler.dump_traceback_later(float(seconds), exit=True)
    for way in ways:
        for name, function, arguments, wanted in _cases(way):
            start = time.perf_counter()
            try:
                found = {"answer": _sent(way, function, arguments)}
            except Exception as error:
                found = {"error": f"{type(error).__name__}: {error}", "log": traceback.format_exc()}
            found |= {"case": name, "way": way, "wanted": wanted, "seconds": round(time.perf_counter() - start, 1)}
            with Path(report).open("a", encoding="utf-8") as lines:
                print(json.dumps(found), file=lines)
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(*sys.argv[1:])
