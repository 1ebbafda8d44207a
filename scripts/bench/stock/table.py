"""The table of the candidates of both sides: how far how many came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.stock.rows import Row

DASH = "–"
NOTE = (
    f"{DASH}: built for another CPU, not run. There, right by description: built, and the same "
    "trace with each\nintrinsic's description in place of its instruction, run on this CPU, equals "
    "numpy's result."
)

STAGES: dict[str, Callable[[Record], bool | None]] = {
    "tensorized": lambda record: record["tensorized"],
    "built": lambda record: record["built"],
    "tensorized and built": lambda record: record["tensorized"] and record["built"],
    "ran": lambda record: record["ran"],
    "right": lambda record: record["right"],
    "tensorized and right": lambda record: record["right"] and record["tensorized"],
    # Journals from before there were other CPUs do not have it.
    "right by description": lambda record: record.get("described"),
}
"""Whether a candidate came that far; None for all of a row where that cannot be said."""


def table(rows: Sequence[Row], records: dict[tuple[str, str], list[Record]]) -> Report:
    """A line for each side of each row; records by the row's name and the side."""
    head = ["workload", "side", "candidates", *STAGES, "why the rest fail"]
    lines = [
        [row.title, side, *_counts(found)]
        for row in rows
        for (name, side), found in records.items()
        if name == row.name
    ]
    abroad = any(record["ran"] is None for found in records.values() for record in found)
    return Report.of_table(head, lines, NOTE if abroad else "")


def beside(rows: Sequence[Row], records: dict[tuple[str, str], list[Record]]) -> list[Record]:
    """How many are of use, and how many of stock's only look so; by description for other CPUs."""
    return [
        {
            "workload": row.title,
            "stock: right and tensorized": _useful(records[row.name, "stock"]),
            "stock: built but wrong": _wrong(records[row.name, "stock"]),
            "heron_ms: right and tensorized": _useful(records[row.name, "heron_ms"]),
        }
        for row in rows
        if {(row.name, "stock"), (row.name, "heron_ms")} <= records.keys()
    ]


def _useful(records: list[Record]) -> int:
    return sum(record["tensorized"] and _is_right(record) for record in records)


def _wrong(records: list[Record]) -> int:
    return sum(record["built"] and not _is_right(record) for record in records)


def _is_right(record: Record) -> bool:
    return bool(record.get("described") if record["ran"] is None else record["right"])


def _counts(records: list[Record]) -> list[object]:
    reasons = Counter(_kind(record["why"]) for record in records if record["why"])
    why = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common(3))
    stages = [_count([came(record) for record in records]) for came in STAGES.values()]
    return [len(records), *stages, why.replace("|", "/")]


def _count(answers: Sequence[bool | None]) -> object:
    return DASH if None in answers else sum(map(bool, answers))


def _kind(why: str) -> str:
    """An error message without what differs from candidate to candidate, to be counted."""
    message = re.sub(r"^([\w.]+Error: )?(Check failed: .*? is false: )?", "", why)
    return re.sub(r"\d+", "N", message)
