"""A short version of the benchmark: runs that are killed or whose disk is full, and go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench.catalogue import ENTRIES
from scripts.bench.command import main


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all faults: how long a run takes that nothing happens to is found out once."""
    return tmp_path_factory.mktemp("durability")


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", ["kill -9", "SIGTERM", "full disk", "candidate: SIGSEGV", "a server is killed"]
)
def test_nothing_is_lost_or_measured_again(fault: str, out: Path) -> None:
    words = f"durability --each 2 --moments 0 --trials 6 --seed 1 --out {out}".split()
    assert main([*words, "--only", fault], ENTRIES) == 0
    rows = (out / "durability.json").read_text()
    assert rows.count('"sound": true') == 2
