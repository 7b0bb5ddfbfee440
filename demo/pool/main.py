"""Frames of two versions of pandas go to the processes of a pool, are computed with, and come back in their version."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import pandas_new
import pandas_old

import importshim

VERSIONS = {pandas_old: "2.0.3", pandas_new: "2.2.0"}


@dataclass
class Report:
    """A worker's result: a class of the application with an object of a library."""

    version: str
    totals: object


def totals(frame):
    """Runs in a worker: the totals, computed by the pandas that the frame is from."""
    return Report(importshim.whose(frame).version, frame.groupby("name")["amount"].sum())


def main():
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            frames = [pandas.DataFrame({"name": ["a", "b", "a"], "amount": [1, 2, 3]}) for pandas in VERSIONS]
            reports = list(pool.map(totals, frames))
        print(f"{method:<12}", *(f"pandas {report.version}: {report.totals.to_dict()}" for report in reports))
        for pandas, report in zip(VERSIONS, reports, strict=True):
            assert report.version == VERSIONS[pandas]
            assert type(report.totals) is pandas.Series
            assert report.totals.to_dict() == {"a": 4, "b": 2}


if __name__ == "__main__":
    main()
