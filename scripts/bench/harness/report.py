"""What a benchmark has to show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.harness.tables import markdown


@dataclass(frozen=True)
class Report:
    """Tables in Markdown, the data behind them as plain JSON values, and a verdict.

    ``sound`` is false where something is not as it is claimed to be.
    """

    text: str
    data: Any
    sound: bool = True

    @classmethod
    def of_table(
        cls,
        head: Sequence[str],
        rows: Iterable[Sequence[object]],
        note: str = "",
        sound: bool = True,
    ) -> Report:
        """A table and a note below it; the data is a record for each row, by the head."""
        kept = [list(row) for row in rows]
        text = "\n\n".join(filter(None, (markdown(head, kept), note)))
        return cls(text, [dict(zip(head, row, strict=True)) for row in kept], sound)

    @classmethod
    def of_sums(
        cls,
        head: Sequence[str],
        named: Iterable[tuple[str, Mapping[str, Any]]],
        counts: Sequence[str],
    ) -> Report:
        """A row for each name: how many records have it, and the sums of their counts."""
        grouped: dict[str, list[Mapping[str, Any]]] = {}
        for name, record in named:
            grouped.setdefault(name, []).append(record)
        sums = [
            [name, len(group), *(sum(record[count] for record in group) for count in counts)]
            for name, group in grouped.items()
        ]
        return cls.of_table(head, sums)

    @classmethod
    def joined(cls, parts: dict[str, Report]) -> Report:
        """Reports one below the other, if they have a text; the data is theirs by name."""
        text = "\n\n".join(part.text for part in parts.values() if part.text)
        data = {name: part.data for name, part in parts.items()}
        return cls(text, data, all(part.sound for part in parts.values()))

    def save(self, folder: Path, name: str) -> None:
        """Writes ``name.md`` and ``name.json``."""
        (folder / f"{name}.md").write_text(self.text + "\n")
        (folder / f"{name}.json").write_text(json.dumps(self.data, indent=1) + "\n")

    def show(self, as_json: bool) -> None:
        """Prints the tables, or the data."""
        print(json.dumps(self.data) if as_json else self.text, flush=True)
