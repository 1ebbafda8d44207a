"""RandSAT on the real CSP of a GEMM: rate, uniformity, offspring, memory.

    python scripts/randsat.py 1024 1024 1024
    python scripts/randsat.py 4096 4096 4096

Prints, for the first sketch of the plain (K, N) program on one core: distinct solutions a second
(as dictionaries), the largest total-variation distance of a tunable variable's marginal from the
exact uniform one (where the solutions can be counted), milliseconds for one offspring CSP of the
genetic algorithm, and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms import derive_csp, generate_sketches
from heron_ms.csp import Constraint, Problem
from heron_ms.mutators import crossover, mutate
from heron_ms.workloads import Gemm

SOLUTIONS = 50_000
OFFSPRING = 200
KEYS = 8
LARGEST_COUNT = 2_000_000


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shape", nargs=3, type=int, metavar=("M", "K", "N"))
    parser.add_argument("--mcpu", default="znver4", help="a machine of heron_ms.hardware")
    args = parser.parse_args(argv)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    problem = problem_of(Gemm(*args.shape), args.mcpu)
    rng = np.random.default_rng(0)
    print(f"{len(problem.variables)} variables, {len(problem.constraints)} constraints")
    count = timed("count", problem.count)
    print(f"solutions: {count if count is not None else 'too many to count'}")
    seconds, solutions = clock(lambda: problem.sample(SOLUTIONS, rng))
    print(f"RandSAT: {len(solutions) / seconds:,.0f} distinct solutions a second")
    print(f"offspring CSP: {1e3 * offspring_seconds(problem, rng):.2f} ms")
    if count is not None and count <= LARGEST_COUNT:
        print(f"distance of the marginals from uniform: {distance(problem, count, rng):.4f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB, of which TVM and numpy {BASE:.0f} MB")


def problem_of(gemm: Gemm, mcpu: str) -> Problem:
    """The CSP of the first sketch."""
    target = {"kind": "llvm", "mcpu": mcpu, "num-cores": 1}
    sketches = generate_sketches(gemm.prim_func(), target)
    return timed("derive", lambda: derive_csp(sketches[0], target))


def offspring_seconds(problem: Problem, rng: np.random.Generator) -> float:
    """Seconds for one offspring CSP, drawn a population at a time as the search does."""
    parents = problem.sample(32, rng)
    extras: list[list[Constraint]] = []
    for _ in range(OFFSPRING):
        first, second = rng.integers(len(parents), size=2)
        keys = rng.choice(problem.names, size=KEYS, replace=False)
        inherited = crossover(parents[first], parents[second], [str(each) for each in keys])
        extras.append(list(mutate(inherited, rng)))
    seconds, rows = clock(lambda: problem.sample_each(rng, extras))
    assert all(row is not None for row in rows)
    return seconds / OFFSPRING


def distance(problem: Problem, count: int, rng: np.random.Generator) -> float:
    """Largest total-variation distance between sampled and exact marginals of the tunables."""
    everything = problem.sample_array(count, rng)
    assert len(everything) == count
    sampled = problem.sample_array(min(SOLUTIONS, count // 2), rng)
    tunable = [p for p, each in enumerate(problem.variables) if each.role == "tunable"]
    return max(_variation(everything[:, p], sampled[:, p]) for p in tunable)


def _variation(exact: NDArray[np.int64], sampled: NDArray[np.int64]) -> float:
    values = np.unique(exact)
    shares = [
        np.array([np.count_nonzero(column == value) for value in values]) / len(column)
        for column in (exact, sampled)
    ]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def clock(work: Any) -> tuple[float, Any]:
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def timed(what: str, work: Any) -> Any:
    """The result, with the time printed."""
    seconds, result = clock(work)
    print(f"{what}: {seconds:.3f} s")
    return result


BASE = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

if __name__ == "__main__":
    main()
