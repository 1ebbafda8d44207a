"""``heron-ms report``: a page and a JSON file from the events of a work directory."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import sleep

from heron_ms.cli.arguments import inputs
from heron_ms.cli.report.page import page
from heron_ms.cli.report.summary import Summary
from heron_ms.database.files import replace_file
from heron_ms.errors import EventsError, UsageError
from heron_ms.events.file import NAME
from heron_ms.events.reading import of_kind, read_events

PAUSE = 2.0
"""Seconds between two looks at a run that is followed."""


def run(args: argparse.Namespace) -> int:
    """Write the report of a work directory; the exit status.

    Raises `EventsError` and `UsageError` where there is nothing to write, or no place, and
    `MissingExtraError` where nothing draws.
    """
    work_dir = Path(args.work_dir)
    # Before it is read: what is written meanwhile is seen as new.
    seen = _size(work_dir)
    summary = _summary(work_dir)
    output = _page_at(args.output or str(work_dir / "report.html"))
    _write(summary, output)
    print(_words(summary, output), flush=True)
    while args.follow and summary.is_running:
        sleep(PAUSE)
        if _size(work_dir) != seen:
            seen = _size(work_dir)
            summary = _summary(work_dir)
            _write(summary, output)
    return 0


def _page_at(name: str) -> Path:
    """Where the page goes, and the JSON beside it; raises `UsageError` for a place of no use."""
    path = inputs.writable_file("-o", name)
    if path.suffix != ".html":
        raise UsageError(f"-o {path} must end in .html: the JSON beside it has the same name")
    inputs.writable_file("-o", str(path.with_suffix(".json")))
    return path


def _summary(work_dir: Path) -> Summary:
    rows = read_events(work_dir)
    if not any(of_kind(rows, "run")):
        raise EventsError(f"{work_dir / NAME} has no run in it: its first lines are lost")
    return Summary.of(rows)


def _write(summary: Summary, output: Path) -> None:
    """Both files, each replaced as a whole: somebody may be reading them."""
    text = json.dumps(summary.record(), indent=2) + "\n"
    replace_file(output.with_suffix(".json"), text.encode())
    replace_file(output, page(summary).encode())


def _words(summary: Summary, output: Path) -> str:
    tried = sum(task.tried for task in summary.tasks)
    return (
        f"{output}: {summary.last['subject']}, {summary.last['how']}, {tried} candidates of "
        f"{len(summary.tasks)} tasks; {output.with_suffix('.json').name} has the same"
    )


def _size(work_dir: Path) -> int:
    file = work_dir / NAME
    return file.stat().st_size if file.exists() else 0
