"""The workloads of a database, each in its place: records name them by the numbers of their lines.

A line that cannot be read keeps its place, so that those below keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from heron_ms.database.damage import Damage
from heron_ms.database.files import WORKLOADS, Piece
from heron_ms.database.harmless import objection_to_workload
from heron_ms.database.salvage import separated
from heron_ms.database.shape import as_workload, hash_of
from heron_ms.database.text import Text
from heron_ms.database.trial import try_workloads

_STARTS = re.compile(rb'\["\d+","')
_LIKE_A_RECORD = re.compile(rb"\s*\[\s*\d+\s*,")


@dataclass
class Workloads:
    """``places`` has None where no workload is left; ``others`` are the pieces that are none."""

    places: list[Text | None] = field(default_factory=list)
    others: list[Piece] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)

    @property
    def keys(self) -> list[bytes | None]:
        """Their hashes, which the checksums of their records cover."""
        return [None if text is None else hash_of(text.body) for text in self.places]

    def put(self, piece: Piece, outcome: Text | str) -> None:
        """Add the next piece with the workload in it, or why there is none."""
        at_home = piece.file == WORKLOADS
        if isinstance(outcome, Text):
            is_copy = hash_of(outcome.body) in self.keys
            if at_home or not is_copy:
                self.places.append(None if is_copy else outcome.signed())
        elif at_home and not _LIKE_A_RECORD.match(piece.text):
            self.places.append(None)
            self.damage.append(Damage(piece, outcome))
        else:
            self.others.append(piece)


def read_workloads(pieces: Iterable[Piece], trusting: bool) -> Workloads:
    """Find the workloads among what the files hold; a second copy of one is left out.

    trusting: take those that have their checksums as they are; TVM tries all others.
    """
    lines = list(separated(pieces, _STARTS, Text.matches))
    outcomes = [_workload_in(line) for line in lines]
    tried = [
        outcome.body
        for outcome in outcomes
        if isinstance(outcome, Text) and not (trusting and outcome.checksum)
    ]
    why = dict(zip(tried, try_workloads(tried), strict=True))
    workloads = Workloads()
    for piece, text in zip(lines, outcomes, strict=True):
        refused = why.get(text.body) if isinstance(text, Text) else None
        workloads.put(piece, refused or text)
    while workloads.places and workloads.places[-1] is None:
        workloads.places.pop()
    return workloads


def _workload_in(piece: Piece) -> Text | str:
    """The workload in a piece, or why there is none; a checksum says nothing of who wrote it."""
    found = _as_written(piece)
    if isinstance(found, str):
        return found
    return objection_to_workload(found.body) or found


def _as_written(piece: Piece) -> Text | str:
    text = Text.of(piece.text)
    if text.matches():
        return text if hash_of(text.body) else "not a workload"
    if text.checksum:
        return "not what its checksum is of"
    try:
        return Text(as_workload(text.body))
    except ValueError as error:
        return str(error)
