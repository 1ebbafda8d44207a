"""Phases against going through all outputs and taps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heron_ms.normalization.phases import phases
from heron_ms.normalization.runs import Window

WINDOWS = st.builds(
    Window,
    outputs=st.integers(1, 12),
    taps=st.integers(1, 6),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 4),
    offset=st.integers(-5, 5),
)
DATA = st.integers(2, 4).flatmap(
    lambda step: st.integers(0, step - 1).map(lambda first: range(first, 40, step))
)


@given(WINDOWS, DATA)
def test_every_output_is_in_one_phase_with_its_taps(window: Window, data: range) -> None:
    met = {p: list(phase.taps) for phase in phases(window, data) for p in phase.outputs}
    assert sorted(met) == list(range(window.outputs))
    assert sum(len(phase.outputs) for phase in phases(window, data)) == window.outputs
    for output, taps in met.items():
        places = [window.place(output, tap) - data.start for tap in range(window.taps)]
        assert taps == [tap for tap, place in enumerate(places) if place % data.step == 0]
