"""A pass and a pipeline for TVM's own compile, with the space and search of the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

import heron_ms
from heron_ms.errors import WorkDirError
from heron_ms.hardware import host
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from tests.models import networks
from tests.models.networks import Network, module, op

SHAPE = (8, 32)


def activated(network: Network, x: Any) -> Any:
    """A matrix product and a GELU."""
    return network.emit(op.nn.gelu(network.emit(op.matmul(x, network.constant(32, 16)))))


def target() -> Any:
    return tvm.target.Target(host().target(1))


def how() -> dict[str, Any]:
    """Our space and search, and latencies that nobody measures."""
    return {
        "space": heron_ms.HeronSpace(),
        "strategy": heron_ms.ConstrainedGeneticSearch("quick"),
        "builder": PlantedBuilder(lambda mod: 1e-3 + len(str(mod)) * 1e-9),
        "runner": PlantedRunner(),
        "cost_model": "random",
        "seed": 0,
        "num_trials_per_iter": 2,
    }


def check(mod: Any, pipeline: Any, shape: tuple[int, ...] = SHAPE) -> None:
    executable = tvm.compile(mod, target(), relax_pipeline=pipeline)
    x = networks.random(shape)
    got = relax.VirtualMachine(executable, tvm.cpu())["main"](tvm.runtime.tensor(x)).numpy()
    np.testing.assert_allclose(got, networks.run(mod, x), rtol=1e-5, atol=1e-5)


def test_the_pass_tunes_and_the_pipeline_finds_its_records(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mod = module(activated, *SHAPE)
    tuned = heron_ms.transform.TuneIRMod(target(), str(tmp_path), 2, **how())(mod)
    tvm.ir.assert_structural_equal(tuned, mod)
    assert capfd.readouterr().out == ""
    check(mod, heron_ms.relax_pipeline(target=target(), work_dir=str(tmp_path)))
    assert "not found" not in capfd.readouterr().err


@pytest.mark.parametrize("prepack", [False, True])
def test_the_pipeline_tunes(
    prepack: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pipeline = heron_ms.relax_pipeline(
        target=target(),
        work_dir=str(tmp_path),
        total_trials=2,
        cpu_weight_prepack=prepack,
        **how(),
    )
    check(module(activated, *SHAPE), pipeline)
    assert "not found" not in capfd.readouterr().err


@pytest.mark.slow
def test_weights_of_folded_convolutions_are_packed_ahead(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shape = (1, 64, 8, 8)
    pipeline = heron_ms.relax_pipeline(
        target=target(),
        work_dir=str(tmp_path),
        total_trials=8,
        cpu_weight_prepack=True,
        max_trials_per_task=2,
        **how(),
    )
    check(module(networks.bottleneck, *shape), pipeline, shape)
    assert "not found" not in capfd.readouterr().err


def test_what_is_no_argument_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="trails"):
        heron_ms.transform.TuneIRMod(target(), str(tmp_path), 2, trails=3)


def test_a_pipeline_needs_records() -> None:
    with pytest.raises(WorkDirError, match="database, or the work_dir"):
        heron_ms.relax_pipeline(target=target())
