"""What one kind of machine is, is said where machines are, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
WORDS = re.compile(r"avx|vnni|mcpu|cuda|vta|amx")
PLACES = (
    "heron_ms/hardware/",
    "heron_ms/intrinsics/",
    "heron_ms/measure/cpu/",
    "heron_ms/measure/tensorcore/",
    "heron_ms/measure/vta/",
    "heron_ms/measure/devices.py",
    "heron_ms/constraints/c6_dla/",
    "space_generators/platforms/",
)


def _outside() -> Iterator[str]:
    for folder in ("heron_ms", "space_generators", "mutators"):
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            name = file.relative_to(REPOSITORY).as_posix()
            if not name.startswith(PLACES):
                lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
                yield from (f"{name}:{at}: {line}" for at, line in lines if WORDS.search(line))


def test_no_name_of_a_machine_outside() -> None:
    assert list(_outside()) == []


def test_it_would_be_found() -> None:
    assert (REPOSITORY / PLACES[0]).is_dir()
    assert WORDS.search("needs avx512f")
