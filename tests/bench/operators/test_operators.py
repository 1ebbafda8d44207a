"""The tables of stock's and of Relax's operators: nothing is left out, and a wrong row is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.rows import CRASHED, Rows
from scripts.bench.operators import relax, stock
from scripts.bench.operators.examples import EXAMPLES


def test_every_operator_that_legalises_has_an_example() -> None:
    names = relax.legalising()
    assert len(names) > 150
    assert set(names) <= set(EXAMPLES)


@pytest.mark.parametrize(
    ("operator", "counts", "named"),
    [
        ("take", (1, 1), ""),
        ("eye", (0, 0), "no function"),
        ("nn.attention_var_len", (0, 0), "not supported yet"),
        ("nn.adaptive_avg_pool2d", (1, 0), "dynamic shape"),
    ],
)
def test_an_operator_is_tuned_or_named(
    operator: str, counts: tuple[int, int], named: str, tmp_path: Path
) -> None:
    identity: dict[str, Any] = {"operator": operator, "trials": 2, "plan": True}
    row = identity | relax.make(identity, tmp_path)
    assert (row["tasks"], row["records"]) == counts
    assert named in row["named"] and bool(named) == bool(row["named"])
    assert relax.sound(row)


GOOD: dict[str, Any] = {"operator": "take", "records": 1, "right": "1 of 1", "model": "right"}


@pytest.mark.parametrize(
    "change",
    [
        {"right": "0 of 1"},
        {"model": "wrong"},
        {"records": 0, "right": "0 of 0"},
        {"failure": "an error"},
    ],
)
def test_what_is_wrong_untold_or_failed_is_not_all_right(change: dict[str, Any]) -> None:
    good = {**GOOD, "named": ""}
    assert relax.sound(good)
    assert not relax.sound(good | change)
    assert relax.summary([good, good | change], ["new"]).startswith("1 of 3 operators")


def test_all_that_stock_tunes_has_to_be_tuned_here() -> None:
    row = {"stock candidates": 8, "records": 8, "right": "4 of 4"}
    assert stock.sound(row)
    assert stock.sound({"stock candidates": 0, "records": 0, "right": "0 of 0"})
    for bad in ({"records": 0, "right": "0 of 0"}, {"right": "3 of 4"}):
        assert not stock.sound(row | bad)
    assert not stock.sound({"failure": CRASHED})


def _abort_at_two(identity: dict[str, Any], out: Path) -> dict[str, Any]:
    if identity["number"] == 2:
        os.abort()
    return {"found": str(out)}


def test_a_crash_costs_its_row_and_is_not_written_down(tmp_path: Path) -> None:
    rows = Rows(_abort_at_two, tmp_path)
    found = [rows.row({"number": number}) for number in (1, 2, 3)]
    rows.close()
    assert [verdict.get("failure", "") for verdict in found] == ["", CRASHED, ""]
    again = Rows(lambda *_: {}, tmp_path)
    assert again.row({"number": 3})["found"] == str(tmp_path)


@pytest.mark.slow
def test_all_of_relax(tmp_path: Path) -> None:
    words = ["relax-operators", "--plan", "--out", str(tmp_path)]
    command = [sys.executable, "-m", "scripts.bench", *words]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    rows = json.loads((tmp_path / "relax-operators.json").read_text())
    bad = [row for row in rows if not relax.sound(row)]
    last = run.stdout.splitlines()[-1]
    assert not bad, last
    assert run.returncode == 0 and last.startswith(f"{len(EXAMPLES)} of {len(EXAMPLES)} operators")
