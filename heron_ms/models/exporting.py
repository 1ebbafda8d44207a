"""From a model and the records of a database to a shared library."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
from tvm.support import cc

import heron_ms
from heron_ms._tvm import Target
from heron_ms.errors import LibraryError, NoRecordError
from heron_ms.hardware import Machine
from heron_ms.measure.cpu.linking import finding_linkers
from heron_ms.measure.records import best_record, records_for, seconds_of
from heron_ms.models.library import About, with_about
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowed
from heron_ms.models.tasks import functions_of

OBJECTS = ".tar"
"""How the name of a file ends that holds objects, which are linked elsewhere."""


def export(
    model: Model,
    database: Any,
    machine: Machine,
    path: Path,
    source: Path | None,
    compiler: str | None = None,
) -> About:
    """Compile a model with the best records of a database and write it as a shared library.

    The machine may be another one than this. A path that ends in `OBJECTS` gets the objects, in an
    archive. ``source`` is the file that the model was read from, if it was; ``compiler`` links.
    Returns what the library says of itself. Raises `LibraryError` where it cannot be written, and
    before anything is compiled where nothing here links for the machine.
    """
    linking = {} if path.suffix == OBJECTS else _linking(path, machine, compiler)
    compiled, about = compiled_model(model, database, machine, source)
    try:
        compiled.export_library(str(path), **linking)
    except (RuntimeError, OSError) as error:  # of the linker, which TVM calls
        raise LibraryError(f"{path} cannot be written: {_of_linker(error)}") from error
    return about


def _linking(path: Path, machine: Machine, compiler: str | None) -> dict[str, Any]:
    """How TVM is told what links; its own way for a library of this platform."""
    triple = str(Target(machine.target()).attrs.get("mtriple", platform.machine()))
    linker = finding_linkers()(triple) if compiler is None else which(compiler)
    if linker is None and compiler is not None:
        raise LibraryError(f"there is no compiler {compiler}: name one that links for {triple}")
    if linker is None:
        objects = path.with_suffix(OBJECTS)
        raise LibraryError(
            f"nothing here links {path} for {triple}: install {triple}-g++, name a compiler with "
            f"--cc, or write {objects} instead and link it there, with `mkdir objects && tar -C "
            f"objects -xf {objects.name} && g++ -shared -o {path.name} objects/*.o`"
        )
    return {"fcompile": cc.cross_compiler(linker)} if linker else {}


def compiled_model(
    model: Model, database: Any, machine: Machine, source: Path | None
) -> tuple[Any, About]:
    """What `compile_relax` makes of a model, and what that says of itself."""
    model, target = model.on(machine), Target(machine.target())
    about = About(
        source=model.source,
        digest=None if source is None else digest(source),
        cores=machine.cores,
        target=str(target),
        inputs=model.inputs,
        outputs=model.outputs,
        layers={
            name: _seconds(best_record(database, func, target))
            for name, func in functions_of(model.fused)
        },
        allows=allowed(model.mod),
    )
    return heron_ms.compile_relax(database, with_about(model.fused, about), target, {}), about


def _of_linker(error: Exception) -> str:
    """What went wrong; TVM puts a headline before it and the command behind."""
    lines = [line for line in str(error).splitlines() if line and "Command line: " not in line]
    return lines[1] if len(lines) > 1 else str(error)


def digest(file: Path) -> str:
    """What tells the contents of a file from those of any other."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def require_records(model: Model, database: Any, machine: Machine, place: Path) -> None:
    """Raise `NoRecordError` where a database knows nothing of a model on a machine."""
    model, target = model.on(machine), Target(machine.target())
    records = database.get_all_tuning_records()
    if not records:
        raise NoRecordError(
            f"the database in {place} has no record: tune with --trials above 0, or leave "
            "--work-dir out"
        )
    if not any(str(record.target) == str(target) for record in records):
        others = sorted({str(record.target) for record in records})
        raise NoRecordError(
            f"the database in {place} has no record for {target}; it has "
            f"{len(records)} for {' and '.join(others)}: name that with "
            f"--target and --cores, or tune for this one"
        )
    functions = [func for _, func in functions_of(model.fused)]
    if not any(records_for(database, func, target) for func in functions):
        raise NoRecordError(
            f"the database in {place} has no record of any task of {model.source}: was another "
            f"model tuned there, or this one with another --shape?"
        )


def _seconds(record: Any) -> float | None:
    seconds = None if record is None else seconds_of(record.run_secs)
    return seconds if seconds is not None and np.isfinite(seconds) else None
