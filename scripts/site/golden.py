"""What a space rule changes in a program, from the golden files of ``tests/space``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from scripts.site.marks import fenced

GOLDEN = Path(__file__).parents[2] / "tests" / "space" / "golden"

_STEP = re.compile(r"^# =+ (.*)$\n", re.MULTILINE)
_NOISE = re.compile(r"\s*(# |T\.reads|T\.writes|T\.func_attr|@|class |$)")
"""Lines that say nothing of the loops: comments, regions that follow, what surrounds a function."""


def golden(words: str) -> str:
    """The difference that a rule makes, in a fenced block; ``words``: PROGRAM: RULE.

    Raises KeyError for a step that the file does not have.
    """
    program, _, step = words.partition(": ")
    steps = dict(_steps((GOLDEN / f"{program}.txt").read_text()))
    names = list(steps)
    after, before = steps[step], steps[names[names.index(step) - 1]]
    changed = list(unified_diff(before, after, n=1, lineterm=""))[2:]
    return fenced("diff", "\n".join(line for line in changed if not line.startswith("@@")))


def _steps(text: str) -> Iterator[tuple[str, list[str]]]:
    _, *parts = _STEP.split(text)
    for name, script in zip(parts[::2], parts[1::2], strict=True):
        kept = (line for line in script.splitlines() if not _NOISE.match(line))
        yield name, [line.removeprefix("    ") for line in kept]
