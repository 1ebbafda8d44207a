"""The table of the candidates of both sides: how far how many came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from scripts.bench.harness.journal import Record
from scripts.bench.harness.tables import markdown
from scripts.bench.stock.rows import Row

DASH = "–"
NOTE = (
    f"{DASH}: built for another CPU, not run. There, right by description: built, and the same "
    "trace with each\nintrinsic's description in place of its instruction, run on this CPU, equals "
    "numpy's result."
)

STAGES: dict[str, Callable[[Record], bool | None]] = {
    "tensorized": lambda each: each["tensorized"],
    "built": lambda each: each["built"],
    "tensorized and built": lambda each: each["tensorized"] and each["built"],
    "ran": lambda each: each["ran"],
    "right": lambda each: each["right"],
    "tensorized and right": lambda each: each["right"] and each["tensorized"],
    # Journals from before there were other CPUs do not have it.
    "right by description": lambda each: each.get("described"),
}
"""Whether a candidate came that far; None for all of a row where that cannot be said."""


def table(rows: Sequence[Row], records: dict[tuple[str, str], list[Record]]) -> str:
    """Markdown, a line for each side of each row; records by the row's name and the side."""
    head = ["workload", "side", "candidates", *STAGES, "why the rest fail"]
    lines = [
        [row.title, side, *_counts(found)]
        for row in rows
        for (name, side), found in records.items()
        if name == row.name
    ]
    abroad = any(each["ran"] is None for found in records.values() for each in found)
    return markdown(head, lines) + (f"\n\n{NOTE}" if abroad else "")


def _counts(records: list[Record]) -> list[object]:
    reasons = Counter(_kind(each["why"]) for each in records if each["why"])
    why = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common(3))
    stages = [_count([came(each) for each in records]) for came in STAGES.values()]
    return [len(records), *stages, why.replace("|", "/")]


def _count(answers: Sequence[bool | None]) -> object:
    return DASH if None in answers else sum(map(bool, answers))


def _kind(why: str) -> str:
    """An error message without what differs from candidate to candidate, to be counted."""
    message = re.sub(r"^([\w.]+Error: )?(Check failed: .*? is false: )?", "", why)
    return re.sub(r"\d+", "N", message)
