"""Ratios, means and the choice of the time that counts."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.bench.peers.figures import BEST, BEST_LOOPED, BEST_WIDE, OURS, Figures, geometric_mean

TIMES = st.floats(0.1, 1e6)
FIGURES = Figures(("onednn", "onnxruntime", "onnxruntime-u8"))


def case(times: dict[str, float], searches: dict[str, Any] | None = None) -> dict[str, Any]:
    """A record with these times; the results of "...-u8" are bytes."""
    results = {
        name: {
            "wall_us": us,
            "cpu_us": 2 * us,
            "result": "uint8" if name.endswith("u8") else "int32",
        }
        for name, us in times.items()
    }
    timing = {"results": results, "problems": {}, "peak_gops": 400.0, "bytes": 1000}
    return {
        "case": "gemm",
        "operator": "gemm",
        "operations": 10_000,
        "searches": searches if searches is not None else {name: {} for name in times},
        "timing": timing,
    }


@given(ratios=st.lists(st.floats(1e-3, 1e3), min_size=1))
def test_the_mean_of_inverses_is_the_inverse_of_the_mean(ratios: list[float]) -> None:
    mean = geometric_mean(ratios)
    inverse = geometric_mean(1 / ratio for ratio in ratios)
    assert mean is not None and inverse is not None
    assert mean * inverse == pytest.approx(1)
    assert min(ratios) * (1 - 1e-9) <= mean <= max(ratios) * (1 + 1e-9)


@given(ours=TIMES, one=TIMES, other=TIMES, factor=st.floats(0.1, 10))
def test_a_slower_kernel_has_a_smaller_ratio(
    ours: float, one: float, other: float, factor: float
) -> None:
    times = {"onednn": one, "onnxruntime": other}
    base = FIGURES.ratio(case({OURS: ours, **times}), BEST)
    slower = FIGURES.ratio(case({OURS: ours * factor, **times}), BEST)
    assert base == pytest.approx(min(one, other) / ours)
    assert slower is not None and base is not None
    assert slower * factor == pytest.approx(base)


def test_the_better_layout_stands_for_a_search() -> None:
    both = case({OURS: 10.0, "stock/kn": 40.0, "stock/packed": 20.0})
    assert FIGURES.chosen(both, "stock") == "stock/packed"
    assert FIGURES.ratio(both, "stock") == 2.0
    assert FIGURES.chosen(both, "repaired") is None


def test_bytes_do_not_count_among_wide_results() -> None:
    record = case({OURS: 10.0, "onednn": 12.0, "onnxruntime-u8": 8.0})
    assert FIGURES.ratio(record, BEST) == pytest.approx(0.8)
    assert FIGURES.ratio(record, BEST_WIDE) == pytest.approx(1.2)


def test_loops_count_where_both_have_one() -> None:
    record = case({OURS: 10.0, "onednn": 40.0, "onnxruntime": 60.0})
    results = record["timing"]["results"]
    assert FIGURES.ratio(record, BEST_LOOPED) == pytest.approx(4)
    results[OURS]["loop_us"] = 5.0
    assert FIGURES.ratio(record, BEST_LOOPED) == pytest.approx(4)
    results["onednn"]["loop_us"] = 15.0
    assert FIGURES.ratio(record, BEST_LOOPED) == pytest.approx(3)
    assert FIGURES.ratio(record, BEST) == pytest.approx(4)


def test_a_search_fails_where_it_was_made_and_no_layout_is_right() -> None:
    good = case({OURS: 1.0, "stock/kn": 2.0}, {OURS: {}, "stock/kn": {}, "stock/packed": {}})
    bad = case({OURS: 1.0}, {OURS: {}, "stock/kn": {}, "stock/packed": {}})
    untried = case({OURS: 1.0}, {OURS: {}})
    assert FIGURES.failed([good, bad, untried], "stock") == 1
    assert FIGURES.compared([good, bad, untried], "stock") == 1
    assert FIGURES.mean([good, bad, untried], "stock") == pytest.approx(2)


def test_the_clock_is_the_one_asked_for() -> None:
    assert Figures((), "cpu").time_us(case({OURS: 3.0}), OURS) == 6.0


@given(us=TIMES, bandwidth=st.one_of(st.none(), st.floats(0.01, 100)))
def test_the_roofline_is_the_lower_of_its_two_sides(us: float, bandwidth: float | None) -> None:
    record = case({OURS: us})
    record["timing"]["bandwidth_gbs"] = bandwidth
    limit = FIGURES.roofline(record)
    memory = math.inf if bandwidth is None else 10 * bandwidth
    assert limit == pytest.approx(min(400.0, memory))
    assert FIGURES.gops(record, OURS) == pytest.approx(10_000 / us / 1e3)
