"""A measurement that is already there, as the future that MetaSchedule's runners return."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import derived_object, ms


class _DoneFuture(ms.runner.PyRunnerFuture):  # type: ignore[misc]
    def __init__(self, result: Any) -> None:
        super().__init__()
        self._result = result

    def done(self) -> bool:
        return True

    def result(self) -> Any:
        return self._result


Done: Any = derived_object(_DoneFuture)
"""``Done(result)``: the future of a `RunnerResult`."""
