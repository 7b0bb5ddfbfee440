"""A migration, checked in one process: the old and the new pandas, each under its own name."""

import warnings

import pandas_new
import pandas_old
from pandas_new import Series as NewSeries
from pandas_old import Series as OldSeries


def month_ends(pandas):
    """What ``freq="M"`` does: fine in the old version, to be replaced by ``ME`` in the new one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        days = pandas.date_range("2020-01-01", periods=2, freq="M")
    return [str(day.date()) for day in days], [str(warning.message) for warning in caught]


def main():
    print(f"pandas_old is {pandas_old.__version__}, pandas_new is {pandas_new.__version__}")
    assert (pandas_old.__version__, pandas_new.__version__) == ("2.0.3", "2.2.0")
    assert OldSeries is not NewSeries

    old, new = month_ends(pandas_old), month_ends(pandas_new)
    print(f"  the same month ends: {old[0] == new[0]} {new[0]}")
    print(f"  the old warns: {old[1]}")
    print(f"  the new warns: {new[1]}")
    assert old[0] == new[0] == ["2020-01-31", "2020-02-29"]
    assert not old[1]
    assert "'ME'" in new[1][0]


if __name__ == "__main__":
    main()
