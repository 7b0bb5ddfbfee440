"""A library that cannot leave pandas 2.0 yet."""

import pandas

PANDAS = pandas.__version__


def has_case_when():
    """Whether this library's pandas has ``Series.case_when``."""
    return hasattr(pandas.Series, "case_when")


def monthly(values):
    """Sums by month of daily values since 2020-01-30, with the frequency name ``M`` of pandas before 2.2."""
    series = pandas.Series(values, index=pandas.date_range("2020-01-30", periods=len(values), freq="D"))
    return {str(month.date()): float(value) for month, value in series.resample("M").sum().items()}


def total(values):
    """The sum of an array-like, by this library's pandas."""
    return float(pandas.Series(values).sum())
