"""Files that describe no machine, layer or schedule: one line that names the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heron_ms.errors import ModelError, TargetError
from heron_ms.hardware.energy import access_energy, other_energy
from heron_ms.hardware.presets import known_accelerators, load_accelerator, preset
from heron_ms.interstellar.published.formats import layer_of, machine_of, read_json
from heron_ms.interstellar.published.hints import hints_of
from tests.interstellar.golden_cases import data

ARCH = data()["arch"]["3_level_mem_baseline"]
LAYER = data()["layer"]["alex_conv3_batch1"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"access_cost": [1, 6]}, "access_cost has 2 entries for 3 levels: level 2 has none"),
        ({"access_cost": [1, None, 200]}, r"access_cost\[1\] \(level buffer\) is None"),
        ({"access_cost": [1, -6, 200]}, r"access_cost\[1\] \(level buffer\) is -6"),
        ({"access_cost": 5}, "access_cost is 5, not a list"),
        ({"capacity": [512, 0, 1]}, r"capacity\[1\] \(level buffer\) is 0"),
        ({"mem_levels": 1}, "mem_levels must be from 2 to 16"),
        ({"mem_levels": 10**9}, "mem_levels must be from 2 to 16"),
        ({"capacity": [512, 10**400, 1]}, r"capacity\[1\] \(level buffer\) is more than"),
        ({"access_cost": [1, 10**400, 200]}, r"access_cost\[1\] \(level buffer\) is 1000"),
        ({"access_cost": [1, float("inf"), 200]}, r"access_cost\[1\] \(level buffer\) is inf"),
        ({"parallel_mode": [[1], 0, 0]}, r"parallel_mode\[0\] is \[1\]"),
        ({"mem_levels": "3"}, "mem_levels is '3'"),
        ({"parallel_mode": [3, 0, 0]}, r"parallel_mode\[0\] is 3"),
        ({"parallel_cost": []}, "parallel_cost needs one cost"),
        ({"parallel_count": [200, 1, 1]}, "is no square: give array_dim"),
        ({"array_dim": [8, 8]}, "does not make parallel_count"),
        ({"array_dim": 16}, "array_dim is 16, not"),
        ({"utilization_threshold": 2}, "utilization_threshold is not within 0 and 1"),
        ({"memory_partitions": [[0, 1]]}, "memory_partitions is not modelled"),
        ({"precision": 0}, "precision is 0"),
        ({"acess_cost": [1, 6, 200]}, "unknown field acess_cost: use access_cost"),
        ({"replication": "no"}, "replication is 'no', not true or false"),
    ],
)
def test_of_a_machine(change: dict[str, Any], message: str) -> None:
    with pytest.raises((ModelError, TargetError), match=message) as caught:
        machine_of({**ARCH, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", [f for f in ARCH if f not in ("static_cost",)])
def test_a_missing_field_of_a_machine(field: str) -> None:
    with pytest.raises(ModelError, match=f"the field {field} is missing"):
        machine_of({name: value for name, value in ARCH.items() if name != field})


@pytest.mark.parametrize("field", list(LAYER))
def test_a_missing_field_of_a_layer(field: str) -> None:
    with pytest.raises(ModelError, match=f"the field {field} is missing"):
        layer_of({name: value for name, value in LAYER.items() if name != field})


def test_other_faults_of_a_layer() -> None:
    with pytest.raises(ModelError, match="fmap_width is 0"):
        layer_of({**LAYER, "fmap_width": 0})
    with pytest.raises(ModelError, match="unknown field stride"):
        layer_of({**LAYER, "stride": 2})
    assert layer_of({**LAYER, "stride_width": 2}).stride_w == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"schedule_hint": []}, "schedule_hint is not an object"),
        ({"schedule_hint": {"KX": {}}}, "unknown loop 'KX'"),
        ({"schedule_hint": {"FX": {"L0": {}}}}, "'L0' is no level"),
        ({"schedule_hint": {"FX": {"level0": {"block": 3}}}}, "unknown field 'block'"),
        ({"schedule_hint": {"FX": {"level0": {"blocking_size": 0}}}}, "blocking_size is 0"),
        ({"schedule_hint": {"FX": {"level0": 3}}}, "loop FX level0 is not an object"),
        ({"partition_loops": ["QX"]}, "partition_loops: unknown loop QX"),
        ({"partition_loops": ["OC", "IC", "FX"]}, "has 3 dimensions, arrays have two"),
        ({"partition_loops": ["OC", "OC"]}, "names a loop twice"),
        (
            {"schedule_hints": {}},
            "unknown field schedule_hints: use partition_loops, schedule_hint",
        ),
        ({"schedule_hint": {"FX": {"level" + "9" * 5000: {}}}}, "is no level"),
    ],
)
def test_of_a_schedule(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        hints_of(given)


def test_a_file_that_holds_no_object(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1, 2]")
    with pytest.raises(ModelError, match="does not hold a JSON object"):
        read_json(tmp_path / "a.json")
    with pytest.raises(ModelError, match="cannot be read as JSON"):
        read_json(tmp_path / "none.json")


def test_presets_load_and_others_are_named() -> None:
    assert {"eyeriss", "interstellar", "tpu"} <= set(known_accelerators())
    for name in known_accelerators():
        assert preset(name).name == name
        assert preset(name).source
    with pytest.raises(TargetError, match="unknown accelerator 'abacus': use eyeriss"):
        preset("abacus")


def test_a_preset_that_lacks_a_level_s_cost(tmp_path: Path) -> None:
    memories = "".join(f'[[memories]]\nname="{n}"\nscope="b"\ncapacity=1\n' for n in "ab")
    (tmp_path / "x.toml").write_text(f'kind="accelerator"\nname="x"\nsource="y"\n{memories}')
    with pytest.raises(TargetError, match="x.toml describes no machine: .*'a' has no energy"):
        load_accelerator(tmp_path / "x.toml")


def test_the_cost_tables() -> None:
    assert access_energy(512) == pytest.approx(0.96)
    assert access_energy(131072) == pytest.approx(13.5)
    assert access_energy(131072, "tool") == pytest.approx(20.25)
    assert 0.24 < access_energy(200) < 0.48
    assert access_energy(2 * 1048576) > 45.5
    assert other_energy("dram") == 200.0
    with pytest.raises(ModelError, match="unknown cost table 'mine'"):
        access_energy(64, "mine")
