"""The bars of kernels on AMX, from records as the comparison makes them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import pytest

from heron_ms.hardware import cpu_named
from heron_ms.hardware.cpu.targets import cpu_of
from scripts.bench.amx import benchmark
from scripts.bench.amx.bars import bars, is_compute_bound
from scripts.bench.amx.benchmark import CASES, options, run
from scripts.bench.amx.vectors import vectors
from scripts.bench.peers import tuners
from scripts.bench.peers.figures import OURS, VECTORS, Figures

FIGURES = Figures(("onednn",))
NOT_READ = {"loads a multiplication": "–", "vectors by the stack": "–"}


def _case(name: str, ours_us: float, theirs_us: float, bandwidth: float) -> Any:
    """A million operations on a thousand bytes, on a machine whose peak is 1000 GOP/s."""
    results = {"heron_ms": {"wall_us": ours_us}, "onednn": {"wall_us": theirs_us}}
    timing = {"results": results, "peak_gops": 1e3, "bandwidth_gbs": bandwidth, "bytes": 1000}
    return {"case": name, "operations": 1_000_000, "timing": timing}


def test_what_passes_and_what_does_not() -> None:
    cases = [
        _case("gemm-512x512x512-packed-u8s8", 1.25, 2.5, 100.0),
        _case("gemm-1024x1024x1024-packed-u8s8", 4.0, 3.0, 100.0),
        _case("gemv-1x1", 2.0, 1.0, 0.1),
    ]
    found = {row["bar"]: (row["found"], row["passes"]) for row in bars(cases, FIGURES).data}
    assert found["gemm-512x512x512-packed-u8s8: share of the peak"] == ("0.80", "yes")
    assert found["gemm-1024x1024x1024-packed-u8s8: share of the peak"] == ("0.25", "no")
    # 2, 3/4 and 1/2; the last one waits for memory.
    assert found["geometric mean of the ratios to the best library"] == ("0.91", "no")
    assert found["smallest ratio where the arithmetic is the limit"] == ("0.75", "no")
    assert [is_compute_bound(case, FIGURES) for case in cases] == [True, True, False]


def test_vectors_alone_are_measured_by_their_own_peak() -> None:
    whole = _case("gemm-512x512x512-packed-u8s8", 1.25, 2.5, 100.0)
    whole["timing"]["results"]["vectors"] = {"wall_us": 2.5}
    others = [_case(name, 1.0, 1.0, 1.0) for name in ("gemm-1x1x1-packed-bf16", "gemv-1x1-kn-u8s8")]
    assert vectors([whole, *others], FIGURES, peak=500.0).data == [
        {
            "vectors alone": "gemm-512x512x512-packed-u8s8",
            "GOP/s": "400",
            "of VNNI's peak": "0.80",
            "with tiles, times as fast": "2.00",
            **NOT_READ,
        },
        {
            "vectors alone": "gemv-1x1-kn-u8s8",
            "GOP/s": "–",
            "of VNNI's peak": "–",
            "with tiles, times as fast": "–",
            **NOT_READ,
        },
    ]


def test_a_search_with_vectors_alone_has_no_tiles() -> None:
    target = dict(tuners.target(VECTORS, 1))
    machine = cpu_of({**target, "mcpu": "sapphirerapids"})
    assert any("vnni" in name for name in machine.intrinsics)
    assert not any("amx" in name for name in machine.intrinsics)
    assert "mattr" not in tuners.target(OURS, 1)
    assert list(tuners.layouts(VECTORS, CASES[0])) == [CASES[0]]


def test_without_times_nothing_is_claimed() -> None:
    case = {"case": "gemm-512x512x512-packed-u8s8", "operations": 1, "timing": {"problem": "none"}}
    assert {row["passes"] for row in bars([case], FIGURES).data} == {"–"}


def test_the_cases_are_the_papers_and_the_libraries_the_contenders() -> None:
    parser = ArgumentParser()
    options(parser)
    arguments = parser.parse_args(["--only", "nothing like it"])
    assert len(CASES) == 49  # 46 of the paper, GEMM of 512, and two in bfloat16
    assert arguments.contenders == ("vectors", "onednn", "onnxruntime", "openvino", "inductor")
    with pytest.raises(SystemExit, match="nothing like it"):
        run(arguments)


@pytest.mark.parametrize("held_back", [False, True])
def test_without_tile_registers_a_line_says_why(
    held_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "host", lambda: cpu_named("cascadelake"))
    monkeypatch.setattr(benchmark, "withheld", lambda: held_back)
    parser = ArgumentParser()
    options(parser)
    why = "the system does not permit its AMX" if held_back else "it has no AMX"
    with pytest.raises(SystemExit, match=f"nothing can be measured .*cascadelake.*{why}"):
        run(parser.parse_args([]))
