"""What becomes of the candidates of a row, as the records of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from scripts.bench.harness.journal import Record
from scripts.bench.harness.targets import executes
from scripts.bench.harness.trials import Candidate, Trials, Verdict
from scripts.bench.stock.described import described, described_target
from scripts.bench.stock.rows import Row


class Judge:
    """Builds and runs candidates; those for another CPU run by their intrinsics' descriptions."""

    def __init__(self, row: Row, seed: int, timeout: float) -> None:
        workload, target = row.workload, row.target
        self._trials = [Trials(workload, target, seed, timeout)]
        if not executes(target):
            self._trials.append(Trials(workload, described_target(), seed, timeout))

    def judge(self, candidates: Sequence[Candidate]) -> list[Record]:
        """`Verdict` of each, and ``described``: right by description, None where it ran itself."""
        verdicts = self._trials[0].judge(candidates)
        others = self._by_description(candidates, verdicts)
        return [_record(verdict, other) for verdict, other in zip(verdicts, others, strict=True)]

    def _by_description(
        self, candidates: Sequence[Candidate], verdicts: Sequence[Verdict]
    ) -> Sequence[Verdict | None]:
        if len(self._trials) == 1:
            return [None] * len(candidates)
        built = (
            described(candidate) if verdict.built else replace(candidate, rejected=verdict.why)
            for candidate, verdict in zip(candidates, verdicts, strict=True)
        )
        return self._trials[1].judge(list(built))

    def close(self) -> None:
        """Ends the workers."""
        for trials in self._trials:
            trials.close()


def _record(verdict: Verdict, other: Verdict | None) -> Record:
    record = {**asdict(verdict), "described": None if other is None else other.right}
    if verdict.built and other is not None and not other.right:
        record["why"] = f"by description: {other.why}"
    return record
