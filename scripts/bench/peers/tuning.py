"""A step of the comparison: one search, and the choice of its fastest kernel that is right.

The two are separate requests, so that what a search found before it hung or crashed still counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from math import isfinite
from operator import itemgetter
from pathlib import Path
from typing import Any

from tvm.target import Target

from heron_ms._preload import preload_intrinsics
from heron_ms.compiling import scheduled
from heron_ms.measure.cpu.pool import set_threads
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.work_dir import open_database
from scripts.bench.harness.journal import Record
from scripts.bench.harness.trials import Trials
from scripts.bench.peers import tuners
from scripts.bench.peers.noting import commonest

TRIED = 8
"""Records that are tried, fastest first: stock's own winner may compute something else."""
TIMEOUT = 60.0


def search(request: Record) -> Record:
    """Runs the search, or what an earlier run left of it."""
    target = _target(request)
    tuners.tune(
        request["tuner"],
        request["workload"],
        target,
        Path(request["work_dir"]),
        request["trials"],
        request["seed"],
    )
    return {}


def choose(request: Record) -> Record:
    """``artifact`` of the fastest right kernel, and how many trials were made, failed, were wrong.

    Without one, ``problem`` is the commonest failure.
    """
    target, work_dir = _target(request), Path(request["work_dir"])
    preload_intrinsics()
    with tuners.environment(request["tuner"]):
        program = tuners.program(request["tuner"], request["workload"])
        records = _records(program, target, work_dir)
        timed = [(seconds_of(record.run_secs), record) for record in records]
        valid = sorted((pair for pair in timed if isfinite(pair[0])), key=itemgetter(0))
        tried = [record for _, record in valid[:TRIED]]
        wrong, artifact = _first_right(request, target, tried)
    counts = {"recorded": len(records), "invalid": len(records) - len(valid), "wrong": wrong}
    if not artifact:
        reason = commonest(work_dir / tuners.ERRORS) or "no trial was made"
        reason = "wrong results" if valid else reason
        return {**counts, "problem": f"nothing valid: {reason}"}
    kept = work_dir / f"kernel{Path(artifact).suffix}"
    shutil.move(artifact, kept)
    return {**counts, "artifact": str(kept), "tuned_us": valid[wrong][0] * 1e6}


def _target(request: Record) -> Any:
    set_threads(request["cores"])
    return Target(tuners.target(request["tuner"], request["cores"]))


def _records(program: Any, target: Any, work_dir: Path) -> list[Any]:
    return records_for(open_database(str(work_dir)), program, target)


def _first_right(request: Record, target: Any, records: Sequence[Any]) -> tuple[int, str]:
    """How many records were wrong before the first right one, and the path of its kernel."""
    trials = Trials(request["workload"], target, request["seed"], TIMEOUT)
    try:
        for position, record in enumerate(records):
            artifact = trials.build(scheduled(record))
            if trials.check(artifact).right:
                return position, artifact
            shutil.rmtree(Path(artifact).parent, ignore_errors=True)
    finally:
        trials.close()
    return len(records), ""
