"""``heron-ms compile``: a model, with what was measured of it, as a shared library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from heron_ms._tvm import ms
from heron_ms.cli.arguments import inputs
from heron_ms.cli.model.loading import imported_for
from heron_ms.cli.model.settings import settings_of
from heron_ms.cli.terminal.patience import working
from heron_ms.cli.tune.heeding import heeded
from heron_ms.errors import NoRecordError, UsageError
from heron_ms.models.exporting import OBJECTS, export, require_records
from heron_ms.models.library import About
from heron_ms.work_dir import open_database


def run(args: argparse.Namespace) -> int:
    """Write the library and say what is in it; the exit status."""
    output = inputs.writable_file("--output", args.output)
    if output.suffix not in (".so", OBJECTS):
        raise UsageError(f"--output {output} must end in .so, or in {OBJECTS} for objects alone")
    work_dir = None if args.work_dir is None else _work_dir(Path(args.work_dir))
    settings = settings_of(args, work_dir)
    machine, source = settings.compiled_for(), Path(args.model)
    model = imported_for(machine, source, settings.shapes, settings.allow)
    database = ms.database.MemoryDatabase() if work_dir is None else _database(work_dir)
    with working(f"compiling {model.source}"), heeded() as heard:
        if work_dir is not None:
            require_records(model, database, machine, work_dir)
        about = export(model, database, machine, output, source, args.cc)
    for warning in heard.others:
        print(warning)
    print(summary(about, output))
    return 0


def summary(about: About, output: Path) -> str:
    """How many functions have records, and where the library is; one line."""
    measured = sum(seconds is not None for seconds in about.layers.values())
    size = output.stat().st_size / 2**20
    return (
        f"{output}: {about.source} for {about.cores} cores, {measured} of {len(about.layers)} "
        f"functions with a record, {size:.1f} MiB"
    )


def _work_dir(work_dir: Path) -> Path:
    """Where measurements are; raises `NoRecordError` where there are none."""
    if not (work_dir / "database_tuning_record.json").exists():
        raise NoRecordError(
            f"the work directory {work_dir} has no database: tune with `heron-ms tune-model "
            f"--work-dir {work_dir}` first, or leave --work-dir out"
        )
    return inputs.accessible(work_dir)


@working("reading the work directory")
def _database(work_dir: Path) -> Any:
    return open_database(str(work_dir))
