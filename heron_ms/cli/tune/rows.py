"""A line of text for each case of a suite, and one for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, fsum, log
from typing import Any

WIDTH = 62
"""The longest name of a case of the paper, about."""

HEADER = f"{'case':<{WIDTH}} {'latency':>13} {'GOP/s':>8} {'of peak':>8}  result"


def row(result: Mapping[str, Any]) -> str:
    """Name, latency in ms, GOP/s, share of the peak and PASS or FAIL; "-" for what there is not."""
    latency = _figure(result, "latency_ms", "{:.6f} ms")
    gops, share = _figure(result, "gops", "{:.1f}"), _figure(result, "peak_share", "{:.1%}")
    verdict = "PASS" if result["pass"] else f"FAIL: {result['why']}"
    return f"{result['workload']:<{WIDTH}} {latency:>13} {gops:>8} {share:>8}  {verdict}"


def summary(results: Sequence[Mapping[str, Any]]) -> str:
    """How many passed, and the geometric mean of the shares of the peak of those that have one."""
    passed = [result for result in results if result["pass"]]
    text = f"{len(passed)} of {len(results)} cases passed"
    shares = [result["peak_share"] for result in passed if result["peak_share"]]
    if not shares:
        return text
    mean = exp(fsum(map(log, shares)) / len(shares))
    return f"{text}; geometric mean of the share of the peak {mean:.1%}"


def _figure(result: Mapping[str, Any], key: str, form: str) -> str:
    value = result.get(key)
    return "-" if value is None else form.format(value)
