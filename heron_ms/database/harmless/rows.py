"""The two kinds of lines: a workload is a hash and a program, a record says how one is scheduled.

A record has the instructions of a schedule with their decisions, seconds, a target, and arguments.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from math import prod
from typing import Any

from heron_ms.database.harmless.graph import LARGEST, bytes_of, check_graph
from heron_ms.database.harmless.known import (
    DTYPE,
    INSTRUCTIONS,
    PLAIN,
    Harm,
    is_known_attribute,
)
from heron_ms.hardware.options import describes

_LENGTH = 8
"""Bytes before a program that say how long it is."""
_INSTRUCTIONS = 10_000
_NESTED = 6
"""How deep lists lie in lists, among the arguments of an instruction."""


@lru_cache(256)  # a database is opened more than once
def objection_to_workload(body: bytes) -> str | None:
    """What in a workload is not known to be harmless, in words; None for nothing."""
    try:
        _check_workload(_read(body))
    except (ValueError, RecursionError, TypeError, KeyError, IndexError, AttributeError) as error:
        return f"refused: it has {_words(error)}"
    return None


def objection_to_record(body: bytes) -> str | None:
    """What in a record is not known to be harmless, in words; None for nothing."""
    try:
        _check_record(_read(body))
    except (ValueError, RecursionError, TypeError, KeyError, IndexError, AttributeError) as error:
        return f"refused: it has {_words(error)}"
    return None


def _words(error: Exception) -> str:
    told = " ".join(str(error).split())[:200]
    return told if isinstance(error, Harm) else "another form than TVM writes"


def _check_workload(row: Any) -> None:
    _, text = row
    content = base64.b64decode(text, validate=True)
    length, program = content[:_LENGTH], content[_LENGTH:]
    if int.from_bytes(length, "little") != len(program):
        raise Harm("a program of another length than it says")
    check_graph(_graph(program))


def _check_record(row: Any) -> None:
    _, (trace, seconds, target, arguments) = row
    instructions, decisions = trace
    if len(instructions) > _INSTRUCTIONS:
        raise Harm(f"more than {_INSTRUCTIONS:,} instructions")
    for instruction in instructions:
        _check_instruction(*instruction)
    _check_value(decisions)
    _check_value(seconds)
    _check_target(target)
    for argument in arguments or []:
        _check_argument(*argument)


def _check_instruction(name: Any, inputs: Any, attributes: Any, outputs: Any) -> None:
    if name not in INSTRUCTIONS:
        raise Harm(f"the instruction {str(name)[:60]!r}, which is unknown or hides something")
    if name in ("Annotate", "Unannotate") and not is_known_attribute(attributes[0]):
        raise Harm(f"the attribute {attributes[0]!r}, which nobody knows to be harmless")
    for part in (inputs, attributes, outputs):
        if not isinstance(part, list):
            raise Harm(f"an instruction {name} without lists of arguments")
        _check_value(part)


def _check_value(value: Any, depth: int = 0) -> None:
    """Numbers, names, lists of these, and graphs in strings."""
    if depth > _NESTED:
        raise Harm(f"lists more than {_NESTED} deep")
    if isinstance(value, list):
        for item in value:
            _check_value(item, depth + 1)
    elif isinstance(value, str):
        _check_text(value)
    elif type(value) is int and not -(2**63) <= value < 2**63:
        raise Harm("a number of more than 64 bits")
    elif value is not None and not isinstance(value, (bool, int, float)):
        raise Harm(f"a {type(value).__name__} among the arguments of an instruction")


@lru_cache(4096)  # the records of a sketch have most of their texts in common
def _check_text(text: str) -> None:
    if text.lstrip()[:1] in ("{", "["):
        check_graph(_graph(text))
    elif not PLAIN.fullmatch(text.removeprefix('"').removesuffix('"')):
        raise Harm(f"the text {text[:40]!r}, which is no name")


def _check_target(target: Any, depth: int = 0) -> None:
    if not isinstance(target, dict) or depth > 1:
        raise Harm("a target that is no map of options")
    for name, value in target.items():
        if name == "host":
            _check_target(value, depth + 1)
        elif not describes(name):
            raise Harm(f"the option {name!r} of a target, which does more than describe it")
        else:
            _check_value(value)


def _check_argument(kind: Any, dtype: Any, shape: Any) -> None:
    if kind != "TENSOR" or not DTYPE.fullmatch(dtype):
        raise Harm("an argument that is no tensor")
    if not all(type(extent) is int and 0 <= extent < 2**63 for extent in shape):
        raise Harm("a shape that is none")
    size = prod(shape) * bytes_of(dtype)
    if size > LARGEST:
        raise Harm(f"an argument of {size:,} bytes")


def _graph(text: str | bytes) -> Any:
    """A graph, in which a constant of a program may be infinite."""
    try:
        return json.loads(_decoded(text), object_pairs_hook=_once)
    except RecursionError:
        raise Harm("a program that is nested too deep") from None


def _read(text: bytes) -> Any:
    """A line of which every reader makes the same: names once, plain numbers, in UTF-8."""
    return json.loads(_decoded(text), object_pairs_hook=_once, parse_constant=_no_number)


def _decoded(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Harm("a field that is there twice")
    return fields


def _no_number(name: str) -> Any:
    raise Harm(f"the number {name}")
