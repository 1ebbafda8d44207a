"""A journal keeps whole records whatever a kill leaves behind."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scripts.bench.harness.journal import Journal

RECORDS = st.lists(
    st.dictionaries(
        st.sampled_from("abc"), st.integers() | st.text('a\n"é', max_size=5), min_size=1
    ),
    max_size=5,
)


@given(records=RECORDS, cut=st.integers(0, 400))
def test_a_cut_loses_only_the_end(records: list[dict[str, Any]], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "deep" / "journal.jsonl")
        for record in records:
            journal.append(record)
        if records:
            content = journal.path.read_bytes()
            journal.path.write_bytes(content[: max(0, len(content) - cut)])
        kept = journal.records()
        assert kept == records[: len(kept)]
        journal.append({"last": 1})
        assert journal.records() == [*kept, {"last": 1}]


def test_the_latest_match_is_found(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.find({"case": "x"}) is None
    for value in (1, 2):
        journal.append({"case": "x", "value": value})
    journal.append({"case": "y", "value": 3})
    assert journal.find({"case": "x"}) == {"case": "x", "value": 2}
    assert journal.find({"case": "x", "value": 3}) is None
