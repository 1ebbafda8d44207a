"""``heron-ms dataflow``: read the files, search, print a table, write JSON and a picture."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from heron_ms.cli.arguments.inputs import writable_file
from heron_ms.cli.dataflow import tables as output
from heron_ms.cli.terminal.output import write_to
from heron_ms.cli.terminal.patience import told
from heron_ms.errors import ModelError, UsageError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.presets import known_accelerators, preset
from heron_ms.interstellar.nest.layer import Layer
from heron_ms.interstellar.optimise.blocking import Best, best_blocking
from heron_ms.interstellar.optimise.dataflows import explore
from heron_ms.interstellar.optimise.sweep import Sweep, sweep_memories, sweep_of
from heron_ms.interstellar.published.formats import layer_of, machine_of, read_json
from heron_ms.interstellar.published.hints import Hints, hints_of


def run(args: argparse.Namespace) -> int:
    """The command of a mode; the exit status."""
    target = None if args.json is None else writable_file("--json", args.json)
    picture = None if args.plot is None else writable_file("--plot", args.plot)
    if picture is not None:
        _need_matplotlib()
    with told("looking for the best blocking"):
        result = {"basic": _basic, "memory": _memory, "explore": _explore}[args.mode](args, picture)
    if target is not None:
        write_to("--json", target, json.dumps(result, indent=2) + "\n")
    return 0


def _basic(args: argparse.Namespace, picture: Path | None) -> dict[str, Any]:
    machine, layer = _machine(args.arch), _layer(args.layer)
    best = _best(layer, machine, _hints(args.schedule))
    output.print_best(best)
    if picture is not None:
        from heron_ms.interstellar.optimise.plot import draw_levels

        draw_levels({best.cost.label: best.cost}, picture)
    return output.best_data(best)


def _memory(args: argparse.Namespace, picture: Path | None) -> dict[str, Any]:
    machine, layer = _machine(args.arch), _layer(args.layer)
    points = sweep_memories(layer, machine, _sweep(args.arch), _hints(args.schedule))
    output.print_sweep(points)
    if picture is not None:
        from heron_ms.interstellar.optimise.plot import draw_sweep

        draw_sweep(points, picture)
    return output.sweep_data(points)


def _explore(args: argparse.Namespace, picture: Path | None) -> dict[str, Any]:
    machine, layer = _machine(args.arch), _layer(args.layer)
    if args.utilization is not None:
        machine = replace(machine, utilization=args.utilization)
    dataflows = explore(layer, machine)
    output.print_dataflows(dataflows)
    if picture is not None:
        from heron_ms.interstellar.optimise.plot import draw_levels

        draw_levels({dataflow.label: dataflow.best.cost for dataflow in dataflows}, picture)
    return output.dataflows_data(dataflows)


def _best(layer: Layer, machine: Accelerator, hints: Hints | None) -> Best:
    """Under what is fixed; where nothing is, of the best dataflow."""
    if hints is None and machine.arrays:
        return explore(layer, machine)[0].best
    best = best_blocking(layer, machine, hints)
    assert best is not None  # there is no bound, so nothing but an error is in its place
    return best


def _machine(text: str) -> Accelerator:
    if text in known_accelerators():
        return preset(text)
    path = Path(text)
    if not path.is_file():
        known = ", ".join(known_accelerators())
        raise ModelError(f"ARCH {text!r} is no file and no known machine: {known}")
    return machine_of(read_json(path), path.stem)


def _sweep(text: str) -> Sweep:
    if text in known_accelerators():
        raise ModelError(
            f"machine {text} has no explore_points: give ARCH as a JSON file with them"
        )
    return sweep_of(read_json(Path(text)))


def _layer(text: str) -> Layer:
    return layer_of(read_json(Path(text)))


def _hints(text: str | None) -> Hints | None:
    return None if text is None else hints_of(read_json(Path(text)))


def _need_matplotlib() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise UsageError("--plot needs matplotlib: pip install 'heron-ms[plot]'")
