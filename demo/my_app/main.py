"""One process, two versions of pandas: dep_a works with 2.2.0, dep_b with 2.0.3, and neither knows of the other.

What both can share is loaded once: numpy, pytz, dateutil.
"""

import sys

import dep_a
import dep_b

import importshim


def show(what, a, b):
    print(f"  {what:<34}{a!s:<28}{b!s}")


def main():
    print(f"Python {sys.version.split()[0]}, one process")
    show("", "dep_a", "dep_b")

    a, b = importshim.tree("dep_a"), importshim.tree("dep_b")
    pandas_a, pandas_b = a.import_module("pandas"), b.import_module("pandas")
    show("pandas", pandas_a.__version__, pandas_b.__version__)
    assert (dep_a.PANDAS, dep_b.PANDAS) == (pandas_a.__version__, pandas_b.__version__) == ("2.2.0", "2.0.3")

    for name in ("numpy", "pytz", "dateutil", "pandas"):
        one, other = a.import_module(name), b.import_module(name)
        show(f"  {name}", *(["one for both"] * 2 if one is other else ["its own"] * 2))
        assert (one is other) == (name != "pandas")

    case_when = hasattr(pandas_a.Series, "case_when"), dep_b.has_case_when()
    show("Series.case_when", *case_when)
    assert case_when == (True, False)

    grades, months = dep_a.grades([95, 70, 20]), dep_b.monthly([1, 2, 4])
    show("computes", grades, months)
    assert grades == ["A", "B", "C"]
    assert months == {"2020-01-31": 3.0, "2020-02-29": 4.0}

    frame_a, frame_b = pandas_a.DataFrame({"x": [1, 2]}), pandas_b.DataFrame({"x": [3, 4]})
    show("importshim.whose(frame)", importshim.whose(frame_a).tree, importshim.whose(frame_b).tree)
    show("  its distribution", *(" ".join(importshim.whose(frame)[1:]) for frame in (frame_a, frame_b)))
    assert importshim.whose(frame_a) == ("dep_a", "pandas", "2.2.0")
    assert importshim.whose(frame_b) == ("dep_b", "pandas", "2.0.3")

    sums = frame_a.to_numpy().sum(), frame_b.groupby("x").size().sum()
    show("used by the application", *sums)
    assert sums == (3, 2)

    array = frame_b["x"].to_numpy()
    sums = dep_a.total(array), dep_b.total(frame_a["x"].to_numpy())
    show("the other's array", *sums)
    assert sums == (7.0, 3.0)
    assert type(array) is a.import_module("numpy").ndarray
    assert a.import_module("numpy").shares_memory(pandas_a.Series(array, copy=False).to_numpy(), array)

    try:
        import pandas  # noqa: F401
    except ModuleNotFoundError as error:
        print(f"  The application itself does not require pandas:\n    {error}")
    else:
        raise AssertionError("the application can import a pandas that it does not require")


if __name__ == "__main__":
    main()
