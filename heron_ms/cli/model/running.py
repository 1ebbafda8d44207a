"""``heron-ms run``: what a compiled model takes, where that goes, and whether it is right."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from rich.table import Table

from heron_ms.cli.arguments import inputs
from heron_ms.cli.model.loading import imported
from heron_ms.cli.model.tables import columns, milliseconds, output, shortened
from heron_ms.cli.model.verdict import checked
from heron_ms.cli.terminal.patience import working
from heron_ms.errors import LibraryError, ModelShapeError, UsageError
from heron_ms.measure.cpu.pool import run_with_threads
from heron_ms.models.inputs import plain_inputs
from heron_ms.models.library import Library, open_library
from heron_ms.models.model import Model
from heron_ms.models.timing import Layer, latency, profile

FAILED = 1


def run(args: argparse.Namespace) -> int:
    """Time a library and, if asked, check it; the exit status."""
    cores = inputs.available(args.cores)
    library = open_library(Path(args.library))
    _require_shapes(library, args.shape)
    source = None if args.check is None else Path(args.check)
    model = None if source is None else _model(library, source)
    verdict = None
    if model is not None and source is not None:
        verdict = checked(library, model, source, args.tolerance, args.seed, cores)
    arrays = plain_inputs(library.about.inputs, np.random.default_rng(args.seed))
    with working(f"running {library.path.name}"):
        times = run_with_threads(cores, lambda: latency(library, arrays, args.repeat))
        shares = run_with_threads(cores, lambda: profile(library, arrays))
    typical = median(times)
    output().print(_table(library, shares, typical))
    print(
        f"{library.about.source}: median {typical * 1e3:.4f} ms of {len(times)} calls on "
        f"{cores} cores (fastest {min(times) * 1e3:.4f} ms)"
    )
    if verdict is None:
        return 0
    print(verdict.words)
    return 0 if verdict.passed else FAILED


def _model(library: Library, source: Path) -> Model:
    """The model to compare with, in the shapes of the library. Raises `LibraryError`."""
    about = library.about
    try:
        shapes = {given.name: given.shape for given in about.inputs}
        return imported(source, shapes, about.allows)
    except ModelShapeError as error:
        raise LibraryError(
            f"{library.path} was compiled of {about.source}, and {source} is another model: {error}"
        ) from error


def _require_shapes(library: Library, shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise `UsageError` for shapes that a library was not compiled for: they are fixed in it."""
    known = {given.name: given.shape for given in library.about.inputs}
    for name, shape in shapes.items():
        if known.get(name) != shape:
            listed = ", ".join(
                f"{name}={'x'.join(map(str, sizes))}" for name, sizes in known.items()
            )
            raise UsageError(
                f"--shape {name}={'x'.join(map(str, shape))} is not what {library.path} was "
                f"compiled for, which is {listed}: compile it again"
            )


def _table(library: Library, layers: Sequence[Layer], typical: float) -> Table:
    """The layers' shares of a call; the clock between them slows what it is in, not the call."""
    table = columns("layer", calls="right", ms="right", share="right", ms_when_tuned="right")
    inside = sum(layer.seconds for layer in layers)
    whole = max(typical, inside)
    for layer in layers:
        alone = library.about.layers.get(layer.name)
        table.add_row(
            shortened(layer.name),
            str(layer.calls),
            milliseconds(layer.seconds),
            f"{layer.seconds / whole:.1%}",
            milliseconds(None if alone is None else alone * layer.calls),
        )
    between = whole - inside
    table.add_row("between layers", "", milliseconds(between), f"{between / whole:.1%}", "")
    return table
