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
    for each in damage:
        reasons[each.piece.file][each.why].append(each.piece.line)
    return {
        file: "; ".join(f"{_lines(numbers)} ({why})" for why, numbers in found.items())
        for file, found in reasons.items()
    }


def _lines(lines: Sequence[int]) -> str:
    numbers = list(dict.fromkeys(lines))
    shown = ", ".join(str(each) for each in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"line {shown}" if len(numbers) == 1 else f"lines {shown}{more}"
