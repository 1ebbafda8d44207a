"""Stock's search on recorded objectives: all of its trials, in order, inside the recorded space."""

from __future__ import annotations

from itertools import accumulate
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms.strategies import STRATEGIES
from heron_ms.testing.replay import RecordedObjective
from scripts.bench.replay import searches as searches
from scripts.bench.replay.stock import NAME, Stock, makers
from tests.testing.synthetic_set import synthetic

TRIALS = 8


@pytest.fixture(scope="module")
def objective() -> RecordedObjective:
    """A space in which a variable is held and a seventh of the programs fails."""
    preload_intrinsics()
    return RecordedObjective(synthetic(full=True))


@pytest.mark.slow
def test_stock_is_searched_like_a_strategy(
    objective: RecordedObjective,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = _asked_of(objective, monkeypatch)
    explorer = makers(STRATEGIES, tmp_path)[NAME]()
    best = searches.best_so_far(explorer, objective, TRIALS, seed=1)
    assert capfd.readouterr() == ("", "")
    assert len(best) == TRIALS and isfinite(best[-1])
    assert best == pytest.approx(list(accumulate(asked, min)), rel=1e-5)
    assert list(tmp_path.glob("stock/*/logs/*.log"))


def _asked_of(objective: RecordedObjective, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Fills with the seconds of each trace in the order in which they are asked for."""
    asked: list[float] = []
    known = objective.of_trace

    def of_trace(trace: Any) -> float | None:
        seconds = known(trace)
        asked.append(inf if seconds is None else seconds)
        return seconds

    monkeypatch.setattr(objective, "of_trace", of_trace)
    return asked


@pytest.mark.slow
def test_the_same_seed_makes_the_same_search(objective: RecordedObjective, tmp_path: Path) -> None:
    runs = [Stock(tmp_path / name).seconds(objective, 130, seed) for name, seed in
            (("one", 1), ("again", 1), ("other", 2))]  # fmt: skip
    assert runs[0] == runs[1] != runs[2]
    # Its mutators keep what is held: a third of the traces drawn at random would do so.
    assert np.isfinite(runs[0]).mean() > 0.5
