"""``weight="ahead"``: the logical layout, and the program says that the weight is constant."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms._tvm import structural_equal
from heron_ms.errors import LayoutError
from heron_ms.layout_free import LAYOUT_FREE
from heron_ms.workloads import OPERATORS, Bmm, Workload
from tests.workloads.workload_cases import CASES, every

AHEAD = [name for name, operator in OPERATORS.items() if "ahead" in operator.weights]


def test_every_operator_with_a_constant_weight_has_it() -> None:
    assert set(OPERATORS) - set(AHEAD) == {"bmm"}
    with pytest.raises(LayoutError, match="weight must be kn, nk, packed, got 'ahead'"):
        Bmm(2, 4, 4, 4, weight="ahead")


@pytest.mark.parametrize("name", AHEAD)
def test_it_differs_from_kn_in_the_attribute_alone(name: str) -> None:
    case = CASES[name][0]
    ahead, plain = (OPERATORS[name].of(case, weight=weight) for weight in ("ahead", "kn"))
    func = ahead.prim_func()
    assert [int(position) for position in func.attrs[LAYOUT_FREE]] == [1]
    assert structural_equal(func.without_attr(LAYOUT_FREE), plain.prim_func())
    b = np.arange(np.prod(ahead.b_shape)).reshape(ahead.b_shape)
    np.testing.assert_array_equal(ahead.arrange(b), plain.arrange(b))
    assert ahead.name != plain.name


@pytest.mark.parametrize("workload", every(), ids=lambda workload: workload.name)
def test_no_other_weight_is_called_constant(workload: Workload) -> None:
    attributes = workload.prim_func().attrs
    assert (LAYOUT_FREE in attributes) == (workload.weight == "ahead")
