"""A pipeline of scikit-learn that has been fitted, with trees of its own."""

from __future__ import annotations

from typing import Any

import sklearn  # type: ignore[import-not-found]
from sklearn.base import BaseEstimator, clone  # type: ignore[import-not-found]
from sklearn.ensemble import RandomForestClassifier  # type: ignore[import-not-found]
from sklearn.pipeline import make_pipeline  # type: ignore[import-not-found]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-not-found]

Facts = dict[str, Any]
_ROWS = [[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 2.0]]


def make() -> Any:
    """A new one."""
    forest = RandomForestClassifier(n_estimators=3, random_state=0)
    return make_pipeline(StandardScaler(), forest).fit(_ROWS, [0, 1, 0, 1])


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose it is, with the module whose version that should be."""
    return [(thing, sklearn), (thing[1].estimators_[0].tree_, sklearn)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    again = clone(thing).fit(_ROWS, [0, 0, 1, 1])
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, BaseEstimator) and isinstance(thing[1], RandomForestClassifier),
        "predicts": thing.predict(_ROWS).tolist(),
        "again": again.predict(_ROWS).tolist(),
        "means": thing[0].mean_.tolist(),
        "repr": repr(thing),
        "state": thing.__getstate__().get("_sklearn_version"),
    }
