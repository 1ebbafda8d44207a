"""What this machine allows a case at most: its arithmetic peak, or its memory times the intensity.

Both are measured, beside the case. The memory is the level that holds the case's operands: a kernel
that is called again and again finds them where the last call left them.
"""

from __future__ import annotations

from typing import Any

from heron_ms.measure.cpu import peak
from heron_ms.measure.cpu.bandwidth import memory_bandwidth
from scripts.bench.harness.console import first_line, say
from scripts.bench.harness.journal import Record
from scripts.bench.harness.targets import cpu_target


def measured(workload: Any, operand_bytes: int, cores: int) -> Record:
    """``peak_gops`` and ``bandwidth_gbs`` (1e9 bytes a second); None for what cannot be had."""
    return {
        "peak_gops": _attempt("the peak", lambda: _peak(workload, cores)),
        "bandwidth_gbs": _attempt("the bandwidth", lambda: _bandwidth(operand_bytes, cores)),
    }


def roofline_gops(
    operations: int, operand_bytes: int, peak_gops: float | None, bandwidth_gbs: float | None
) -> float | None:
    """min(peak, bandwidth x operations / bytes) in GOP/s; of what is known of the two."""
    known = [] if peak_gops is None else [peak_gops]
    if bandwidth_gbs is not None:
        known.append(bandwidth_gbs * operations / operand_bytes)
    return min(known, default=None)


def _peak(workload: Any, cores: int) -> float:
    of_floats = peak.bfloat16_peak if workload.dtypes.a == "bfloat16" else peak.fma_peak
    measure = peak.byte_peak if workload.dtypes.integer else of_floats
    return float(measure(cpu_target(cores), cores))


def _bandwidth(operand_bytes: int, cores: int) -> float:
    return float(memory_bandwidth(cores, operand_bytes)) / 1e9


def _attempt(what: str, measure: Any) -> float | None:
    try:
        return float(measure())
    except Exception as error:  # a table without a peak is better than none
        say(f"{what} is not known: {first_line(error)}")
        return None
