"""An intrinsic answers for its description and is known by one name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms._tvm import IRBuilder, PrimFunc, T, TensorIntrin, prim_func, structural_equal
from heron_ms.errors import HeronError, IntrinsicError
from heron_ms.hardware.cpu.isa import INTRINSIC_FEATURES
from heron_ms.intrinsics import INTRINSICS, VNNI_U8, WMMA_F16, Intrinsic, Tile, describe, register
from heron_ms.intrinsics.build import implement, spread
from heron_ms.intrinsics.semantics import read_semantics

SIZES = st.sampled_from([1, 2, 3, 4, 8, 16])
DTYPES = st.sampled_from(["int8", "uint8", "bfloat16", "float16", "float32", "int32"])


@settings(deadline=None)
@given(DTYPES, DTYPES, DTYPES, SIZES.filter(lambda lanes: lanes > 1), SIZES, SIZES)
def test_a_description_is_read_back(
    a: str, b: str, c: str, lanes: int, depth: int, rows: int
) -> None:
    found = read_semantics(describe(Tile(a, b, c, lanes, depth, rows)))
    assert (found.a_dtype, found.b_dtype, found.c_dtype) == (a, b, c)
    assert (found.lanes, found.depth, found.rows, found.b_layout) == (lanes, depth, rows, "nk")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lanes": 8}, "'vnni.u8s8s32.16x4': lanes is 8, but its description says 16"),
        ({"depth": 2}, "depth is 2, but its description says 4"),
        ({"rows": 2}, "rows is 2, but its description says 1"),
        ({"a_dtype": "int8"}, "a_dtype is 'int8', but its description says 'uint8'"),
        ({"c_dtype": "int16"}, "c_dtype is 'int16', but its description says 'int32'"),
        ({"b_layout": "kn"}, "b_layout is 'kn', but its description says 'nk'"),
    ],
)
def test_fields_that_contradict_the_description(change: dict[str, Any], message: str) -> None:
    with pytest.raises(IntrinsicError, match=message) as caught:
        replace(VNNI_U8, **change)
    assert "\n" not in str(caught.value) and isinstance(caught.value, HeronError)


def test_a_word_of_longer_elements() -> None:
    tile = Tile("float64", "float64", "float64", lanes=4, depth=1)
    with pytest.raises(IntrinsicError, match="float64 does not fit in the 32 bits"):
        implement(tile, lambda a, b, c: spread(a, 4))


def _function(body: Callable[[Any, Any, Any, Any, Any], Any], extent: int = 4) -> PrimFunc:
    """A function of A, B (16, 4) and C (16,) that stores ``body`` of them and the iterators."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        a, b, c = (
            T.arg(name, T.Buffer(shape, "int32", offset_factor=1))
            for name, shape in (("A", (4,)), ("B", (16, 4)), ("C", (16,)))
        )
        with T.sblock("root"):
            T.reads(c[0:16], a[0:4], b[0:16, 0:4])
            T.writes(c[0:16])
            with T.grid(16, extent) as (i, k), T.sblock("update"):
                i, k = T.axis.spatial(16, i), T.axis.reduce(extent, k)
                T.buffer_store(c, body(a, b, c, i, k), [i])
    return builder.get()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda a, b, c, i, k: a[k] * b[i, k], "is no sum"),
        (lambda a, b, c, i, k: c[i] + a[k] + b[i, k], "is no sum"),
        (lambda a, b, c, i, k: c[15 - i] + a[k] * b[i, k], "does not add to the element of C"),
        (lambda a, b, c, i, k: c[i] + b[i, k] * a[k], "does not multiply its first argument"),
        (lambda a, b, c, i, k: c[i] + a[k] * (b[i, k] + 1), "which is no element of A or B"),
        (lambda a, b, c, i, k: c[i] + a[k] * b[i, 0], "neither rows, lanes nor depth"),
        (lambda a, b, c, i, k: c[i] + a[0] * b[i, k], "neither rows, lanes nor depth"),
        (lambda a, b, c, i, k: c[i] + a[i // 4] * b[0, k], "neither rows, lanes nor depth"),
    ],
)
def test_a_description_that_is_no_dot_product(body: Any, message: str) -> None:
    with pytest.raises(IntrinsicError, match=f"'vnni.u8s8s32.16x4': its description .*{message}"):
        replace(VNNI_U8, description=_function(body))


def test_an_iterator_that_tvm_never_matches() -> None:
    function = _function(lambda a, b, c, i, k: c[i] + a[k] * b[i, k], extent=1)
    with pytest.raises(IntrinsicError, match="an extent of one"):
        replace(VNNI_U8, description=function)


def test_a_function_of_two_buffers() -> None:
    with IRBuilder() as builder, prim_func(s_tir=True):
        a = T.arg("A", T.Buffer((4,), "int32"))
        c = T.arg("C", T.Buffer((4,), "int32"))
        with T.sblock("root"), T.serial(4) as k, T.sblock("update"):
            k = T.axis.spatial(4, k)
            T.buffer_store(c, c[k] + a[k] * a[k], [k])
    with pytest.raises(IntrinsicError, match="takes other arguments than A, B and C"):
        read_semantics(builder.get())


def test_every_one_is_known_to_tvm_and_to_the_machines() -> None:
    for name, intrinsic in INTRINSICS.items():
        assert intrinsic.name == name
        if intrinsic is not WMMA_F16:
            assert TensorIntrin.get(name) is not None
        if intrinsic.assembled:
            assert intrinsic.features == INTRINSIC_FEATURES[name]
    described = {name for name, intrinsic in INTRINSICS.items() if not intrinsic.assembled}
    assert set(INTRINSIC_FEATURES) == set(INTRINSICS) - described


def test_a_name_is_given_once() -> None:
    same = Intrinsic(**vars(VNNI_U8))
    assert register(same) is VNNI_U8
    with pytest.raises(IntrinsicError, match="'vnni.u8s8s32.16x4': another one has this name"):
        register(replace(VNNI_U8, features=frozenset({"avx2"})))
    assert INTRINSICS[VNNI_U8.name] is VNNI_U8


def test_a_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(INTRINSICS, "mine.u8s8s32.16x4", raising=False)
    own = register(replace(VNNI_U8, name="mine.u8s8s32.16x4"))
    monkeypatch.delitem(INTRINSICS, own.name)
    assert structural_equal(TensorIntrin.get(own.name).desc, VNNI_U8.description)


def test_wmma_is_described_as_tvm_describes_it() -> None:
    from heron_ms._preload import preload_intrinsics

    preload_intrinsics()
    wheel = TensorIntrin.get(WMMA_F16.name).desc
    assert structural_equal(WMMA_F16.description.body, wheel.body, map_free_vars=True)
