"""A line of a database with its checksum, which is written in white space at the line's end.

TVM appends a line of JSON for each workload and record, and believes what it reads: another digit
in a time or a decision is JSON as well. A CRC-32 behind the JSON, which no reader minds, tells what
was written from what only looks like it: a tab, then a blank for every 0 and a tab for every 1. It
lies in the line, so it is there as long as the line is. Blanks after that are marks: one of a
record that was measured again, two of one whose program was found right, three of both.

A record names its workload by a number, which means another one once a line above is lost. So its
checksum covers the workload's hash in place of the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from zlib import crc32

_MARK = b" "
_CHECKSUM = rb"\t[ \t]{32}"
_ENDING = re.compile(rb"(%s)?( {0,3})" % _CHECKSUM)
_ENDS = re.compile(rb"%s {0,3}" % _CHECKSUM)
_ANYWHERE = re.compile(_CHECKSUM)
_NUMBER = re.compile(rb"\[(\d+)(?=,)")
_SYMBOLS = bytes.maketrans(b"01", b" \t")


@dataclass(frozen=True)
class Text:
    """``body`` is JSON; ``again`` marks a record that was measured again, ``right`` a right one."""

    body: bytes
    again: bool = False
    checksum: bytes = b""
    right: bool = False

    @classmethod
    def of(cls, line: bytes) -> Text:
        """A line without its newline; an ending that is not ours is left out."""
        body = line.rstrip(b" \t\r")
        ending = _ENDING.fullmatch(line[len(body) :].rstrip(b"\r"))
        if ending is None:
            return cls(body)
        right, again = divmod(len(ending[2]), 2)
        return cls(body, bool(again), ending[1] or b"", bool(right))

    def line(self) -> bytes:
        """How it is written, without a newline."""
        return self.body + self.checksum + self._marks

    @property
    def number(self) -> int | None:
        """The number at the start, as a record has: that of its workload."""
        match = _NUMBER.match(self.body)
        return int(match[1]) if match else None

    def numbered(self, number: int) -> Text:
        """A record with another number of its workload; its checksum stays right."""
        return replace(self, body=_NUMBER.sub(b"[%d" % number, self.body, count=1))

    def signed(self, key: bytes = b"") -> Text:
        """The line with its checksum; ``key`` is the hash of its workload for a record."""
        return replace(self, checksum=self._checksum(key))

    def matches(self, key: bytes = b"") -> bool:
        """Whether it has the checksum that `signed` gives it."""
        return bool(self.checksum) and self.checksum == self._checksum(key)

    @property
    def _marks(self) -> bytes:
        return _MARK * (self.again + 2 * self.right)

    def _checksum(self, key: bytes) -> bytes:
        start = _NUMBER.match(self.body)
        content = self.body[start.end() if start else 0 :] + self._marks
        bits = b"%032d" % int(f"{crc32(content, crc32(key)):b}")
        return b"\t" + bits.translate(_SYMBOLS)


def parts(line: bytes) -> list[bytes]:
    """A line cut after every checksum in it: a newline that was lost joins two records."""
    ends = [0, *(match.end() for match in _ENDS.finditer(line)), len(line)]
    return [line[a:b] for a, b in pairwise(ends) if a < b]


def unsigned(content: bytes) -> bytes:
    """The lines of a file without their checksums."""
    return _ANYWHERE.sub(b"", content)
