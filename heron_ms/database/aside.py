"""The lines that were taken out of a database because they could not be read: none is thrown away.

One with its checksum is whole. It may be of use again, once its workload or its intrinsic is there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from heron_ms.database.damage import Damage
from heron_ms.database.files import DAMAGED, Piece, content, replace_file
from heron_ms.database.text import Text


def pieces_aside(folder: Path) -> list[Piece]:
    """All lines that were set aside."""
    lines = enumerate(content(folder / DAMAGED).split(b"\n"), 1)
    return [Piece(DAMAGED, number, text) for number, line in lines if (text := _text_in(line))]


def whole_ones(folder: Path) -> list[Piece]:
    """The lines set aside that have their checksums, and so are what was written."""
    return [piece for piece in pieces_aside(folder) if Text.of(piece.text).checksum]


def set_aside(folder: Path, damage: Sequence[Damage]) -> None:
    """Add what is damaged, unless it is there already. Raises `WorkDirError`."""
    before = content(folder / DAMAGED)
    there = {_text_in(line) for line in before.split(b"\n")}
    new = [_entry(loss) for loss in damage if loss.piece.text not in there]
    if new:
        end = b"" if before.endswith(b"\n") or not before else b"\n"
        replace_file(folder / DAMAGED, before + end + b"".join(new))


def take_back(folder: Path, texts: Collection[bytes]) -> None:
    """Remove lines that are in the database again. Raises `WorkDirError`."""
    before = content(folder / DAMAGED)
    left = [line for line in before.split(b"\n") if _text_in(line) not in texts]
    replace_file(folder / DAMAGED, b"\n".join(left))


def _entry(damage: Damage) -> bytes:
    piece = damage.piece
    # Bytes that are no text come back as they were.
    text = piece.text.decode("utf-8", "surrogateescape")
    entry = {"file": piece.file, "line": piece.line, "why": damage.why, "text": text}
    return json.dumps(entry).encode() + b"\n"


def _text_in(line: bytes) -> bytes:
    """The text of an entry; none where that is damaged itself."""
    try:
        return str(json.loads(line)["text"]).encode("utf-8", "surrogateescape")
    except (ValueError, KeyError, TypeError, RecursionError):
        return b""
