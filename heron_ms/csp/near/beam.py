"""A beam search over joined tables: the cheapest partial rows of many vectors, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.join import Group
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import Floats, Rows
from heron_ms.csp.draw.partial_rows import Step
from heron_ms.csp.near.decisions import Decisions


@dataclass(frozen=True)
class Choices:
    """For each vector the cheapest rows of a group, cheapest first: both [vectors, width].

    A cost is infinite for a row that contradicts what the vector holds.
    """

    group: Group
    rows: Rows
    costs: Floats


@dataclass(frozen=True)
class Beam:
    """Partial row n belongs to vector `owner[n]` (ascending, each vector's cheapest first)."""

    owner: Rows
    costs: Floats
    picks: Mapping[int, Rows]

    def at(self, index: Rows) -> Beam:
        """Some of the partial rows."""
        picks = {table: rows[index] for table, rows in self.picks.items()}
        return Beam(self.owner[index], self.costs[index], picks)


def cheapest_rows(
    decisions: Decisions,
    groups: Sequence[Group],
    vectors: NDArray[np.int64],
    held: NDArray[np.bool_],
    width: int,
) -> list[Choices]:
    """The `width` rows of each group that are nearest to each vector, int64 [n, free variables]."""
    wanted = on_scale(vectors.astype(np.float64))
    tables: dict[int, Floats] = {}
    for index, table in enumerate(decisions.small.plan.tables):
        tables[index] = np.zeros((len(vectors), table.size))
        for name in table.names:
            if name in decisions.values:
                gene = decisions.names.index(name)
                column = on_scale(table.take(name, slice(None)))
                gap = np.abs(column - wanted[:, gene, None])
                tables[index] += np.where(held[:, gene, None] & (gap > 0), np.inf, gap)
    return [_cheapest(group, tables, width) for group in groups]


def possible(choices: Sequence[Choices], vectors: int) -> NDArray[np.bool_]:
    """Which vectors every group has a row for that agrees with what they hold: bool [vectors]."""
    good = np.ones(vectors, bool)
    for offered in choices:
        good &= np.isfinite(offered.costs[:, 0])
    return good


def _cheapest(group: Group, tables: Mapping[int, Floats], width: int) -> Choices:
    every = group.picks(np.arange(group.size))
    costs = sum((tables[t][:, rows] for t, rows in every.items()), np.zeros(()))
    if width < group.size:
        rows = np.argpartition(costs, width, axis=1)[:, :width]
    else:
        rows = np.broadcast_to(np.arange(group.size), costs.shape)
    chosen = np.take_along_axis(costs, rows, axis=1)
    order = np.argsort(chosen, axis=1, kind="stable")
    return Choices(
        group, np.take_along_axis(rows, order, axis=1), np.take_along_axis(chosen, order, axis=1)
    )


def beam_search(
    plan: Plan, steps: Sequence[Step], choices: Sequence[Choices], vectors: int, width: int
) -> Beam:
    """Solutions for each vector, cheapest first, at most `width` of them."""
    beam = Beam(np.arange(vectors), np.zeros(vectors), {})
    for step, offered in zip(steps, choices, strict=True):
        beam = _crossed(beam, offered)
        columns = step.columns.run(plan.tables, beam.picks)
        good = np.isfinite(beam.costs)
        for check in step.checks:
            good &= check.mask(columns)
        beam = _kept(beam.at(np.flatnonzero(good)), width)
    return beam


def _crossed(beam: Beam, offered: Choices) -> Beam:
    """Every partial row with every row that its vector is offered."""
    wide = offered.rows.shape[1]
    old = np.repeat(np.arange(len(beam.owner)), wide)
    rows = offered.rows[beam.owner].ravel()
    costs = (beam.costs[:, None] + offered.costs[beam.owner]).ravel()
    grown = beam.at(old)
    return Beam(grown.owner, costs, {**grown.picks, **offered.group.picks(rows)})


def _kept(beam: Beam, width: int) -> Beam:
    """The cheapest partial rows of each vector."""
    order = np.lexsort((beam.costs, beam.owner))
    owner = beam.owner[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    return beam.at(order[rank < width])


def on_scale(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms, with the sign kept: what distances are measured on."""
    return np.sign(values) * np.log2(1.0 + np.abs(values))
