"""Features of a space in the columns that another space was learned with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.features import SKETCH
from heron_ms.cost_model.token_features import TokenFeatures


def common_names(features: Sequence[TokenFeatures]) -> tuple[str, ...]:
    """The columns of some spaces that mean the same in each; the number of a sketch does not."""
    names = dict.fromkeys(name for each in features for name in each.names)
    return tuple(name for name in names if not name.startswith(SKETCH))


def aligned(
    features: TokenFeatures,
    names: Sequence[str],
    sketches: Sequence[int],
    rows: Sequence[NDArray[np.int64]],
) -> NDArray[np.float32]:
    """The columns of these names, float32 [solutions, names].

    Missing (NaN) where the space of the solutions has no such token.
    """
    position = {name: at for at, name in enumerate(features.names)}
    known = [at for at, name in enumerate(names) if name in position]
    found = np.full((len(rows), len(names)), np.nan, dtype=np.float32)
    found[:, known] = features.matrix(sketches, rows)[:, [position[names[at]] for at in known]]
    return found
