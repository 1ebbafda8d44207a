"""What cannot be used of a database, and how that is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heron_ms.database.files import Piece

_SHOWN = 10


@dataclass(frozen=True)
class Damage:
    """A piece that cannot be used, and why, in a few words."""

    piece: Piece
    why: str


def by_file(damage: Iterable[Damage]) -> dict[str, str]:
    """The numbers of the lines with the reasons, in words, by the name of the file."""
    reasons: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for loss in damage:
        reasons[loss.piece.file][loss.why].append(loss.piece.line)
    return {
        file: "; ".join(f"{_lines(numbers)} ({why})" for why, numbers in by_reason.items())
        for file, by_reason in reasons.items()
    }


def _lines(lines: Sequence[int]) -> str:
    numbers = list(dict.fromkeys(lines))
    shown = ", ".join(str(number) for number in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"line {shown}" if len(numbers) == 1 else f"lines {shown}{more}"
