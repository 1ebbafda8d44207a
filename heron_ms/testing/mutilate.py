"""Ways in which the files of a database come to harm, each drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from heron_ms.database.files import RECORDS, WORKLOADS
from heron_ms.database.text import unsigned

Lines = list[bytes]

FOREIGN = (
    b'{"schema": 99}',
    b"null",
    b"[]",
    b"[null]",
    b"[0,null]",
    b"[0,[[],[],{},[]]]",
    b"[-1,[[[],[]],[1.0],{},[]]]",
    b'[0,[[[[null,[],[],[]]],[]],[1.0],{"kind":"llvm"},[]]]',
    b'["1","x"]',
    b"\xff\xfe\x00",
    b"[" * 100_000,
)
"""Lines that are no workloads and no records; TVM crashes on some of them."""


def mutilate(folder: Path, kind: str, rng: Random) -> None:
    """Do one kind of harm, one of `KINDS`, to the database in a folder."""
    KINDS[kind](folder, rng)


def _flip(folder: Path, rng: Random) -> None:
    """Some bytes become others."""
    for _ in range(rng.choice((1, 2, 10))):
        path, content = _one(folder, rng)
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
            path.write_bytes(content)


def _change_digits(folder: Path, rng: Random) -> None:
    """What was JSON still is, and says something else."""
    for _ in range(rng.choice((1, 2, 10))):
        path, content = _one(folder, rng)
        digits = [at for at, byte in enumerate(content) if 48 <= byte < 58]
        if digits:
            content[rng.choice(digits)] = rng.randrange(48, 58)
            path.write_bytes(content)


def _cut(folder: Path, rng: Random) -> None:
    """A part of a file is gone, line breaks included: often the end of a line."""
    path, content = _one(folder, rng)
    start = rng.randrange(len(content) + 1)
    del content[start : start + rng.choice((1, 100, 10_000))]
    path.write_bytes(content)


def _tear(folder: Path, rng: Random) -> None:
    """A file ends early."""
    path, content = _one(folder, rng)
    path.write_bytes(content[: rng.randrange(len(content) + 1)])


def _zero(folder: Path, rng: Random) -> None:
    """A block was never written."""
    path, content = _one(folder, rng)
    start = rng.randrange(len(content) + 1) // 512 * 512
    size = len(content[start : start + 512])
    content[start : start + size] = bytes(size)
    path.write_bytes(content)


def _join(folder: Path, rng: Random) -> None:
    """Line breaks are gone, or are something else."""
    for _ in range(rng.choice((1, 3))):
        path, content = _one(folder, rng)
        breaks = [at for at, byte in enumerate(content) if byte == 10]
        if breaks:
            at = rng.choice(breaks)
            content[at : at + 1] = rng.choice((b"", b"x", b"{"))
            path.write_bytes(content)


def _swap(folder: Path, rng: Random) -> None:
    """Each file has the other's name."""
    first, second = folder / WORKLOADS, folder / RECORDS
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def _on_lines(change: Callable[[Lines, Random], None]) -> Callable[[Path, Random], None]:
    def mutilate(folder: Path, rng: Random) -> None:
        for name in rng.choice(((WORKLOADS,), (RECORDS,), (WORKLOADS, RECORDS))):
            lines = (folder / name).read_bytes().split(b"\n")[:-1]
            change(lines, rng)
            (folder / name).write_bytes(b"".join(line + b"\n" for line in lines))

    return mutilate


def _duplicate(lines: Lines, rng: Random) -> None:
    for _ in range(rng.choice((1, 3))):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))


def _insert(lines: Lines, rng: Random) -> None:
    for _ in range(rng.choice((1, 3))):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(FOREIGN))


def _unsign(folder: Path, rng: Random) -> None:
    """Harm to files that have no checksums."""
    for name in (WORKLOADS, RECORDS):
        (folder / name).write_bytes(unsigned((folder / name).read_bytes()))
    rng.choice((_flip, _change_digits, _cut, _tear, _zero, _insert_lines))(folder, rng)


def _several(folder: Path, rng: Random) -> None:
    for _ in range(3):
        rng.choice((_flip, _change_digits, _cut, _zero, _swap, _insert_lines))(folder, rng)


def _one(folder: Path, rng: Random) -> tuple[Path, bytearray]:
    path = folder / rng.choice((WORKLOADS, RECORDS))
    return path, bytearray(path.read_bytes())


_insert_lines = _on_lines(_insert)

UNSIGNED = "any, without checksums"
KINDS: dict[str, Callable[[Path, Random], None]] = {
    "bytes flipped": _flip,
    "digits changed": _change_digits,
    "a part cut out": _cut,
    "the end cut off": _tear,
    "a block of zeros": _zero,
    "line breaks lost": _join,
    "files swapped": _swap,
    "lines duplicated": _on_lines(_duplicate),
    "lines shuffled": _on_lines(lambda lines, rng: rng.shuffle(lines)),
    "foreign lines": _insert_lines,
    "several of these": _several,
    UNSIGNED: _unsign,
}
"""By name, each a function of the folder and a generator."""
