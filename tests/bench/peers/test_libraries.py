"""The libraries compute what numpy computes; skipped where they are not installed."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from scripts.bench.harness.rounds import alternate, looped_us
from scripts.bench.peers.cases import case
from scripts.bench.peers.libraries import PEERS, Job, Unsupported

TEXTS = (
    "gemm 8 12 20",
    "gemv 16 12",
    "scan 8 20 12",
    "bmm 3 8 12 20",
    "c1d 1 12 8 16 3 1 1 1",
    "c2d 1 9 9 8 16 3 3 2 1 1",
    "dil 1 9 9 8 16 3 3 1 2 2",
    "c3d 1 4 6 6 8 16 3 3 3 1 1 1",
    "grp 1 6 6 8 16 3 3 1 1 1 2",
    "dep 1 6 6 8 3 3 1 1 1",
    "t2d 1 6 6 8 8 3 3 1 1",
    "t2d 1 6 6 8 16 1 1 2 0",
    "gemm 8 12 20 f32",
    "gemm 8 12 20 bf16",
    "c2d 1 9 9 8 16 3 3 2 1 1 bf16",
    "c2d 1 9 9 8 16 3 3 2 1 1 f32",
)


MODULES = {
    "onednn": ("torch",),
    "inductor": ("torch",),
    "onnxruntime": ("onnx", "onnxruntime"),
    "openvino": ("openvino",),
}


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_peer_is_right_or_says_why_not(peer: str, text: str) -> None:
    for module in MODULES[peer.partition("-")[0]]:
        pytest.importorskip(module)
    workload = case(text)
    a, b = workload.random_inputs(np.random.default_rng(0))
    job = Job(workload, a, b, workload.reference(a, b))
    try:
        kernel = PEERS[peer](job)
    except Unsupported as why:
        assert str(why)
        return
    assert kernel.right(job)
    if kernel.loop is not None:
        assert looped_us(kernel.loop(), 1e4, rounds=1) > 0


def test_all_are_timed_in_each_round() -> None:
    calls = {"one": 0, "other": 0}

    def count(name: str) -> None:
        calls[name] += 1
        sum(range(20_000))

    found = alternate({name: partial(count, name) for name in calls}, rounds=3)
    for name, times in found.items():
        assert times["rounds"] == 3
        # One more to warm up in each round, and five to find out how many to time.
        assert calls[name] == 3 * (times["calls_per_round"] + 1) + 5
        assert 0 < times["wall_us_best"] <= times["wall_us"]
