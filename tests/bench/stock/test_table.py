"""The table of the candidates counts what the journal says, and no more than can be said."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scripts.bench.harness.targets import MACHINES
from scripts.bench.stock.rows import ROWS, Row
from scripts.bench.stock.table import DASH, NOTE, STAGES, table

NATIVE = Row("here", 512, "kn")
ABROAD = Row("abroad", 512, "kn", "int8", machine="Arm dotprod")


def _cells(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _record(came: int, tensorized: bool, abroad: bool) -> dict[str, Any]:
    """A candidate that came so many of three stages far: built, ran, right."""
    ran, right = (None, None) if abroad else (came > 1, came > 2)
    described = came > 1 if abroad else None
    why = "" if came > 2 else f"Error: failed at {came}"
    return {"tensorized": tensorized, "built": came > 0, "ran": ran, "right": right,
            "described": described, "why": why}  # fmt: skip


STEPS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=20)


@given(STEPS)
def test_a_row_of_this_cpu_counts_every_stage(steps: list[tuple[int, bool]]) -> None:
    found = [_record(came, tensorized, False) for came, tensorized in steps]
    head, _, cells = _cells(table([NATIVE], {("here", "stock"): found}).text)
    row = dict(zip(head, cells, strict=True))
    counted = {name: sum(bool(row[name]) for row in found) for name in ("built", "ran", "right")}
    assert {name: int(row[name]) for name in counted} == counted
    useful = sum(came > 2 and tensorized for came, tensorized in steps)
    assert int(row["tensorized and right"]) == useful
    assert row["right by description"] == DASH


@given(STEPS)
def test_a_row_of_another_cpu_claims_no_run(steps: list[tuple[int, bool]]) -> None:
    found = [_record(came, tensorized, True) for came, tensorized in steps]
    text = table([ABROAD], {("abroad", "heron_ms"): found}).text
    head, _, cells = _cells(text)
    row = dict(zip(head, cells, strict=True))
    assert {row[name] for name in ("ran", "right", "tensorized and right")} == {DASH}
    assert int(row["right by description"]) == sum(came > 1 for came, _ in steps)
    assert text.endswith(NOTE)


def test_records_of_before_there_were_other_cpus_are_read() -> None:
    record = _record(3, True, False)
    del record["described"]
    text = table([NATIVE], {("here", "stock"): [record]}).text
    assert NOTE not in text and len(_cells(text)[2]) == len(STAGES) + 4


def test_every_row_has_its_own_name_and_a_machine_that_is_known() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) == len({row.title for row in ROWS})
    assert {row.machine for row in ROWS} <= {"", *MACHINES}
