"""A core is claimed before a benchmark is imported; elsewhere the process is left as it is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scripts.bench.harness.paths import REPOSITORY

USABLE = sorted(os.sched_getaffinity(0))
PROGRAM = """
import os, sys
from scripts.bench.harness.cores import Cores, claim
claim(Cores[sys.argv[1]], sys.argv[2:])
print(sorted(os.sched_getaffinity(0)), os.environ.get("OMP_NUM_THREADS", ""), *[
    name for name in ("tvm", "numpy", "heron_ms") if name in sys.modules])
"""


def _claimed(*words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr.strip()


@pytest.mark.parametrize(
    ("words", "cores"),
    [
        (("ONE", "--trials", "3"), USABLE[-1:]),
        (("ONE", "--trials", "3", "--core", str(USABLE[0])), USABLE[:1]),
        (("ONE_OR_ALL",), USABLE[-1:]),
    ],
)
def test_one_core_is_claimed_and_nothing_imported(words: tuple[str, ...], cores: list[int]) -> None:
    assert _claimed(*words) == f"{cores} 1"


def test_all_are_left_where_all_are_asked_for() -> None:
    assert _claimed("ONE_OR_ALL", "--cores", "all").startswith(str(USABLE))
    assert _claimed("ANY", "--trials", "3") == str(USABLE)


def test_a_core_that_is_not_ours_is_told() -> None:
    assert _claimed("ONE", "--core", "4096").startswith("--core 4096 is none of")
