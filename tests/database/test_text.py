"""A line's checksum: what it notices, and what it does not mind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms.database.text import Text, parts, unsigned

BODY = b'[0,[[[],[]],[0.00125],{"kind":"llvm"},[]]]'
SIGNED = Text(BODY).signed(b"77")


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("right", [False, True])
def test_it_is_read_as_it_is_written(again: bool, right: bool) -> None:
    plain = Text(BODY, again, right=right)
    text = plain.signed(b"77")
    assert Text.of(text.line()) == text and text.matches(b"77")
    assert json.loads(text.line()) == json.loads(BODY)
    assert unsigned(text.line()) == plain.line()
    assert parts(text.line() + b"x") == [text.line(), b"x"]


@given(st.integers(0, len(SIGNED.line()) - 1), st.integers(1, 255))
def test_no_byte_changes_unnoticed(at: int, change: int) -> None:
    line = bytearray(SIGNED.line())
    line[at] ^= change
    text = Text.of(bytes(line))
    # The number of the workload is covered by the workload's hash.
    assert not text.matches(b"77") or (at == 1 and text.body[2:] == BODY[2:])


def test_another_workload_does_not_match() -> None:
    assert not SIGNED.matches(b"78")
    assert SIGNED.numbered(12).matches(b"77") and SIGNED.numbered(12).number == 12


def test_a_mark_that_is_lost_is_noticed() -> None:
    line = Text(BODY, again=True, right=True).signed(b"77").line()
    assert not any(Text.of(line[:-lost]).matches(b"77") for lost in (1, 2, 3))


@pytest.mark.parametrize("ending", [b"", b"\r", b"\t", b"\t  ", b" \t" * 40])
def test_another_ending_is_no_checksum(ending: bytes) -> None:
    assert Text.of(BODY + ending) == Text(BODY)


def test_a_line_as_it_was_written_before_there_were_checksums() -> None:
    assert Text.of(BODY + b" ") == Text(BODY, again=True)


def test_a_line_is_cut_after_every_checksum() -> None:
    line = SIGNED.line()
    assert parts(line) == [line]
    assert parts(line + b"x" + line) == [line, b"x" + line]
    assert parts(BODY) == [BODY]
