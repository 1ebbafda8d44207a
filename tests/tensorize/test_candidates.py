"""Which iterators an intrinsic takes over, and what has to be copied for it."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms.intrinsics import AVX512_F32, FMA_F32, SDOT, SMMLA, VNNI_U8, WMMA_F16
from heron_ms.tensorize import Mapping, match_block
from heron_ms.workloads import Bmm, Conv2d, Gemm, Gemv, Grouped2d, Transposed2d
from tests.tensorize.einsums import SIZE, best, einsum, offered, outside, program, taken, times

CONV = (1, 14, 14, 32, 64, 3, 3, 1, 1, 1)
COPIED_WEIGHT = 3 * 3 * 32 * 64


@pytest.mark.parametrize(("weight", "copied"), [("kn", {"B"}), ("nk", {"B"}), ("packed", set())])
@pytest.mark.parametrize("a_dtype", ["uint8", "int8"])
def test_a_gemm(weight: str, copied: set[str], a_dtype: str) -> None:
    mapping = best(program(Gemm(32, 64, 48, weight=weight, a_dtype=a_dtype)))
    assert taken(mapping) == [("j",), ("k",)]
    assert outside(mapping) == ("i",)
    assert mapping.intrinsic.a_dtype == a_dtype
    assert (mapping.waste, set(mapping.copied)) == (1.0, copied)
    assert not mapping.swapped and not mapping.is_gathered


def test_what_padding_wastes_and_copies() -> None:
    mapping = best(program(Gemm(33, 10, 50)))
    assert mapping.waste == pytest.approx(12 / 10 * 64 / 50)
    assert mapping.copied == {"A": 33 * 12, "B": 12 * 64, "C": 33 * 64 * 4}


def test_a_batch_stays_outside() -> None:
    assert outside(best(program(Bmm(3, 32, 64, 48)))) == ("b", "i")


def test_a_vector_has_no_rows() -> None:
    assert outside(best(program(Gemv(64, 64)))) == ()


def test_exchanged_factors() -> None:
    mod = einsum(lambda a, b, k, i, j: times(b[k, j], a[i, k]), dtypes=("uint8", "int8"))
    mapping = best(mod)
    assert mapping.swapped
    assert mapping.intrinsic_name == "vnni.u8s8s32.16x4.swapped"
    assert mapping.einsum.a.buffer.name == "A"
    assert taken(mapping) == [("j",), ("k",)]


def test_a_signed_gemm_maps_both_ways_round() -> None:
    mappings = offered(einsum(lambda a, b, k, i, j: times(a[i, k], b[k, j])))
    assert isinstance(mappings, list)
    assert [(taken(mapping), mapping.swapped) for mapping in mappings] == [
        ([("j",), ("k",)], False),
        ([("i",), ("k",)], True),
    ]


@pytest.mark.parametrize("weight", ["kn", "nk", "packed"])
def test_a_convolution_needs_no_gathering(weight: str) -> None:
    mapping = best(program(Conv2d(*CONV, weight=weight)))
    assert taken(mapping) == [("co",), ("ci",)]
    assert outside(mapping) == ("n", "h", "w", "kh", "kw")
    assert mapping.copied == ({} if weight == "packed" else {"B": COPIED_WEIGHT})


def test_channels_first_copies_the_data_once_and_not_its_windows() -> None:
    mapping = best(program(Conv2d(*CONV, layout="nchw", weight="packed")))
    assert taken(mapping) == [("co",), ("ci",)]
    # The padded input, and the output, in another order.
    assert mapping.copied == {"A": 16 * 16 * 32, "C": 14 * 14 * 64 * 4}


@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize(("kernel", "depth", "waste"), [(3, "ci", 4 / 3), (7, "kw", 8 / 7)])
def test_three_channels_are_padded(layout: str, kernel: int, depth: str, waste: float) -> None:
    mapping = best(program(Conv2d(1, 14, 14, 3, 64, kernel, kernel, 2, 1, 1, layout=layout)))
    assert taken(mapping) == [("co",), (depth,)]
    assert mapping.waste == pytest.approx(waste)


def test_a_copy_that_divides_costs_more_than_the_padding_it_spares() -> None:
    offers = offered(program(Conv2d(1, 14, 14, 3, 64, 3, 3, 1, 1, 1)))
    assert isinstance(offers, list)
    fused = next(offer for offer in offers if taken(offer) == [("co",), ("kh", "kw", "ci")])
    assert fused.waste == pytest.approx(28 / 27)
    # Ten cycles for each of the 14 * 14 * 27 and of the 27 * 64 elements.
    assert fused.effort == pytest.approx(28 / 27 + 10 * 64 * (1 / 64 + 1 / 14**2))
    assert offers[0].effort < fused.effort and offers[0].waste > fused.waste


def test_channels_are_fused_with_the_kernel_for_a_matrix_intrinsic() -> None:
    workload = Conv2d(1, 16, 16, 3, 64, 3, 3, 1, 1, 1, a_dtype="float16", b_dtype="float16")
    mapping = best(program(workload), [WMMA_F16])
    assert taken(mapping)[-1] == ("kh", "kw", "ci")
    assert mapping.effort == mapping.waste == pytest.approx(32 / 27)


@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
def test_groups_hidden_in_the_channels_are_split_off(layout: str) -> None:
    workload = Grouped2d(1, 14, 14, 32, 64, 3, 3, 1, 1, 1, 4, layout=layout, split=False)
    mapping = best(program(workload))
    assert (4, 16) in mapping.splits
    assert taken(mapping) == [("co1",), ("ci",)]
    assert "co0" in outside(mapping)


def test_a_term_that_is_always_zero_touches_nothing() -> None:
    # What a grouped convolution reads where there is one group.
    mod = einsum(lambda a, b, k, i, j: times(a[i, j // SIZE * SIZE + k], b[k, j]))
    assert taken(best(mod)) == [("j",), ("k",)]


def test_the_phases_of_a_transposed_convolution_stay_outside() -> None:
    mapping = best(program(Transposed2d(1, 14, 14, 32, 64, 3, 3, 2, 1)))
    assert taken(mapping) == [("co",), ("ci",)]
    assert outside(mapping)[:3] == ("n", "ph", "pw")


def test_a_matrix_intrinsic_takes_the_rows_that_divide() -> None:
    mapping = best(program(Conv2d(16, *CONV[1:], a_dtype="float16", b_dtype="float16")), [WMMA_F16])
    assert taken(mapping) == [("n",), ("co",), ("ci",)]
    assert mapping.waste == 1.0


def test_rows_of_several_iterators_are_fused() -> None:
    mappings = offered(program(Conv2d(*CONV, a_dtype="int8")), [SMMLA])
    assert isinstance(mappings, list)
    assert [("h", "w"), ("co",), ("ci",)] in [taken(mapping) for mapping in mappings]


def test_a_depth_of_one_is_no_iterator() -> None:
    workload = Gemm(32, 64, 48, weight="packed", a_dtype="float32", b_dtype="float32")
    mapping = best(program(workload), [AVX512_F32])
    assert taken(mapping) == [("j",)]
    assert outside(mapping) == ("i", "k")
    assert mapping.copied == {}


def test_the_intrinsics_come_in_the_order_of_the_machine() -> None:
    mod = program(Gemm(32, 64, 48, a_dtype="int8"))
    for order in ([SDOT, SMMLA], [SMMLA, SDOT]):
        assert best(mod, order).intrinsic is order[0]


def test_a_weight_of_few_rows_is_not_padded() -> None:
    for rows, columns, lanes in ((64, 1000, 16), (1, 1000, 8), (1, 1024, 16), (1, 1001, 16)):
        mod = program(Gemm(rows, 48, columns, a_dtype="float32", b_dtype="float32"))
        assert best(mod, [AVX512_F32, FMA_F32]).intrinsic.lanes == lanes


@pytest.mark.parametrize(("channels", "lanes"), [(24, 16), (12, 16), (8, 8), (40, 16), (48, 16)])
def test_padded_channels_are_lanes_before_pixels_that_divide(channels: int, lanes: int) -> None:
    workload = Conv2d(
        1, 16, 16, 32, channels, 3, 3, 1, 1, 1, a_dtype="float32", b_dtype="float32", weight="kn"
    )
    mapping = best(program(workload), [AVX512_F32, FMA_F32])
    assert taken(mapping) == [("co",)]
    assert mapping.intrinsic.lanes == lanes


def test_a_tile_that_is_not_compact_is_not_in_place() -> None:
    # The last dimensions are (lanes, depth), but a row of the depth is 6 bytes long.
    mod = einsum(
        lambda a, b, k, i, j: times(a[i, k], b[j // 16, k // 6, j % 16, k % 6]),
        a_shape=(32, SIZE),
        b_shape=(2, 3, 16, 6),
        c_shape=(32, 32),
    )
    assert all("B" in mapping.copied for mapping in _mappings(mod))


def _mappings(mod: Any) -> list[Mapping]:
    mappings = offered(mod)
    assert isinstance(mappings, list)
    return mappings


def test_a_mapping_prints_as_one_line() -> None:
    assert str(best(program(Gemm(32, 64, 48)))) == (
        "block C: vnni.u8s8s32.16x4, lanes <- j, depth <- k, outside i; waste 1.00, "
        "bytes copied: B 3,072"
    )


def test_match_block_is_the_best_candidate() -> None:
    from heron_ms._tvm import Schedule

    sch = Schedule(program(Conv2d(*CONV)))
    block = sch.get(sch.get_sblock("C"))
    match = match_block(block, [VNNI_U8])
    assert isinstance(match, Mapping)
    assert str(match) == str(best(program(Conv2d(*CONV)), [VNNI_U8]))
