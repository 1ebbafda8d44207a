"""What was measured for README and docs, kept in ``docs/measured``: a file for each benchmark.

A file has the rows that the tables show, the CPU by its name, the day, the commit and the command.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.readme.tables import PUBLISHED

FOLDER = Path("docs", "measured")


@dataclass(frozen=True)
class Measured:
    """The published part of a benchmark's data; ``date`` is as in ISO 8601.

    ``benchmark`` is its name; a run with other options has that of its tables behind it.
    """

    benchmark: str
    command: str
    cpu: str
    date: str
    commit: str
    data: dict[str, Any]

    @classmethod
    def now(cls, benchmark: str, words: Sequence[str], data: Any, kept_as: str) -> Measured:
        """Of a run on this CPU that has just ended; ``data`` is that of its report.

        ``kept_as``: the name by which the tables ask for it.
        """
        # Not before the processors of a benchmark are claimed: heron_ms looks at them once.
        from heron_ms.events.run import cpu_name

        parts = {table.part for table in PUBLISHED if table.benchmark == kept_as}
        command = " ".join(["python -m scripts.bench", benchmark, *_without_folder(words)])
        kept = {part: data[part] for part in sorted(parts)}
        return cls(kept_as, command, cpu_name(), date.today().isoformat(), _commit(), kept)

    @classmethod
    def read(cls, root: Path, benchmark: str) -> Measured | None:
        """What is kept below the top of a repository; None where there is nothing."""
        path = _path(root, benchmark)
        return cls(**json.loads(path.read_text())) if path.is_file() else None

    def keep(self, root: Path) -> None:
        """Write it below the top of a repository."""
        path = _path(root, self.benchmark)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @property
    def source(self) -> str:
        """Where the figures are from, as it stands below a table."""
        return f"*{self.cpu}, {self.date}, commit {self.commit}*"


def _without_folder(words: Sequence[str]) -> list[str]:
    """The words of a command but for `--out DIR`: where it put things is the machine's."""
    kept, rest = [], iter(words)
    for word in rest:
        if word == "--out":
            next(rest, None)
        elif not word.startswith("--out="):
            kept.append(word)
    return kept


def _path(root: Path, benchmark: str) -> Path:
    return root / FOLDER / f"{benchmark}.json"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty=+changes", "--exclude=*"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
