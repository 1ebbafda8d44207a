"""A model of other tasks: it reads problems that it never saw, and starts the online one."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from heron_ms.cost_model import OnlineModel, TransferError, Transferred, TransferredModel
from heron_ms.cost_model.databases import MeasuredTask
from heron_ms.cost_model.online import fitted_scale
from heron_ms.cost_model.transferred import FORMAT
from heron_ms.csp import Problem
from tests.cost_model.tiled_gemm import Point, Sketched, agreement, points, seconds_of, tiled

UNSEEN = tiled(96, 256, 1024, "conv", ("n", "co", "rc"))
SKETCHES = [Sketched(UNSEEN)]


def measured(problem: Problem, slower: float, seed: int) -> MeasuredTask:
    """Forty random programs of a task that takes so many times as long as another."""
    drawn = points(problem, 40, seed)
    rows = [assignment.row for assignment in drawn]
    return MeasuredTask("", [problem], [0] * 40, rows, slower * seconds_of(problem, drawn))


@pytest.fixture(scope="module")
def transfer() -> Transferred:
    sizes = [(64, 64, 64), (128, 64, 256), (256, 128, 512), (32, 256, 128), (512, 32, 64)]
    return Transferred.fit(measured(tiled(*s), 10.0**n, n) for n, s in enumerate(sizes))


def test_it_reads_a_problem_it_never_saw(transfer: Transferred) -> None:
    drawn = points(UNSEEN, 300, 0)
    scores = TransferredModel(SKETCHES, 0, transfer).predict(drawn)
    assert agreement(scores, seconds_of(UNSEEN, drawn)) > 0.7


def test_measurements_do_not_change_it(transfer: Transferred) -> None:
    model, drawn = TransferredModel(SKETCHES, 0, transfer), points(UNSEEN, 50, 0)
    before = model.predict(drawn)
    model.train(drawn, seconds_of(UNSEEN, drawn)[::-1])
    assert model.is_trained and np.array_equal(before, model.predict(drawn))


def test_a_file_brings_it_back(transfer: Transferred, tmp_path: Path) -> None:
    transfer.save(tmp_path / "models" / "cpu.json")
    loaded = Transferred.load(tmp_path / "models" / "cpu.json")
    drawn = points(UNSEEN, 50, 0)
    ours, theirs = (TransferredModel(SKETCHES, 0, source) for source in (transfer, loaded))
    assert np.array_equal(ours.predict(drawn), theirs.predict(drawn))
    assert ours.importance() == theirs.importance()


MISSHAPEN: list[tuple[object, object]] = [([], []), ("abc", []), ([], [{}])]


def _like_a_model(names: object, trees: object) -> str:
    return json.dumps({"format": FORMAT, "names": names, "trees": trees})


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"format": "another", "names": []}'),
        *(_like_a_model(names, trees) for names, trees in MISSHAPEN),
        *("[" * 100_000, '{"format": "heron_ms transferred model 1", "names": [], "trees": []}'),
    ],
)
def test_another_file_is_refused_in_a_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(text)
    with pytest.raises(TransferError, match=r"model\.json is no transferred model") as caught:
        Transferred.load(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_refused(transfer: Transferred, tmp_path: Path, seed: int) -> None:
    """XGBoost crashes on some trees that are not as they were, and hangs on others."""
    file, rng = tmp_path / "model.json", random.Random(seed)
    transfer.save(file)
    content = bytearray(file.read_bytes())
    if seed % 4:
        digits = [at for at, byte in enumerate(content) if 48 <= byte < 57]
        content[rng.choice(digits)] += 1
    else:
        del content[rng.randrange(len(content)) :]
    file.write_bytes(content)
    with pytest.raises(TransferError, match=r"model\.json is no transferred model: \w"):
        Transferred.load(file)


def test_nothing_to_learn_from_is_refused() -> None:
    problem = tiled(64, 64, 64)
    failed = measured(problem, np.inf, 0)
    with pytest.raises(TransferError, match="whose programs ran"):
        Transferred.fit([failed])


def test_importance_names_variables_of_the_new_problem(transfer: Transferred) -> None:
    importance = TransferredModel(SKETCHES, 0, transfer).importance()
    assert importance and set(importance) <= set(UNSEEN.names)


def test_it_starts_the_online_model(transfer: Transferred) -> None:
    drawn = points(UNSEEN, 50, 0)
    online = OnlineModel(SKETCHES, 0, transfer)
    alone = TransferredModel(SKETCHES, 0, transfer)
    assert online.is_trained
    assert np.array_equal(online.predict(drawn), alone.predict(drawn))
    assert online.importance() == alone.importance()


def test_measurements_then_improve_on_it(transfer: Transferred) -> None:
    seen, unseen = points(UNSEEN, 32, 1), points(UNSEEN, 300, 2)
    seconds = seconds_of(UNSEEN, unseen)
    plain, moved = OnlineModel(SKETCHES, 0), OnlineModel(SKETCHES, 0, transfer)
    start = agreement(moved.predict(unseen), seconds)
    for model in (plain, moved):
        model.train(seen, seconds_of(UNSEEN, seen))
    assert agreement(moved.predict(unseen), seconds) > start
    assert agreement(moved.predict(unseen), seconds) > agreement(plain.predict(unseen), seconds)


def test_a_misleading_model_is_overruled(transfer: Transferred) -> None:
    def backwards(drawn: Sequence[Point]) -> NDArray[np.float64]:
        return np.asarray(1e-6 / seconds_of(UNSEEN, drawn))

    seen, unseen = points(UNSEEN, 96, 1), points(UNSEEN, 300, 2)
    model = OnlineModel(SKETCHES, 0, transfer)
    model.train(seen, backwards(seen))
    assert agreement(model.predict(unseen), backwards(unseen)) > 0.5


def test_the_scale_is_that_of_the_measurements() -> None:
    given = np.linspace(-1.0, 0.0, 1000)
    slope, intercept = fitted_scale(given, 2.0 * given + 0.5)
    assert slope == pytest.approx(2.0, abs=0.01)
    assert intercept == pytest.approx(0.5, abs=0.01)
    assert fitted_scale(np.zeros(3), np.array([-1.0, -2.0, 0.0])) == (1.0, -1.0)
