"""Runs against going through all outputs and taps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heron_ms.normalization.runs import Window, runs, saving

WINDOWS = st.builds(
    Window,
    outputs=st.integers(1, 12),
    taps=st.integers(1, 5),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 4),
    offset=st.integers(-5, 5),
)
DATA = st.builds(lambda start, length: range(start, start + length), *2 * [st.integers(0, 15)])


def _met(window: Window, data: range) -> list[list[int]]:
    return [
        [t for t in range(window.taps) if window.place(output, t) in data]
        for output in range(window.outputs)
    ]


@given(WINDOWS, DATA)
def test_every_output_is_in_one_run_with_its_taps(window: Window, data: range) -> None:
    all_runs = list(runs(window, data))
    assert [p for run in all_runs for p in run.outputs] == list(range(window.outputs))
    assert [list(run.taps) for run in all_runs for _ in run.outputs] == _met(window, data)


@given(WINDOWS, DATA)
def test_runs_are_as_long_as_they_can_be(window: Window, data: range) -> None:
    all_runs = list(runs(window, data))
    assert all(a.taps != b.taps for a, b in pairwise(all_runs))


def test_a_million_outputs_take_no_time() -> None:
    all_runs = runs(Window(outputs=2**40, taps=3, stride=1, dilation=1, offset=0), range(1, 2**40))
    assert [len(run.outputs) for run in all_runs] == [1, 2**40 - 3, 1, 1]


@given(WINDOWS, DATA)
def test_saving_counts_the_taps_on_padding(window: Window, data: range) -> None:
    left_out = window.outputs * window.taps - sum(map(len, _met(window, data)))
    share = left_out / (window.outputs * window.taps)
    assert abs(saving(window, runs(window, data)) - share) < 1e-12


@given(WINDOWS, DATA)
def test_a_run_reads_no_place_outside_the_data(window: Window, data: range) -> None:
    for run in runs(window, data):
        if run.taps:
            places = run.places(window)
            assert places[0] in data and places[-1] in data
