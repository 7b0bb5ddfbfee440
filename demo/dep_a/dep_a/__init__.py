"""A library that has moved on to pandas 2.2."""

import pandas

PANDAS = pandas.__version__


def grades(scores):
    """Grade scores with ``Series.case_when``, which pandas has since 2.2."""
    series = pandas.Series(scores)
    graded = series.astype(object).case_when([(series >= 90, "A"), (series >= 50, "B"), (series < 50, "C")])
    return graded.tolist()


def total(values):
    """The sum of an array-like, by this library's pandas."""
    return float(pandas.Series(values).sum())
