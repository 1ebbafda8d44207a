"""Which candidates of a journal need no further measurement, and which of several counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from scripts.bench.harness.journal import Record

ATTEMPTS = 3
"""How often a disturbed candidate is measured."""
STEADY = 1.08
"""How far the median of a steady measurement may lie above the lower quartile of its repeats."""


@dataclass(frozen=True)
class Candidate:
    """A point to measure; its values are those of the tunable variables."""

    sketch: int
    values: tuple[int, ...]

    @classmethod
    def of(cls, record: Record) -> Candidate:
        """The candidate that a record of a journal is of."""
        return cls(record["sketch"], tuple(record["values"]))


def settled(records: Sequence[Record]) -> set[Candidate]:
    """What failed, was steady, or had its attempts."""
    tried = Counter(map(Candidate.of, records))
    done = {
        Candidate.of(record) for record in records if record["kind"] or is_steady(record["seconds"])
    }
    return done | {candidate for candidate, times in tried.items() if times >= ATTEMPTS}


def is_steady(seconds: Sequence[float]) -> bool:
    """Whether most of the repeats were left alone: what disturbs one only ever adds to it."""
    ordered = sorted(seconds)
    return median(ordered) <= STEADY * ordered[len(ordered) // 4]


def counting(records: Iterable[Record]) -> dict[Candidate, Record]:
    """Of each candidate the record that counts: the one with the least median."""
    slowest_first = sorted(records, key=lambda record: -median_of(record))
    return {Candidate.of(record): record for record in slowest_first}


def median_of(record: Record) -> float:
    """The median of the repeats in seconds; infinite for a failure."""
    return median(record["seconds"]) if not record["kind"] else inf
