"""What is left of a work directory that came to harm, and whether all that was whole is used.

The directories are those of `small_runs`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import Schedule, tvm_compile
from heron_ms.database.aside import pieces_aside
from heron_ms.database.files import RECORDS, WORKLOADS, content
from heron_ms.database.shape import hash_of
from heron_ms.database.text import Text
from heron_ms.measure.cpu.pool import run_with_threads
from heron_ms.measure.records import best_record, records_for
from heron_ms.testing.small_runs import CASES, opened, programs, target
from heron_ms.workloads import Gemm

_NUMBER = re.compile(rb"\[\d+,$")


@dataclass(frozen=True)
class Kept:
    """A record less the number of its workload, and that workload's hash."""

    rest: bytes
    checksum: bytes
    workload: bytes | None

    def is_in(self, text: bytes) -> bool:
        """Whether it stands there, letter by letter."""
        at = text.find(self.rest + self.checksum)
        return at >= 0 and _NUMBER.search(text[max(0, at - 10) : at]) is not None


@dataclass(frozen=True)
class Outcome:
    """``wrong`` kernels, ``lost`` records that were whole, ``changed`` ones that are used."""

    wrong: int
    lost: int
    changed: int


def records(folder: Path) -> list[Kept]:
    """The records of a database, but for a last one that was not written to its end."""
    hashes = [hash_of(line) for line in content(folder / WORKLOADS).split(b"\n")]
    texts = [Text.of(line) for line in content(folder / RECORDS).split(b"\n")[:-1]]
    numbers = [text.number or 0 for text in texts]
    return [
        Kept(text.body.partition(b",")[2], text.checksum, hashes[number])
        for text, number in zip(texts, numbers, strict=True)
    ]


def whole(folder: Path, before: Iterable[Kept]) -> list[Kept]:
    """The records that came to no harm."""
    there = content(folder / WORKLOADS) + b"\n" + content(folder / RECORDS)
    return [record for record in before if record.is_in(there)]


def examine(
    folder: Path, before: Sequence[Kept], unharmed: Sequence[Kept], right: Collection[str] = ()
) -> Outcome:
    """Open a folder as `tune_tir` does, and run the best kernels.

    before: the `records` that were ever in it; unharmed: those of them that are to be there still;
    right: traces of which it is known already that they compute what they ought to.
    """
    database = opened(folder)
    best = [best_record(database, program, target()) for program in programs()]
    after = {record.rest: record.workload for record in records(folder)}
    aside = b"\n".join(piece.text for piece in pieces_aside(folder))
    # Without a checksum nothing tells that a record goes with a workload that is lost.
    kept = [
        after.get(record.rest) == record.workload or (not record.checksum and record.is_in(aside))
        for record in unharmed
    ]
    known = {record.rest: record.workload for record in before}
    changed = [rest for rest, workload in after.items() if known.get(rest) != workload]
    wrong = [
        record is not None and str(record.trace) not in right and _is_wrong(record, case)
        for record, case in zip(best, CASES, strict=True)
    ]
    return Outcome(sum(wrong), kept.count(False), len(changed))


def right_traces(folder: Path) -> set[str]:
    """The traces of all records that compute what they ought to."""
    database = opened(folder)
    return {
        str(record.trace)
        for program, case in zip(programs(), CASES, strict=True)
        for record in records_for(database, program, target())
        if not _is_wrong(record, case)
    }


def _is_wrong(record: Any, workload: Gemm) -> bool:
    """Whether the kernel of a record computes something else than numpy."""
    import tvm

    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    a, b = workload.random_inputs(np.random.default_rng())
    output = tvm.runtime.tensor(np.full(workload.c_shape, -7, np.int32))
    kernel = tvm_compile(sch.mod, target())
    arguments = tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), output
    # In a thread of its own: a forked process has no pool of threads for the one that forked.
    run_with_threads(1, lambda: kernel(*arguments))
    return not np.array_equal(output.numpy(), workload.reference(a, b))
