"""A description answers for itself and refuses to contradict itself."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms.errors import TargetError
from heron_ms.hardware import Machine, Memory, cpu_named, intrinsics_of
from heron_ms.hardware.cpu.isa import INTRINSIC_FEATURES

CASCADELAKE = cpu_named("cascadelake")
L1 = CASCADELAKE.memory("L1")


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"scope": ""},
        {"source": ""},
        {"capacity": 0},
        {"capacity": -64},
        {"capacity": 1000.0},
        {"capacity": True},
        {"line": 0},
        {"line": 48},
        {"shared_by": 0},
    ],
)
def test_a_level_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match="memory '"):
        replace(L1, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name is empty"),
        ({"mcpu": ""}, "mcpu is empty"),
        ({"source": ""}, "source is empty"),
        ({"units": ()}, "the one unit is 'core'"),
        ({"vector_bytes": 32}, "registers hold 2048 bytes"),
        ({"vector_registers": 16}, "registers hold 2048 bytes"),
        ({"memories": ()}, "no memory 'registers'"),
        ({"memories": CASCADELAKE.memories[1:]}, "no memory 'registers', only L1, L2, L3"),
        ({"memories": (L1, *CASCADELAKE.memories)}, "named twice"),
        ({"memories": CASCADELAKE.memories[::-1]}, "first memory must be 'registers'"),
        ({"memories": (*CASCADELAKE.memories, L1)}, "named twice"),
        ({"features": frozenset()}, "vnni.u8s8s32.16x4 needs the feature avx512vnni"),
    ],
)
def test_a_machine_refuses(change: dict[str, Any], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        replace(CASCADELAKE, **change)


def test_levels_must_not_shrink() -> None:
    registers, first, second, third = CASCADELAKE.memories
    with pytest.raises(TargetError, match="shrink outwards"):
        replace(CASCADELAKE, memories=(registers, second, first, third))


def test_it_is_frozen_and_hashable() -> None:
    with pytest.raises(FrozenInstanceError):
        CASCADELAKE.mcpu = "x"  # type: ignore[misc]
    assert CASCADELAKE in {CASCADELAKE}


def test_levels_by_name() -> None:
    assert CASCADELAKE.memory("registers").capacity == 2048
    with pytest.raises(TargetError, match="no memory 'L4', only registers, L1, L2, L3"):
        CASCADELAKE.memory("L4")


def test_a_core_counts_on_its_share() -> None:
    assert CASCADELAKE.share("L2") == 1024 * 1024
    assert CASCADELAKE.share("L3") == 24.75 * 1024 * 1024 / 18
    assert CASCADELAKE.with_cores(2).share("L3") == 24.75 * 1024 * 1024 / 2


def test_features() -> None:
    assert CASCADELAKE.has("avx512vnni")
    CASCADELAKE.require("avx512vnni")
    with pytest.raises(TargetError, match=r"'cascadelake' \(mcpu cascadelake\) has no amx-int8"):
        CASCADELAKE.require("amx-int8")


def test_target() -> None:
    assert CASCADELAKE.target() == {"kind": "llvm", "mcpu": "cascadelake", "num-cores": 18}
    assert CASCADELAKE.target(2)["num-cores"] == 2
    assert cpu_named("neoverse-n1").target()["mtriple"] == "aarch64-linux-gnu"
    with pytest.raises(TargetError, match="at least one core"):
        CASCADELAKE.target(0)


def test_intrinsics_follow_the_features() -> None:
    vnni = ("vnni.u8s8s32.16x4", "vnni.s8s8s32.16x4")
    assert intrinsics_of({"avx"}) == ()
    assert intrinsics_of({"avx512vnni"}) == vnni
    assert CASCADELAKE.intrinsics[:2] == vnni
    assert CASCADELAKE.with_features({"avx"}).intrinsics == ()
    assert CASCADELAKE.with_features({"avx512vnni"}).intrinsics == vnni


@given(st.sets(st.sampled_from(sorted(set().union(*INTRINSIC_FEATURES.values())))))
def test_a_machine_has_what_its_features_allow_and_no_more(features: set[str]) -> None:
    found = intrinsics_of(features)
    allowed = {name for name, needed in INTRINSIC_FEATURES.items() if needed <= features}
    assert set(found) == allowed
    assert list(found) == [name for name in INTRINSIC_FEATURES if name in allowed]
    replace(CASCADELAKE, features=frozenset(features), intrinsics=found)


def test_32_bit_arm_has_none() -> None:
    assert intrinsics_of({"neon", "dotprod", "i8mm", "thumb2"}) == ()


def test_intrinsics_of_others_survive_a_change_of_features() -> None:
    other = replace(CASCADELAKE, intrinsics=("mine.4x4", *CASCADELAKE.intrinsics))
    assert other.with_features({"avx"}).intrinsics == ("mine.4x4",)
    assert other.with_features({"avx512vnni"}).intrinsics[0] == "mine.4x4"


def test_types_are_exported() -> None:
    assert isinstance(CASCADELAKE, Machine)
    assert isinstance(L1, Memory)
