"""What the last lines of a tuned model call what it takes."""

from __future__ import annotations

import pytest

from heron_ms.cli.model.report import Report


@pytest.mark.parametrize(
    ("estimated", "told"),
    [
        (True, "0.0000 ms (estimated), of what is offloaded"),
        (False, "0.0000 ms, of what is offloaded"),
    ],
)
def test_only_an_estimate_is_called_one(estimated: bool, told: str) -> None:
    report = Report((), {}, (), (), {}, offload={}, estimated=estimated)
    assert report.lines()[-1] == f"sum of the tasks {told}"
    assert f'"estimated": {str(estimated).lower()}' in report.to_json()
