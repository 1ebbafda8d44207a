"""What is left of a database.

Files are read as they are, and nothing is written: another process may be writing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from heron_ms.database.aside import whole_ones
from heron_ms.database.damage import Damage
from heron_ms.database.files import DAMAGED, RECORDS, WORKLOADS, pieces
from heron_ms.database.record_lines import Finding, read_records
from heron_ms.database.text import Text
from heron_ms.database.workload_lines import read_workloads


@dataclass(frozen=True)
class Reading:
    """Workloads by number (None: lost), records with those numbers, and what is damaged.

    ``restored`` are lines that were set aside once and can be used again.
    """

    workloads: Sequence[Text | None]
    records: Sequence[Text]
    damage: Sequence[Damage]
    restored: frozenset[bytes]


def read(folder: Path, trusting: bool = True) -> Reading:
    """What can be used of the database in a folder.

    A line with its checksum is what was written, and is taken as that if ``trusting``; TVM tries
    all others, in a child process. Raises `WorkDirError` for a file that cannot be read.
    """
    aside = whole_ones(folder)
    workloads = read_workloads(
        [*pieces(folder, WORKLOADS), *pieces(folder, RECORDS), *aside], trusting
    )
    findings = read_records(workloads, trusting)
    lost = [finding for finding in findings if finding.text is None]
    useless = {finding.piece.line for finding in lost if finding.piece.file == DAMAGED}
    damage = [
        Damage(finding.piece, finding.why) for finding in lost if finding.piece.file != DAMAGED
    ]
    return Reading(
        workloads.places,
        _records(findings),
        [*workloads.damage, *damage],
        frozenset(piece.text for piece in aside if piece.line not in useless),
    )


def _records(findings: Sequence[Finding]) -> list[Text]:
    """Those of the file of the records, then those from elsewhere that are not among them."""
    texts = [
        (finding.piece.file == RECORDS, finding.text)
        for finding in findings
        if finding.text is not None
    ]
    records = [text for is_there, text in texts if is_there]
    there = set(records)
    return records + list(dict.fromkeys(text for _, text in texts if text not in there))
