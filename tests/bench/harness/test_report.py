"""What a benchmark has to show, as tables and as data."""

from __future__ import annotations

from scripts.bench.harness.report import Report


def test_sums_of_what_has_one_name() -> None:
    named = [("a", {"built": 1, "right": 0}), ("b", {"built": 5, "right": 5}),
             ("a", {"built": 2, "right": 2})]  # fmt: skip
    report = Report.of_sums(("name", "rows", "built", "right"), named, ("built", "right"))
    assert report.data == [
        {"name": "a", "rows": 2, "built": 3, "right": 2},
        {"name": "b", "rows": 1, "built": 5, "right": 5},
    ]
