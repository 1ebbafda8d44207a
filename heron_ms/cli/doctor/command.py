"""``heron-ms doctor``: whether everything is there that tuning needs, and works."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.markup import escape

from heron_ms.cli.doctor import facts
from heron_ms.cli.doctor.facts import Fact, Status
from heron_ms.cli.doctor.intrinsics import intrinsic_facts
from heron_ms.cli.terminal.output import Output

_COLOURS = {Status.OK: "green", Status.MISSING: "yellow", Status.FAIL: "red"}


def run(args: argparse.Namespace) -> int:
    """Print one line for each check; exit status 1 if one failed."""
    console = Output(highlight=False, soft_wrap=True)
    failed = 0
    for fact in _facts():
        status = f"[{_COLOURS[fact.status]}]{fact.status.value:<8}[/]"
        console.print(f"{status}{escape(f'{fact.name:<28}')} {escape(fact.detail)}")
        failed += fact.status is Status.FAIL
    if failed:
        console.print(f"\n{failed} of the checks failed")
    return int(failed > 0)


def _facts() -> Iterator[Fact]:
    yield from facts.versions()
    yield from facts.cpu()
    yield from facts.gpu()
    yield from facts.extras()
    yield from intrinsic_facts()
