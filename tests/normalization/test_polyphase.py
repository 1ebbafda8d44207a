"""Transposed convolutions compute the same without a product with a zero that was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import heron_ms
from heron_ms._tvm import Schedule, structural_equal
from tests.normalization.padded_convolutions import products
from tests.normalization.transposed_forms import FORMS, Transposed, compute, transposed

QUICK = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("form", FORMS)
@settings(QUICK, max_examples=4)
@given(of=transposed())
def test_computes_what_is_right(form: str, of: Transposed) -> None:
    a, b = of.arrays(np.random.default_rng(0))
    after = heron_ms.normalize(FORMS[form](of))
    np.testing.assert_array_equal(compute(after, form, of, a, b), of.reference(a, b))


@pytest.mark.parametrize("form", FORMS)
@settings(QUICK, max_examples=10)
@given(of=transposed())
def test_multiplies_what_meets(form: str, of: Transposed) -> None:
    mod = FORMS[form](of)
    after = heron_ms.normalize(mod)
    if of.h.stride == of.w.stride == 1:
        assert products(after) <= of.products
    else:
        assert products(after) == of.products
    assert heron_ms.normalize(after) is after
    assert structural_equal(after, heron_ms.normalize(FORMS[form](of)))
    Schedule(after, debug_mask="all")  # checks block bindings and regions
