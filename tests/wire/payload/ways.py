"""There and back: every way hands an object to code that looks at it elsewhere, and gets it back.

What sends is the package that this module is in. Standard library, and what a way is called by.
"""

from __future__ import annotations

import concurrent.futures
import copy
import importlib
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

Visit = tuple[Any, dict[str, Any], int]
"""The object, what was seen of it, and the process."""
Way = Callable[[str, str, Any], Visit]


def send(maker: str, kind: str, way: str) -> dict[str, Any]:
    """Make an object of ``kind`` in the package ``maker``, send it, and return what was seen of it at each place.

    ``here``: before; ``there``; ``back``: when it had come back. ``is same``: its class is the one it had.
    """
    thing = importlib.import_module(f"{maker}.{kind}").make()
    here = look(maker, kind, thing)
    back, there, process = WAYS[way](maker, kind, thing)
    if process == os.getpid() and way != "deepcopy":
        raise RuntimeError("it was not sent anywhere")
    return {"here": here, "there": there, "back": look(maker, kind, back), "is same": type(back) is type(thing)}


def look(maker: str, kind: str, thing: Any) -> dict[str, Any]:
    """What is seen of ``thing``, as JSON has it; the maker's own classes are those of whichever maker."""
    module = importlib.import_module(f"{maker}.{kind}")
    seen = {**module.facts(thing), "versions": [version(part, library) for part, library in module.origins(thing)]}
    return json.loads(json.dumps(seen).replace(f'"{maker}.', '"maker.'))  # type: ignore[no-any-return]


def version(part: Any, library: Any) -> str | None:
    """The version that ``part`` is of: where there is one only, that of ``library``."""
    try:
        import importshim
    except ImportError:
        return str(library.__version__)
    origin = importshim.whose(part)
    return origin.version if origin is not None else None


def visit(maker: str, kind: str, thing: Any) -> Visit:
    """Look at ``thing`` here, and give it back."""
    return thing, look(maker, kind, thing), os.getpid()


def serve() -> None:
    """A process that reads an object from its standard input and writes it to its standard output."""
    maker, kind, thing, protocol = pickle.load(sys.stdin.buffer)
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    out.write(pickle.dumps(visit(maker, kind, thing), protocol))
    out.flush()


def _by_pickle(protocol: int) -> Way:
    return lambda maker, kind, thing: _served(pickle.dumps((maker, kind, thing, protocol), protocol))


def _by_cloudpickle(maker: str, kind: str, thing: Any) -> Visit:
    import cloudpickle  # type: ignore[import-not-found]

    return _served(cloudpickle.dumps((maker, kind, thing, pickle.HIGHEST_PROTOCOL)))


def _served(data: bytes) -> Visit:
    """What another process of this package's gives for ``data``."""
    command = [sys.executable, "-c", f"import {__name__} as ways; ways.serve()"]
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    return pickle.loads(done.stdout)  # type: ignore[no-any-return]


def _by_deepcopy(maker: str, kind: str, thing: Any) -> Visit:
    copied = copy.deepcopy(thing)
    if copied is thing:
        raise RuntimeError("it was not copied")
    return visit(maker, kind, copied)


def _by_pool(method: str) -> Way:
    def way(maker: str, kind: str, thing: Any) -> Visit:
        with multiprocessing.get_context(method).Pool(1) as pool:
            return pool.apply(visit, (maker, kind, thing))

    return way


def _by_executor(maker: str, kind: str, thing: Any) -> Visit:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(visit, maker, kind, thing).result()


def _by_joblib(maker: str, kind: str, thing: Any) -> Visit:
    import joblib  # type: ignore[import-not-found]

    found = joblib.Parallel(n_jobs=2)(joblib.delayed(visit)(maker, kind, thing) for _ in range(2))
    return found[0]  # type: ignore[no-any-return]


def _by_dask(maker: str, kind: str, thing: Any) -> Visit:
    """Twice: what a worker has given goes to one again."""
    from distributed import Client, LocalCluster  # type: ignore[import-not-found]

    one_worker = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**one_worker) as cluster, Client(cluster) as client:
        first = client.submit(visit, maker, kind, thing, pure=False).result()
        return client.submit(visit, maker, kind, first[0], pure=False).result()  # type: ignore[no-any-return]


WAYS: dict[str, Way] = {
    "pickle 2": _by_pickle(2),
    "pickle 4": _by_pickle(4),
    "pickle 5": _by_pickle(5),
    "deepcopy": _by_deepcopy,
    "fork": _by_pool("fork"),
    "spawn": _by_pool("spawn"),
    "forkserver": _by_pool("forkserver"),
    "ProcessPoolExecutor": _by_executor,
    "joblib": _by_joblib,
    "cloudpickle": _by_cloudpickle,
    "dask.distributed": _by_dask,
}
