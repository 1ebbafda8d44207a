"""Targets as people write them, or a line with a form that works."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import heron_ms
from heron_ms._tvm import Target
from heron_ms.errors import TargetError
from heron_ms.hardware import for_target, host, require_runnable, target_of
from heron_ms.hardware.cpu.runnable import missing_here
from heron_ms.workloads import Gemm


@pytest.mark.parametrize(
    "given",
    [
        "llvm -mcpu=skylake-avx512 -num-cores 4",
        "llvm -mcpu=skylake-avx512 -num-cores=4",
        "llvm --mcpu skylake-avx512 --num-cores 4",
        {"kind": "llvm", "mcpu": "skylake-avx512", "num-cores": 4},
        '{"kind": "llvm", "mcpu": "skylake-avx512", "num-cores": 4}',
        Target({"kind": "llvm", "mcpu": "skylake-avx512", "num-cores": 4}),
    ],
    ids=str,
)
def test_forms_of_one_target(given: Any) -> None:
    found = target_of(given)
    assert (str(found.attrs["mcpu"]), int(found.attrs["num-cores"])) == ("skylake-avx512", 4)


def test_options_that_are_lists() -> None:
    found = target_of("llvm -mcpu=haswell -mattr=+avx512f,+avx512vnni")
    assert list(found.attrs["mattr"]) == ["+avx512f", "+avx512vnni"]


def test_without_cores_it_has_those_of_this_process() -> None:
    for given in ({"kind": "llvm", "mcpu": "haswell"}, Target({"kind": "llvm", "mcpu": "haswell"})):
        assert int(target_of(given).attrs["num-cores"]) == host().cores


def test_without_a_cpu_it_says_that_nothing_is_assumed() -> None:
    with pytest.warns(UserWarning, match="names no CPU"):
        assert for_target(target_of("llvm")).cores == host().cores


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("", "no target: ''"),
        ("foo", "no target: 'foo'"),
        (5, "no target: 5"),
        ("llvm -mcpu", "no target"),
        ("c", "target kind 'c'"),
        ("cuda", "target kind 'cuda'"),
        ("llvm -mcpu=nonsense", "LLVM knows no CPU 'nonsense'"),
    ],
    ids=str,
)
def test_others_get_a_line_with_a_form_that_works(given: Any, what: str) -> None:
    with pytest.raises(TargetError, match=what) as caught:
        target_of(given)
    form = re.search(r"Target\((\{.*\})\)", str(caught.value))
    assert form is not None
    assert target_of(json.loads(form[1])).kind.name == "llvm"


def test_the_host_runs_itself_and_what_is_older() -> None:
    require_runnable(target_of(host().target(1)))
    assert missing_here(target_of({"kind": "llvm", "mcpu": "x86-64"})) == []


def test_another_architecture_does_not_run_here() -> None:
    arm = {"kind": "llvm", "mcpu": "cortex-a72", "mtriple": "aarch64-linux-gnu"}
    with pytest.raises(TargetError, match=f"cannot run here: .*{host().mcpu}.* has no .*neon"):
        require_runnable(target_of(arm))


def test_a_target_that_cannot_run_starts_no_worker(tmp_path: Any) -> None:
    arm = {"kind": "llvm", "mcpu": "cortex-a72", "mtriple": "aarch64-linux-gnu"}
    with pytest.raises(TargetError, match="cannot run here"):
        heron_ms.tune_tir(Gemm(8, 8, 16).prim_func(), arm, str(tmp_path / "none"), 2)
    assert not (tmp_path / "none").exists()


def test_the_space_asks_for_cores() -> None:
    from heron_ms._tvm import ms

    func = Gemm(8, 8, 16).prim_func()
    with pytest.raises(TargetError, match="no num-cores"):
        ms.TuneContext(
            func,
            target=Target({"kind": "llvm", "mcpu": "haswell"}),
            space_generator=heron_ms.HeronSpace(),
            num_threads=1,
        )
