"""What README and the results say of the tables in words is so in what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.readme.stored import Measured

README, RESULTS = ((REPOSITORY / name).read_text() for name in ("README.md", "docs/results.md"))


def kept(benchmark: str, part: str) -> list[Mapping[str, Any]]:
    """The records of a part of what a benchmark measured."""
    measured = Measured.read(REPOSITORY, benchmark)
    assert measured is not None
    records: list[Mapping[str, Any]] = measured.data[part]
    return records


def section(heading: str) -> str:
    """What the results say under a heading, on one line."""
    text = re.split(rf"^#+ {heading}$", RESULTS, flags=re.MULTILINE)[1]
    return " ".join(re.split(r"^#+ ", text, flags=re.MULTILINE)[0].split())


def test_all_candidates_of_ours_are_right() -> None:
    (count,) = {row["heron_ms: right and tensorized"] for row in kept("stock", "beside")}
    assert f"Of {count} candidates" in README
    assert f"{count} candidates were drawn" in section("Validity")


@pytest.mark.parametrize(
    ("benchmark", "heading", "claim"),
    [
        ("figure12", "The search", "ahead of every other strategy at each budget"),
        ("figure12-machine", "On the machine", "The default is first at each budget"),
    ],
)
def test_the_default_is_first_at_each_budget(benchmark: str, heading: str, claim: str) -> None:
    assert claim in section(heading)
    default, *others = kept(benchmark, "overall")
    assert default["strategy"] == "cga" and others
    for budget in ("after 32", "after 64", "after 128", "after 256"):
        assert all(float(default[budget]) > float(other[budget]) for other in others), budget
