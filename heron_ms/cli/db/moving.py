"""``heron-ms db merge`` and ``prune``."""

from __future__ import annotations

import argparse
from pathlib import Path

from heron_ms.cli.db.reading import entries_of
from heron_ms.errors import UsageError
from heron_ms.measure.entries import best, distinct, keep_only, write_new


def run(args: argparse.Namespace) -> int:
    """Write records to another database, or drop some; the exit status."""
    if args.mode == "prune" and args.output is None:
        _prune_in_place(args)
        return 0
    output, entries = Path(args.output), entries_of(args)
    if output.is_file():
        raise UsageError(f"--output {output} is a file: name a directory")
    kept = distinct(entries)
    if args.mode == "prune":
        kept = best(kept, args.keep)
    write_new(output, kept)
    print(f"{output}: {len(kept)} of {len(entries)} records")
    return 0


def _prune_in_place(args: argparse.Namespace) -> None:
    for folder in args.folders:
        kept, before = keep_only(Path(folder), args.keep)
        print(f"{folder}: {kept} of {before} records")
