"""A short version of the benchmark: runs that are killed or whose disk is full, and go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.hardware import host
from scripts.bench.catalogue import ENTRIES
from scripts.bench.command import main

needs_vnni = pytest.mark.skipif(
    not host().has("avx512vnni"), reason="this CPU has no AVX512-VNNI to tune for"
)


@needs_vnni
@pytest.mark.slow
@pytest.mark.parametrize("fault", ["kill -9", "full disk", "candidate: SIGSEGV"])
def test_nothing_is_lost_or_measured_again(fault: str, tmp_path: Path) -> None:
    words = f"durability --each 1 --moments 0 --trials 6 --seed 1 --out {tmp_path}".split()
    assert main([*words, "--only", fault], ENTRIES) == 0
    rows = (tmp_path / "durability.json").read_text()
    assert rows.count('"sound": true') == 2
