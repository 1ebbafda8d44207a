"""A whole line behind the rest of another, as is left where a full disk cut that short."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from heron_ms.database.files import Piece
from heron_ms.database.text import Text


def separated(
    pieces: Iterable[Piece], starts: re.Pattern[bytes], is_whole: Callable[[Text], bool]
) -> Iterator[Piece]:
    """The pieces; one that ends in a text which is whole, by its checksum, comes in two."""
    for piece in pieces:
        at = _start(piece.text, starts, is_whole)
        for text in (piece.text[:at], piece.text[at:]):
            if text.strip():
                yield replace(piece, text=text)


def _start(line: bytes, starts: re.Pattern[bytes], is_whole: Callable[[Text], bool]) -> int:
    """Where the whole text at the end of a line starts; 0 where there is none."""
    text = Text.of(line)
    if not text.checksum or is_whole(text):
        return 0
    places = (match.start() for match in starts.finditer(line))
    return next((at for at in places if is_whole(Text.of(line[at:]))), 0)
