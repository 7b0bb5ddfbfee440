"""`numpy_calls.py NAME…`: calls of NumPy from an application, by each of the names that it is imported under.

Prints a JSON object: by name the lines of all calls, what each gave or how it failed. Much of NumPy's compiled code
looks modules of NumPy up while it runs, from the frame of whoever has called it. Standard library only.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import Any


def warned(function: Callable[[], object]) -> list[str]:
    """The kinds of warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [one.category.__name__ for one in caught]


def failure(function: Callable[[], object]) -> str:
    """The kind of error that it raises, and what it says."""
    try:
        return f"no error but {function()!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def zero_division(np: Any) -> object:
    """NumPy's error state, which it keeps per thread or context."""
    with np.errstate(divide="raise"):
        return np.ones(1) / 0


def duck(np: Any) -> object:
    """An object that NumPy's functions hand over to."""

    class Duck:
        def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> str:
            return f"{function.__module__}.{function.__name__}"

    return np.concatenate([Duck(), Duck()])


def duck_ufunc(np: Any) -> object:
    """An object that NumPy's ufuncs hand over to."""

    class Duck:
        def __array_ufunc__(self, function: Any, method: str, *arguments: Any) -> str:
            return f"{function.__name__}.{method}"

    return np.add(np.ones(1), Duck())


def saved(np: Any) -> object:
    """Through a file, with objects in it."""
    file = io.BytesIO()
    np.save(file, np.array([{"a": np.arange(3)}], dtype=object), allow_pickle=True)
    file.seek(0)
    return np.load(file, allow_pickle=True)


CALLS: dict[str, Callable[[Any], object]] = {
    "arange": lambda np: np.arange(12).reshape(3, 4),
    "linspace": lambda np: np.linspace(0, 1, 5),
    "zeros": lambda np: np.zeros((2, 3), dtype=np.float32),
    "array of objects": lambda np: np.array([1, "two", None], dtype=object),
    "from buffer": lambda np: np.frombuffer(b"\1\2\3\4", dtype=np.uint8),
    "from iterator": lambda np: np.fromiter((i * i for i in range(5)), dtype=np.int64),
    "from string": lambda np: np.fromstring("1 2 3", sep=" "),
    "records": lambda np: np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])["b"],
    "ufunc": lambda np: np.sin(np.arange(4.0)).round(6),
    "reduce": lambda np: np.add.reduce(np.arange(10)),
    "reduceat": lambda np: np.add.reduceat(np.arange(8), [0, 4, 1, 5]),
    "sum": lambda np: np.arange(10).sum(),
    "mean": lambda np: np.arange(10.0).mean(),
    "std": lambda np: round(float(np.arange(10.0).std()), 9),
    "any and all": lambda np: (np.arange(3).any(), np.arange(3).all()),
    "clip": lambda np: np.arange(10).clip(2, 5),
    "minimum and maximum": lambda np: (np.arange(5).min(), np.arange(5).max(), np.ptp(np.arange(5))),
    "product": lambda np: (np.arange(1, 6).prod(), np.arange(1, 6).cumsum()),
    "matmul": lambda np: np.eye(2) @ np.array([[1.0, 2.0], [3.0, 4.0]]),
    "dot": lambda np: np.dot([1, 2, 3], [4, 5, 6]),
    "einsum": lambda np: np.einsum("ij,jk->ik", np.eye(2), np.ones((2, 2))),
    "inverse": lambda np: np.linalg.inv(np.eye(3) * 2),
    "singular values": lambda np: np.linalg.svd(np.diag([3.0, 2.0]), compute_uv=False),
    "singular matrix": lambda np: failure(lambda: np.linalg.inv(np.zeros((2, 2)))),
    "fourier": lambda np: np.fft.fft(np.ones(4)).real,
    "generator": lambda np: np.random.default_rng(7).integers(0, 100, 5),
    "random state": lambda np: np.random.RandomState(7).normal(size=2).round(6),
    "date and time": lambda np: np.datetime64("2026-11-29") + np.timedelta64(3, "D"),
    "business days": lambda np: np.busday_count("2026-11-01", "2026-11-29"),
    "dates as text": lambda np: np.datetime_as_string(np.array(["2026-01-01"], dtype="M8[D]")),
    "text": lambda np: np.char.upper(np.array(["one", "two"])),
    "text of any length": lambda np: np.array(["a", "bc"], dtype=np.dtypes.StringDType()),
    "pickle by itself": lambda np: np.arange(3).dumps()[:2],
    "pickle of a class": lambda np: len(pickle.dumps(np.poly1d)) > 0,
    "reduce of an array": lambda np: np.arange(3).__reduce__()[0].__name__,
    "reduce of a scalar": lambda np: np.float64(1.5).__reduce__()[0].__name__,
    "deep copy": lambda np: copy.deepcopy({"a": np.arange(3), "b": np.dtype("f8")}),
    "print options": lambda np: np.array2string(np.arange(4) / 3, precision=2),
    "text of an array": lambda np: (str(np.arange(2000)), repr(np.array([1.5, 2.5])), f"{np.float64(1.5):.2f}"),
    "scalars": lambda np: (np.float64(1.5), np.int8(3), np.bool_(1), np.complex128(1 + 2j), np.longdouble(2)),
    "division by zero": lambda np: warned(lambda: np.ones(2) / np.zeros(2)),
    "overflow of a scalar": lambda np: warned(lambda: np.int8(127) + np.int8(127)),
    "error state": lambda np: failure(lambda: zero_division(np)),
    "axis error": lambda np: failure(lambda: np.arange(3).sum(axis=4)),
    "cast error": lambda np: failure(lambda: np.arange(3).astype("i4", casting="safe").astype("i2", casting="safe")),
    "no loop": lambda np: failure(lambda: np.add(np.array(["a"], dtype=object), np.array([1j]))),
    "array function": duck,
    "array ufunc": duck_ufunc,
    "save and load": saved,
    "text file": lambda np: np.loadtxt(io.StringIO("1 2\n3 4")),
    "sort and search": lambda np: (np.sort([3, 1, 2]), np.argsort([3, 1, 2]), np.searchsorted([1, 2, 3], 2)),
    "item and list": lambda np: (np.arange(3).tolist(), np.arange(3).item(1), np.arange(3).tobytes()[:2]),
    "view of a type": lambda np: np.arange(3).view(np.recarray).dtype.type.__name__,
    "masked": lambda np: np.ma.masked_array([1, 2], mask=[0, 1]).sum(),
    "iterator": lambda np: [int(x) for x in np.nditer(np.arange(3))],
    "dtype": lambda np: (np.dtype("i4,f8").names, np.result_type(np.int8, 3.0), np.dtype("M8[s]").str),
    "exchange": lambda np: np.from_dlpack(np.arange(3)),
    "comparison": lambda np: (np.arange(3) == np.array([0, 1, 5]), np.array_equal([1], [1])),
    "shape error": lambda np: failure(lambda: np.ones((2, 3)) + np.ones((4, 5))),
    "in place": lambda np: np.add.at(np.zeros(3), [0, 0], 1),
    "mod of float": lambda np: np.divmod(np.array([7.5]), 2),
}


def line(np: Any, function: Callable[[Any], object]) -> str:
    """What a call gives, written with the types that it is of."""
    try:
        found = function(np)
        return f"{type(found).__module__}.{type(found).__name__} {found!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def lines(np: Any) -> dict[str, str]:
    """All calls."""
    warnings.simplefilter("ignore")
    return {name: line(np, function) for name, function in CALLS.items()}


if __name__ == "__main__":
    modules = {name: importlib.import_module(name) for name in sys.argv[1:]}
    print(json.dumps({name: {"": module.__version__} | lines(module) for name, module in modules.items()}))
