"""The records of a database, each with the number of the workload that it was measured of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from heron_ms.database.files import DAMAGED, Piece
from heron_ms.database.harmless import objection_to_record
from heron_ms.database.salvage import separated
from heron_ms.database.shape import as_record, unknown_intrinsic
from heron_ms.database.text import Text
from heron_ms.database.trial import try_records
from heron_ms.database.workload_lines import Workloads

_STARTS = re.compile(rb"\[\d+,\[")


@dataclass(frozen=True)
class Finding:
    """What is in a piece: a record, or why there is none."""

    piece: Piece
    text: Text | None
    why: str = ""


def read_records(workloads: Workloads, trusting: bool) -> list[Finding]:
    """Look for records in the pieces that are no workloads.

    trusting: take those that have their checksums as they are; TVM tries all others.
    """
    keys = workloads.keys
    lines = separated(workloads.others, _STARTS, lambda text: _place(text, keys) is not None)
    findings = [_record_in(piece, keys) for piece in lines]
    return list(_tried(findings, workloads, trusting))


def _place(text: Text, keys: Sequence[bytes | None]) -> int | None:
    """The number of the workload with which a record has its checksum."""
    number = text.number
    if number is None:
        return None
    order = [*keys[number : number + 1], *keys]
    key = next((key for key in order if key is not None and text.matches(key)), None)
    return None if key is None else keys.index(key)


def _record_in(piece: Piece, keys: Sequence[bytes | None]) -> Finding:
    text = Text.of(piece.text)
    place = _place(text, keys)
    if place is not None:
        return _known(piece, text.numbered(place))
    if text.checksum:
        return Finding(piece, None, "not what its checksum is of, or its workload is missing")
    try:
        text = replace(text, body=as_record(text.body))
    except ValueError as error:
        return Finding(piece, None, str(error))
    number = text.number
    key = keys[number] if number is not None and number < len(keys) else None
    return (
        _known(piece, text.signed(key)) if key else Finding(piece, None, "its workload is missing")
    )


def _known(piece: Piece, text: Text) -> Finding:
    objection = objection_to_record(text.body)
    if objection is not None:
        return Finding(piece, None, objection)
    name = unknown_intrinsic(text.body)
    if name is None:
        return Finding(piece, text)
    why = f"import what registers the intrinsic {name!r}"
    # With its checksum it is taken back once that is done.
    return Finding(replace(piece, text=text.line()), None, why)


def _tried(findings: Sequence[Finding], workloads: Workloads, trusting: bool) -> Iterator[Finding]:
    """The findings, without the records that TVM refuses."""
    wanted = [
        finding.text
        for finding in findings
        if finding.text and not (trusting and _is_ours(finding.piece))
    ]
    programs = [workloads.places[text.number or 0] for text in wanted]
    whole = [program.body for program in programs if program is not None]
    reasons = try_records([text.body for text in wanted], whole)
    why = {text.body: why for text, why in zip(wanted, reasons, strict=True)}
    for finding in findings:
        refused = None if finding.text is None else why.get(finding.text.body)
        yield Finding(finding.piece, None, refused) if refused else finding


def _is_ours(piece: Piece) -> bool:
    """Whether it stood in a database as we write it; what was set aside was refused once."""
    return bool(Text.of(piece.text).checksum) and piece.file != DAMAGED
