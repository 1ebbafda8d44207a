"""RandSAT on the real CSP of a GEMM: rate, uniformity, offspring, memory.

    python -m scripts.bench randsat 1024 1024 1024
    python -m scripts.bench randsat 1024 1024 1024 --target tensorcore:a100

For the first sketch of the plain (K, N) program, of the types that the machine multiplies unless
told otherwise, on one core: variables and constraints, distinct solutions a second (as
dictionaries), the largest total-variation distance of a tunable variable's marginal from the
exact uniform one (where the solutions can be counted), milliseconds for one offspring CSP of the
genetic algorithm, and the peak memory of the process.
"""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from heron_ms import derive_csp, generate_sketches
from heron_ms._tvm import Target
from heron_ms.csp import TUNABLE, Constraint, Problem
from heron_ms.hardware import resolve
from heron_ms.mutators import crossover, mutate
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.options import at_least
from scripts.bench.harness.report import Report

Result = TypeVar("Result")

SOLUTIONS = 50_000
SIZES = ("M", "K", "N")
OFFSPRING = 200
KEYS = 8
LARGEST_COUNT = 2_000_000


def options(parser: ArgumentParser) -> None:
    """Which GEMM, on which machine."""
    for size in SIZES:
        parser.add_argument(size, type=at_least(1))
    parser.add_argument("--target", default="znver4", metavar="T",
                        help="a machine that need not be here (default znver4)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Measures, a line for each question."""
    rng, shape = np.random.default_rng(0), tuple(vars(arguments)[size] for size in SIZES)
    machine = resolve(arguments.target).with_cores(1)
    target = Target(machine.target())
    program = OPERATORS["gemm"].of(shape, machine.dtype).prim_func()
    sketch = generate_sketches(program, target)[0]
    derived_in, problem = clock(lambda: derive_csp(sketch, target))
    counted_in, count = clock(problem.count)
    sampled_in, solutions = clock(lambda: problem.sample(SOLUTIONS, rng))
    rows = [
        ("sizes", " x ".join(map(str, shape))),
        ("variables", len(problem.variables)),
        ("constraints", len(problem.constraints)),
        ("derive, s", f"{derived_in:.3f}"),
        ("count, s", f"{counted_in:.3f}"),
        ("solutions", "too many to count" if count is None else count),
        ("distinct solutions a second", f"{len(solutions) / sampled_in:,.0f}"),
        ("an offspring CSP, ms", f"{1e3 * offspring_seconds(problem, rng):.2f}"),
    ]
    if count is not None and count <= LARGEST_COUNT:
        away = f"{distance(problem, count, rng):.4f}"
        rows.append(("distance of the marginals from uniform", away))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows += [("peak memory, MB", f"{peak:.0f}"), ("TVM and numpy alone, MB", f"{BASE:.0f}")]
    return Report.joined({"gemm": Report.of_table(("GEMM", "RandSAT"), rows)})


def offspring_seconds(problem: Problem, rng: np.random.Generator) -> float:
    """Seconds for one offspring CSP, drawn a population at a time as the search does."""
    parents = problem.sample(32, rng)
    extras: list[list[Constraint]] = []
    for _ in range(OFFSPRING):
        first, second = rng.integers(len(parents), size=2)
        keys = rng.choice(problem.names, size=KEYS, replace=False)
        inherited = crossover(parents[first], parents[second], [str(key) for key in keys])
        extras.append(list(mutate(inherited, rng)))
    seconds, rows = clock(lambda: problem.sample_each(rng, extras))
    assert all(row is not None for row in rows)
    return seconds / OFFSPRING


def distance(problem: Problem, count: int, rng: np.random.Generator) -> float:
    """Largest total-variation distance between sampled and exact marginals of the tunables."""
    everything = problem.sample_array(count, rng)
    assert len(everything) == count
    sampled = problem.sample_array(min(SOLUTIONS, count // 2), rng)
    tunable = [p for p, variable in enumerate(problem.variables) if variable.role == TUNABLE]
    return max(_variation(everything[:, p], sampled[:, p]) for p in tunable)


def _variation(exact: NDArray[np.int64], sampled: NDArray[np.int64]) -> float:
    values = np.unique(exact)
    shares = [
        np.array([np.count_nonzero(column == value) for value in values]) / len(column)
        for column in (exact, sampled)
    ]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def clock(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


BASE = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
