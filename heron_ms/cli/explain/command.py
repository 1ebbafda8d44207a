"""``heron-ms explain``: blocks and intrinsics, sketches, and the CSP of a sketch with its rules."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.table import Table

from heron_ms._tvm import IRModule
from heron_ms.cli.arguments import inputs
from heron_ms.cli.explain.sketches import Row, rows
from heron_ms.cli.terminal.output import Output
from heron_ms.cli.terminal.patience import told
from heron_ms.cli.tune.records import program_of
from heron_ms.csp import Problem
from heron_ms.csp.picture import drawing
from heron_ms.database.files import replace_file
from heron_ms.errors import UsageError
from heron_ms.hardware import Machine, resolve
from heron_ms.space_generators.plan import plan_of
from heron_ms.workloads import Workload


def run(args: argparse.Namespace) -> int:
    """Print the search space; the exit status."""
    workload, machine = inputs.workload_of(args), resolve(args.target)
    mod = program_of(workload, machine)
    sketches = rows(mod, machine)
    shown = _chosen(args.sketch, sketches)
    picture = None if args.plot is None else _picture(args.plot, shown)
    _print_head(workload, machine, mod)
    # A line a sketch: the terminal may break it, the table may not.
    Output(width=160).print(_table(sketches))
    print()
    for row in shown:
        _print_sketch(row)
    if picture is not None:
        [row] = shown
        _draw(picture, row, f"{workload.operator} {_sizes(workload)} on {machine.name}")
    return 0


def solutions(problem: Problem) -> str:
    """How many, exact or an estimate that says so."""
    exact = problem.count()
    if exact is not None:
        return f"{exact:,}"
    estimate = problem.estimate_count(np.random.default_rng(0))
    return f"about {estimate:.2g} (estimate)"


def _chosen(number: int | None, sketches: list[Row]) -> list[Row]:
    if number is None:
        return sketches
    if number >= len(sketches):
        last = len(sketches) - 1
        raise UsageError(f"--sketch takes a number from 0 to {last}, or all; got {number}")
    return [sketches[number]]


def _picture(name: str, shown: list[Row]) -> Path:
    """Where the one sketch is drawn; raises `UsageError` for several, and for a file of no use."""
    if len(shown) > 1:
        raise UsageError("--plot draws one sketch: name it with --sketch")
    path = inputs.writable_file("--plot", name)
    if path.suffix != ".svg":
        raise UsageError(f"--plot writes SVG: name a file that ends in .svg, not {path.name}")
    return path


def _draw(path: Path, row: Row, program: str) -> None:
    title = f"{program}, sketch {row.number}: {row.chooses}"
    replace_file(path, drawing(row.constrained.problem, title).encode())
    print(f"{path}: a picture of sketch {row.number}")


def _sizes(workload: Workload) -> str:
    return " ".join(map(str, workload.case))


def _print_head(workload: Workload, machine: Machine, mod: IRModule) -> None:
    levels = ", ".join(f"{memory.name} {memory.capacity:,} bytes" for memory in machine.memories)
    sizes, dtypes = _sizes(workload), workload.dtypes
    data = f"A is {workload.layout}, " if workload.layout else ""
    print(f"{workload.operator} {sizes}: {dtypes.a} x {dtypes.b}, {data}B is {workload.weight}")
    print(f"machine {machine.name} ({machine.summary}): {levels}")
    print("\nblocks")
    for block in plan_of(mod, machine).blocks:
        print(f"  {block}")
    print()


@told("counting the solutions of each sketch")
def _table(sketches: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("sketch", "variables", "constraints", "solutions"):
        table.add_column(name, justify="right")
    table.add_column("what it chooses", no_wrap=True)
    for row in sketches:
        problem = row.constrained.problem
        sizes = (str(len(problem.variables)), str(len(problem.constraints)))
        table.add_row(str(row.number), *sizes, solutions(problem), row.chooses)
    return table


@told("looking at the constraints of a sketch")
def _print_sketch(row: Row) -> None:
    problem = row.constrained.problem
    print(f"sketch {row.number}: {row.chooses}\n{problem}")
    for note in row.constrained.notes:
        print(f"note: {note}")
    if problem.is_satisfiable():
        print(f"solutions: {solutions(problem)}\n")
        return
    print("solutions: none, because these clash:")
    for constraint in problem.conflict():
        print(f"  {constraint}  [{constraint.rule or 'domain'}]")
