"""What the innermost loop of a kernel asks of a core, counted in its machine code.

Next to its multiplications a core starts so many loads: two vectors of 64 bytes a cycle, and two
multiplications of them, on Intel's servers since Ice Lake (Intel 64 and IA-32 Architectures
Optimization Reference Manual, 248966, Ice Lake and Golden Cove: the ports). So one load for each
multiplication is the most that such a core could sustain, and what goes to the stack and back
counts with them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
_TARGET = re.compile(r"^([0-9a-f]+)\b")
_VECTOR = re.compile(r"%[xyz]mm\d+")
_MEMORY = re.compile(r"\([^)]*\)")
_BROADCAST = re.compile(r"\{1to\d+\}")
_STACK = re.compile(r"\(%[re]sp[,)]")


@dataclass(frozen=True)
class Instruction:
    """One as objdump writes it: where it is, what it does, and to what, the destination last."""

    address: int
    name: str
    operands: str

    @property
    def back_to(self) -> int | None:
        """Where it jumps back to, if it does."""
        target = _TARGET.match(self.operands) if self.name.startswith("j") else None
        address = int(target[1], 16) if target else self.address + 1
        return address if address <= self.address else None

    @property
    def moves_vector(self) -> bool:
        """Whether a vector register meets memory."""
        return bool(_VECTOR.search(self.operands) and _MEMORY.search(self.operands))

    @property
    def stores(self) -> bool:
        """Whether what it moves goes to memory."""
        return self.moves_vector and self.operands.rstrip().endswith(")")

    @property
    def broadcasts(self) -> bool:
        """Whether one element comes from memory for all lanes."""
        spreads = "broadcast" in self.name or _BROADCAST.search(self.operands)
        return self.moves_vector and bool(spreads)

    @property
    def spills(self) -> bool:
        """Whether a vector goes to the stack, or comes from it."""
        return self.moves_vector and bool(_STACK.search(self.operands))


@dataclass(frozen=True)
class InnerLoop:
    """Counts of one iteration; ``loads`` are of vectors, ``broadcasts`` of single elements."""

    multiplications: int
    loads: int
    broadcasts: int
    stores: int
    spilled: int

    @property
    def loads_each(self) -> float:
        """Of vectors and elements, for each multiplication."""
        return (self.loads + self.broadcasts) / self.multiplications


def inner_loop_of(artifact: Path, multiply: str) -> InnerLoop | None:
    """Of the loops without another inside, the one that multiplies most; None where none does.

    artifact: a library or an object. multiply: how the instruction is written. Raises OSError
    where there is no objdump, and `subprocess.CalledProcessError` for what it cannot read.
    """
    command = ["objdump", "-d", "--no-show-raw-insn", str(artifact)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return inner_loop(listing, multiply)


def inner_loop(listing: str, multiply: str) -> InnerLoop | None:
    """`inner_loop_of` what objdump wrote."""
    loops = [_counted(body, multiply) for body in _innermost(list(_instructions(listing)))]
    return max(
        (loop for loop in loops if loop.multiplications),
        key=lambda loop: loop.multiplications,
        default=None,
    )


def _instructions(listing: str) -> Iterator[Instruction]:
    for line in listing.splitlines():
        match = _LINE.match(line)
        if match:
            yield Instruction(int(match[1], 16), match[2], match[3].split("#")[0].strip())


def _innermost(code: Sequence[Instruction]) -> Iterator[Sequence[Instruction]]:
    """The bodies of the loops that have no jump back inside."""
    begins = {instruction.address: at for at, instruction in enumerate(code)}
    loops = [
        (begins[back], end)
        for end, instruction in enumerate(code)
        if (back := instruction.back_to) in begins
    ]
    for begin, end in loops:
        inside = any(begin <= b and e < end for b, e in loops)
        if not inside:
            yield code[begin : end + 1]


def _counted(body: Sequence[Instruction], multiply: str) -> InnerLoop:
    loads = [it for it in body if it.moves_vector and not it.stores]
    return InnerLoop(
        multiplications=sum(it.name == multiply for it in body),
        loads=sum(not it.broadcasts for it in loads),
        broadcasts=sum(it.broadcasts for it in loads),
        stores=sum(it.stores for it in body),
        spilled=sum(it.spills for it in body),
    )
