"""The records of a database, each with the number of the workload that it was measured of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from heron_ms.database.files import DAMAGED, Piece
from heron_ms.database.salvage import separated
from heron_ms.database.shape import as_record, unknown_intrinsic
from heron_ms.database.text import Text
from heron_ms.database.trial import try_records
from heron_ms.database.workload_lines import Workloads

_STARTS = re.compile(rb"\[\d+,\[")


@dataclass(frozen=True)
class Found:
    """What is in a piece: a record, or why there is none."""

    piece: Piece
    text: Text | None
    why: str = ""


def read_records(workloads: Workloads, trusting: bool) -> list[Found]:
    """Look for records in the pieces that are no workloads.

    trusting: take those that have their checksums as they are; TVM tries all others.
    """
    keys = workloads.keys
    lines = separated(workloads.others, _STARTS, lambda text: _place(text, keys) is not None)
    found = [_record_in(each, keys) for each in lines]
    return list(_tried(found, workloads, trusting))


def _place(text: Text, keys: Sequence[bytes | None]) -> int | None:
    """The number of the workload with which a record has its checksum."""
    number = text.number
    if number is None:
        return None
    order = [*keys[number : number + 1], *keys]
    key = next((each for each in order if each is not None and text.matches(each)), None)
    return None if key is None else keys.index(key)


def _record_in(piece: Piece, keys: Sequence[bytes | None]) -> Found:
    text = Text.of(piece.text)
    place = _place(text, keys)
    if place is not None:
        return _known(piece, text.numbered(place))
    if text.checksum:
        return Found(piece, None, "not what its checksum is of, or its workload is missing")
    try:
        text = replace(text, body=as_record(text.body))
    except ValueError as error:
        return Found(piece, None, str(error))
    number = text.number
    key = keys[number] if number is not None and number < len(keys) else None
    return _known(piece, text.signed(key)) if key else Found(piece, None, "its workload is missing")


def _known(piece: Piece, text: Text) -> Found:
    name = unknown_intrinsic(text.body)
    if name is None:
        return Found(piece, text)
    why = f"import what registers the intrinsic {name!r}"
    # With its checksum it is taken back once that is done.
    return Found(replace(piece, text=text.line()), None, why)


def _tried(found: Sequence[Found], workloads: Workloads, trusting: bool) -> Iterator[Found]:
    """What is found, without the records that TVM refuses."""
    wanted = [each.text for each in found if each.text and not (trusting and _is_ours(each.piece))]
    programs = [workloads.places[each.number or 0] for each in wanted]
    whole = [each.body for each in programs if each is not None]
    reasons = try_records([each.body for each in wanted], whole)
    why = {each.body: why for each, why in zip(wanted, reasons, strict=True)}
    for each in found:
        refused = None if each.text is None else why.get(each.text.body)
        yield Found(each.piece, None, refused) if refused else each


def _is_ours(piece: Piece) -> bool:
    """Whether it stood in a database as we write it; what was set aside was refused once."""
    return bool(Text.of(piece.text).checksum) and piece.file != DAMAGED
