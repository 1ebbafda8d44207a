"""A problem shaped like the schedule space of a matrix product, and benchmarks to run by hand."""

from __future__ import annotations

import resource
import time

import numpy as np

from heron_ms.csp import Constraint, Eq, In, Le, Problem, Prod, Select, Sum, Variable

ANY = range(0, 2**40)


def gemm_problem(m: int, n: int, k: int) -> Problem:
    """C[m, n] += A[m, k] * B[k, n] with intrinsic tiles of 1 x 16 x 4: ~45 variables."""
    variables: list[Variable] = []
    constraints: list[Constraint] = []

    def new(name: str, domain: range | tuple[int, ...] = ANY, role: str = "auxiliary") -> str:
        variables.append(Variable(name, domain, role))
        return name

    def split(axis: str, extent: int, parts: int) -> list[str]:
        loop = new(axis, range(extent, extent + 1), "loop")
        factors = [new(f"{axis}.{p}", range(1, extent + 1), "tunable") for p in range(parts)]
        constraints.append(Prod(loop, tuple(factors), rule="C1"))
        return factors

    def product(name: str, *factors: str | int) -> str:
        constraints.append(Prod(new(name), factors, rule="C2"))
        return name

    i, j, r = split("i", m, 4), split("j", n // 16, 4), split("k", k // 4, 3)
    new("unroll", tuple([0, 1, 4, 16, 64]), "tunable")
    constraints.append(In("unroll", frozenset({0, 1, 4, 16, 64}), rule="C3"))
    threads = product("threads", i[0], j[0])
    constraints.append(Le(threads, 64, rule="C6"))
    acc = product("acc", i[3], j[3])
    regs = new("regs")
    constraints.append(Sum(regs, (acc, j[3], 1), rule="C5"))
    constraints.append(Le(regs, 32, rule="C5"))
    suffix: dict[tuple[str, int], str] = {}
    for axis, factors in (("i", i), ("j", j)):
        for level in (2, 1):
            inner = suffix.get((axis, level + 1), factors[3])
            suffix[axis, level] = product(f"{axis}.inner.{level}", factors[level], inner)
        suffix[axis, 3] = factors[3]
    suffix["k", 1] = product("k.inner.1", r[1], r[2])
    suffix["k", 2] = r[2]
    extents: dict[tuple[str, str], str] = {}
    for buffer, axes in (("A", "ik"), ("B", "jk"), ("C", "ij")):
        at = new(f"{buffer}.location", (0, 1, 2), "tunable")
        for axis in axes:
            extents[buffer, axis] = new(f"{buffer}.{axis}.extent")
            choices = (
                (suffix["k", 1], suffix["k", 1], suffix["k", 2])
                if axis == "k"
                else tuple(suffix[axis, level] for level in (1, 2, 3))
            )
            constraints.append(Select(extents[buffer, axis], at, choices, rule="C4"))
    new("elements", range(1, 5), "architectural")
    constraints.append(Eq("elements", 1, rule="C6"))
    a = product("A.bytes", extents["A", "i"], extents["A", "k"], 4, "elements")
    b = product("B.bytes", extents["B", "j"], extents["B", "k"], 64, "elements")
    c = product("C.bytes", extents["C", "i"], extents["C", "j"], 16, 4)
    for cache, capacity, terms in (("L1", 32768, (a, b)), ("L2", 2**20, (a, b, c))):
        total = new(f"{cache}.bytes")
        constraints.append(Sum(total, terms, rule="C5"))
        constraints.append(Le(total, capacity, rule="C5"))
    product("work", "i", "j", "k")
    product("outer", i[0], j[0], r[0])
    product("vector.length", j[3], 16)
    product("kernel", acc, r[2])
    constraints.append(Le("A.location", "B.location", rule="C4"))
    return Problem(variables, constraints)


def offspring(problem: Problem, count: int, rng: np.random.Generator) -> list[list[Constraint]]:
    """Extra constraints as the genetic algorithm makes them: 5-15 key variables, two parents."""
    parents = problem.sample_array(64, rng)
    varying = [p for p in range(len(problem.names)) if len(np.unique(parents[:, p])) > 1]
    sets: list[list[Constraint]] = []
    for _ in range(count):
        one, two = parents[rng.choice(len(parents), 2, replace=False)]
        keys = rng.choice(varying, min(len(varying), int(rng.integers(5, 16))), replace=False)
        sets.append([In(problem.names[p], frozenset({int(one[p]), int(two[p])})) for p in keys[1:]])
    return sets


def benchmark(m: int, n: int, k: int) -> None:
    """Print what the package costs on one problem."""
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    problem = gemm_problem(m, n, k)
    problem.is_satisfiable()
    print(
        f"GEMM {m}x{n}x{k}: {len(problem.variables)} variables, "
        f"{len(problem.constraints)} constraints"
    )
    print(f"  compile and join   {time.perf_counter() - start:.3f} s, count {problem.count()}")
    for size in (200, 1200, 50000):
        start = time.perf_counter()
        got = len(problem.sample(size, rng))
        spent = time.perf_counter() - start
        print(f"  sample({size:5})      {got / spent:10,.0f} /s   {spent * 1e3:.1f} ms")
    sets = offspring(problem, 200, rng)
    for _ in range(3):
        start = time.perf_counter()
        rows = problem.sample_each(rng, sets)
        spent = time.perf_counter() - start
        print(
            f"  sample_each(200)   {spent * 1e3 / len(sets):.3f} ms each, "
            f"{sum(r is None for r in rows)} unsatisfiable"
        )
    start = time.perf_counter()
    problem.sample(1200, rng, *sets[0][:4])
    print(f"  sample with extras {time.perf_counter() - start:.3f} s")
    start = time.perf_counter()
    problem.complete({v.name: 1 for v in problem.variables if v.role == "tunable"})
    print(f"  complete           {(time.perf_counter() - start) * 1e3:.2f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak RSS           {peak:.0f} MB")


if __name__ == "__main__":
    for shape in ((1024, 1024, 1024), (4096, 4096, 4096)):
        benchmark(*shape)
