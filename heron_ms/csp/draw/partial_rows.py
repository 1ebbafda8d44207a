"""Candidates for many sets of extra constraints, grown group by group like a join.

A candidate belongs to one set and has a row of each group joined so far. A step gives every
candidate all the rows of one more group that its set allows, or a random choice of them where a
set would have more than a limit, and drops what breaks a check that has become decidable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp.compile.columns import Program, program
from heron_ms.csp.compile.join import Group, Joined
from heron_ms.csp.compile.narrow import rules_on, survivors
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import Rows
from heron_ms.csp.constraints import Constraint
from heron_ms.csp.draw.extras import SetChecks


@dataclass(frozen=True)
class Pool:
    """The rows of one group that each set may use.

    `counts` is int64 [sets]; the rows of set s are `rows[starts[s] : starts[s] + counts[s]]`, or
    all rows of the group where `rows` is None.
    """

    group: Group
    counts: NDArray[np.int64]
    rows: Rows | None = None
    starts: NDArray[np.int64] | None = None

    def at(self, owner: NDArray[np.int64], rank: Rows) -> dict[int, Rows]:
        """The table rows at places `rank` of the rows of sets `owner`; both [n]."""
        if self.rows is None or self.starts is None:
            return self.group.picks(rank)
        return self.group.picks(self.rows[self.starts[owner] + rank])


@dataclass(frozen=True)
class Step:
    """One more group to join, and what can be checked then."""

    pool: Pool
    checks: tuple[Constraint, ...]
    extra: SetChecks
    columns: Program


@dataclass(frozen=True)
class Candidates:
    """Candidate n belongs to set `owner[n]` (ascending) and has row `picks[t][n]` of table t."""

    owner: NDArray[np.int64]
    picks: Mapping[int, Rows]

    def at(self, index: Rows) -> dict[int, Rows]:
        """The table rows of some candidates."""
        return {table: rows[index] for table, rows in self.picks.items()}


def pool(joined: Joined, group: Group, sets: int, local: SetChecks | None) -> Pool:
    """The rows of a group that the constraints which it alone decides leave to each set."""
    if local is None:
        return Pool(group, np.full(sets, group.size))
    plan = joined.plan
    every = group.picks(np.arange(group.size))
    mask = local.grid(program(plan, local.names()).run(plan.tables, every), sets, group.size)
    counts = mask.sum(axis=1)
    return Pool(group, counts, np.flatnonzero(mask) % group.size, np.cumsum(counts) - counts)


def plan_steps(joined: Joined, pools: Sequence[Pool], across: SetChecks) -> list[Step]:
    """An order in which to join the groups such that checks become decidable early."""
    plan = joined.plan
    needs = {check: plan.needs(check) for check in joined.open}
    wants = [*needs.values(), *across.supports(plan.support)]
    left, done, steps = list(pools), frozenset[int](), list[Step]()
    while left:
        scores = [_score(p.group, done, wants) for p in left]
        chosen = left.pop(scores.index(max(scores)))
        before, done = done, done | frozenset(chosen.group.tables)
        checks = tuple(c for c, n in needs.items() if n <= done and not (steps and n <= before))
        extra = across.decided(plan.support, done, before if steps else None)
        names = [*extra.names(), *(v for c in checks for v in c.variables())]
        steps.append(Step(chosen, checks, extra, program(plan, names)))
    return steps


def _score(group: Group, done: frozenset[int], wants: Sequence[frozenset[int]]) -> float:
    """How close joining this group brings the checks that mention it to being decidable."""
    tables = frozenset(group.tables)
    return sum(8.0 ** -len(want - done - tables) for want in wants if want & tables)


def grown(
    plan: Plan,
    steps: Sequence[Step],
    sets: NDArray[np.int64],
    limit: int,
    rng: Generator,
    across: SetChecks | None = None,
) -> tuple[Candidates, NDArray[np.bool_]]:
    """Solutions for each of `sets`, and for every set whether these are all it has.

    Where `across` is given, intervals prune the partial rows, which takes time but finds more.
    The second result, bool [largest set + 1], is False where rows were left out at random.
    """
    complete = np.ones(int(sets.max()) + 1, bool)
    candidates = Candidates(sets, {})
    for step in steps:
        candidates = _extended(candidates, step.pool, limit, complete, rng)
        columns = step.columns.run(plan.tables, candidates.picks)
        good = step.extra.mask(columns, candidates.owner)
        for check in step.checks:
            good &= check.mask(columns)
        index = np.flatnonzero(good)
        candidates = Candidates(candidates.owner[index], candidates.at(index))
        if across is not None and len(index) and step is not steps[-1]:
            candidates = _pruned(plan, candidates, across)
    return candidates, complete


def _pruned(plan: Plan, old: Candidates, across: SetChecks) -> Candidates:
    """Drop the candidates that intervals, with their sets' own, show to lead nowhere."""
    names = [n for t in old.picks for n in plan.tables[t].names]
    columns = program(plan, names).run(plan.tables, old.picks)
    points = {n: columns[n] for n in names}
    ranges = {n: r for n, r in across.ranges(plan.intervals, old.owner).items() if n not in points}
    rules = rules_on(plan, frozenset(old.picks))
    alive, _ = survivors(plan.intervals, rules, points, ranges)
    index = np.flatnonzero(alive)
    return Candidates(old.owner[index], old.at(index))


def _extended(
    old: Candidates, pool: Pool, limit: int, complete: NDArray[np.bool_], rng: Generator
) -> Candidates:
    """Cross each set's candidates with its rows of one more group, at most `limit` a set."""
    sets = len(complete)
    counts = pool.counts[:sets]
    parents = np.bincount(old.owner, minlength=sets)
    children = parents * counts
    over = children > limit
    complete &= ~over
    sizes = np.minimum(children, limit)
    owner = np.repeat(np.arange(sets), sizes)
    child = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    drawn = np.flatnonzero(over[owner])
    child[drawn] = (rng.random(len(drawn)) * children[owner[drawn]]).astype(np.int64)
    place, rank = np.divmod(child, counts[owner])
    parent = (np.cumsum(parents) - parents)[owner] + place
    return Candidates(owner, {**old.at(parent), **pool.at(owner, rank)})
