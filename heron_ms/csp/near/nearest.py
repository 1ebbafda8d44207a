"""Project vectors of decisions onto the solutions: for many at once, a solution near each.

The distance is the sum over the free variables of the difference of their logarithms, so that a
tile of 2 is as far from 4 as one of 16 from 32. A beam search joins the tables: every vector keeps
its cheapest partial rows, and what breaks a check that has become decidable is dropped. The result
is the nearest solution where no partial row had to be dropped for its cost, and a near one
elsewhere. This is what decodes a chromosome whose genes are the solver's preferences (Lukasiewycz
et al., "SAT-decoding in evolutionary algorithms for discrete constrained optimization problems",
CEC 2007).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp.constraints import Eq
from heron_ms.csp.draw.extras import SetChecks
from heron_ms.csp.draw.partial_rows import Pool, plan_steps
from heron_ms.csp.draw.sampling import assemble
from heron_ms.csp.near.beam import beam_search, cheapest_rows, possible
from heron_ms.csp.near.decisions import Decisions

WIDTHS = (16, 128, 1024)
"""Partial rows that a vector keeps, pass by pass, until a solution is found."""
CELLS = 2**22
"""Costs that are held at once."""

Row = NDArray[np.int64]


def nearest_each(
    decisions: Decisions,
    vectors: NDArray[np.int64],
    held: NDArray[np.bool_],
    rng: Generator,
    widths: Sequence[int] = WIDTHS,
) -> list[Row | None]:
    """A solution near each vector, equal to it in what is held.

    `vectors` is int64 and `held` bool, both [n, len(decisions.names)]. Returns an int64
    [len(problem.names)] row for each, None only where no solution has the held values. `rng`
    matters only where the search finds nothing and the solver draws one (`Problem.sample_each`).
    """
    joined = decisions.small
    reached: dict[int, Row | None] = {}
    listed = all(joined.listed(group) for group in joined.groups) and joined.total > 0
    pending = np.arange(len(vectors))
    for width in widths if listed else ():
        for part in _parts(pending, _cells(decisions, width)):
            reached.update(_searched(decisions, vectors[part], held[part], part, width))
        pending = np.array([v for v in pending.tolist() if v not in reached], np.int64)
        if not len(pending):
            break
    reached.update(_solved(decisions, vectors, held, pending, rng))
    return [reached.get(vector) for vector in range(len(vectors))]


def _parts(pending: Row, cells: int) -> list[Row]:
    """The vectors, as many together as fit; `cells` is what one takes."""
    count = min(len(pending), 1 + len(pending) * cells // CELLS)
    return np.array_split(pending, count) if count else []


def _cells(decisions: Decisions, width: int) -> int:
    """Costs of one vector that are held at once."""
    tables = max((table.size for table in decisions.small.plan.tables), default=1)
    groups = max((group.size for group in decisions.small.groups), default=1)
    return max(tables, groups, width * min(width, groups))


def _searched(
    decisions: Decisions, vectors: Row, held: NDArray[np.bool_], part: Row, width: int
) -> dict[int, Row | None]:
    """The solutions that a beam of some width finds, by the vectors' numbers, `part`.

    None is for a vector that a single group refutes, which most are that have no solution.
    """
    joined = decisions.small
    pools = [Pool(group, np.empty(0, np.int64)) for group in joined.groups]
    steps = plan_steps(joined, pools, SetChecks())
    choices = cheapest_rows(decisions, [s.pool.group for s in steps], vectors, held, width)
    refuted = part[~possible(choices, len(part))]
    beam = beam_search(joined.plan, steps, choices, len(vectors), width)
    owners, first = np.unique(beam.owner, return_index=True)
    rows = assemble(joined.plan, beam.at(first).picks, len(first))
    return {
        **dict.fromkeys(refuted.tolist()),
        **dict(zip(part[owners].tolist(), rows, strict=True)),
    }


def _solved(
    decisions: Decisions, vectors: Row, held: NDArray[np.bool_], pending: Row, rng: Generator
) -> dict[int, Row]:
    """What the complete solver finds for the vectors that are left; only what is held counts."""
    if not len(pending):
        return {}
    sets = [
        [Eq(decisions.names[g], int(vectors[v, g])) for g in np.flatnonzero(held[v])]
        for v in pending
    ]
    rows = decisions.problem.sample_each(rng, sets)
    return {v: row for v, row in zip(pending.tolist(), rows, strict=True) if row is not None}
