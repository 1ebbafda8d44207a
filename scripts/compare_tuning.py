"""A step of the comparison: one search, and the choice of its fastest kernel that is right.

The two are separate requests, so that what a search found before it hung or crashed still counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import compare_tuners
from candidates import Trials, import_stock_intrinsics
from common import Record, cpu_target
from compare_steps import serve

TRIED = 8
"""Records that are tried, fastest first: stock's own winner may compute something else."""
TIMEOUT = 60.0


def work(request: Record) -> Record:
    """``{"action": "search" | "choose", ...}``; see `search` and `choose`."""
    from tvm.target import Target

    from heron_ms.measure.cpu.pool import set_threads

    set_threads(request["cores"])
    target = Target(cpu_target(request["cores"]))
    action = {"search": search, "choose": choose}[request["action"]]
    return action(request, target, Path(request["work_dir"]))


def search(request: Record, target: Any, work_dir: Path) -> Record:
    """Runs the search, or what an earlier run left of it."""
    compare_tuners.tune(
        request["tuner"],
        request["workload"],
        target,
        work_dir,
        request["trials"],
        request["seed"],
    )
    return {}


def choose(request: Record, target: Any, work_dir: Path) -> Record:
    """``artifact`` of the fastest right kernel, and how many trials were made, failed, were wrong.

    Without one, ``problem`` is the commonest failure.
    """
    from compare_noting import commonest

    from heron_ms.measure.records import seconds_of

    import_stock_intrinsics()
    with compare_tuners.environment(request["tuner"]):
        program = compare_tuners.program(request["tuner"], request["workload"])
        records = _records(program, target, work_dir)
        valid = [each for each in records if seconds_of(each.run_secs) < float("inf")]
        valid.sort(key=lambda each: seconds_of(each.run_secs))
        wrong, found = _first_right(request, target, valid[:TRIED])
    counts = {"recorded": len(records), "invalid": len(records) - len(valid), "wrong": wrong}
    if not found:
        reason = commonest(work_dir / compare_tuners.ERRORS) or "no trial was made"
        reason = "wrong results" if valid else reason
        return {**counts, "problem": f"nothing valid: {reason}"}
    kept = work_dir / f"kernel{Path(found).suffix}"
    shutil.move(found, kept)
    return {**counts, "artifact": str(kept), "tuned_us": seconds_of(valid[wrong].run_secs) * 1e6}


def _records(program: Any, target: Any, work_dir: Path) -> list[Any]:
    from heron_ms.measure.records import records_for
    from heron_ms.work_dir import open_database

    return records_for(open_database(str(work_dir)), program, target)


def _first_right(request: Record, target: Any, records: Sequence[Any]) -> tuple[int, str]:
    """How many records were wrong before the first right one, and the path of its kernel."""
    from heron_ms.compiling import scheduled

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


if __name__ == "__main__":
    serve(work)
