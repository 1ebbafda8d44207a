"""The few orders that are kept are as good as all of them, for any factors."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.errors import ModelError
from heron_ms.interstellar.energy import level_energy
from heron_ms.interstellar.nest.layer import LOOPS
from heron_ms.interstellar.nest.reuse import Factors, outer_products
from heron_ms.interstellar.optimise.orders import orders
from tests.interstellar.golden_cases import cases

EVERY = list(permutations(LOOPS))
TEMPORAL = st.fixed_dictionaries({loop: st.sampled_from([1, 1, 2, 5]) for loop in LOOPS})


def test_three_are_left_without_hints() -> None:
    assert len(orders()) == 3


@given(st.lists(TEMPORAL, min_size=3, max_size=3))
@settings(max_examples=8, deadline=None)
def test_no_order_is_better(temporal: list[dict[str, int]]) -> None:
    case = cases()[0]
    spatial = [dict.fromkeys(LOOPS, 1) for _ in range(3)]
    factors = Factors(temporal, outer_products(temporal), spatial)

    def energy(order: tuple[str, ...]) -> float:
        return float(level_energy(case.layer, case.machine, factors, 1, order, ()))

    moving = {loop for loop in LOOPS if temporal[1][loop] > 1}
    distinct = {tuple(sorted(order, key=lambda x: x not in moving)) for order in EVERY}
    assert min(map(energy, orders())) == pytest.approx(min(map(energy, distinct)))


def test_a_place_that_is_given_is_kept() -> None:
    found = orders({"FX": 0, "OC": 6})
    assert found and all(order[0] == "FX" and order[6] == "OC" for order in found)


@pytest.mark.parametrize(
    ("places", "message"),
    [({"FX": 7}, "order 7 is not within"), ({"FX": 1, "FY": 1}, "two loops have the same order")],
)
def test_places_that_make_no_order(places: dict[str, int], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        orders(places)
