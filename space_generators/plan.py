"""What the rules make of a program: the sketches, and for every block what becomes of it.

A block that maps to an intrinsic is tensorized, and one that slides a window is tiled for that, as
long as the rest of the program admits it; one sketch for every choice (`choices`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, SBlockRealize, Schedule, outermost
from heron_ms.errors import DynamicShapeError, is_ctrl_c, last_line
from heron_ms.hardware import Machine
from heron_ms.intrinsics import listed
from heron_ms.layout_free import is_layout_free
from heron_ms.small_bytes import small_buffers
from heron_ms.space_generators.choices import AHEAD, Choices, Place, choices, why_none
from heron_ms.space_generators.platforms import Platform, platform_of
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import is_made_for
from heron_ms.space_generators.rules.window import window_places
from heron_ms.space_generators.windows import Window, read_window
from heron_ms.tensorize import Mapping, NoMatch, Reason, match_block

logger = logging.getLogger(__name__)

Tiled = Mapping | Window
"""What a block is tiled as."""

Blocks = tuple[tuple[Mapping, Choices] | tuple[Window, Place], ...]
"""What a sketch tiles, each with the choice."""

Selection = Callable[[Sequence[Blocks]], Sequence[Blocks]]
"""Which of the sketches of the same blocks are made; each takes some hundredths of a second."""


def tensorized(blocks: Blocks) -> tuple[tuple[Mapping, Choices], ...]:
    """Those that get an intrinsic."""
    pairs: Any = [pair for pair in blocks if isinstance(pair[0], Mapping)]
    return tuple(pairs)


@dataclass(frozen=True)
class Chosen:
    """A sketch, and for every block that it tiles what as, and the choice."""

    blocks: Blocks
    schedule: Schedule

    @property
    def tensorized(self) -> tuple[tuple[Mapping, Choices], ...]:
        """The blocks that get an intrinsic, each with its choice."""
        return tensorized(self.blocks)


@dataclass(frozen=True)
class Plan:
    """What becomes of a program.

    sketches: none where no block is tiled. blocks: for each block of the program the mapping by
    which it is tensorized, the window that it slides, or the reason why it is left as it is.
    """

    sketches: tuple[Chosen, ...]
    blocks: tuple[Tiled | NoMatch, ...]


def matches(mod: IRModule, machine: Machine) -> list[Mapping | NoMatch]:
    """For every block of the program, the intrinsic it maps to or the reason why not."""
    intrinsics, small = listed(machine), small_buffers(mod)
    return [match_block(block, intrinsics, small) for block in _blocks(mod)]


def tilings(mod: IRModule, machine: Machine) -> list[Tiled | NoMatch]:
    """For every block what it would be tiled as: a window where it slides one, else `matches`."""
    outcomes: list[Tiled | NoMatch] = list(matches(mod, machine))
    if platform_of(machine).window is None:
        return outcomes
    windows = map(read_window, _blocks(mod))
    return [window or other for window, other in zip(windows, outcomes, strict=True)]


def plan_of(mod: IRModule, machine: Machine, selection: Selection = list) -> Plan:
    """The sketches of a program for a machine, all or a selection, and what becomes of its blocks.

    Raises `DynamicShapeError` for a block whose extents are not constant.
    """
    outcomes = tilings(mod, machine)
    for outcome in outcomes:
        _refuse_dynamic(outcome)
    rules = _Rules(mod, machine, platform_of(machine), selection)
    sketches, refused = rules.admitted(
        [outcome for outcome in outcomes if not isinstance(outcome, NoMatch)]
    )
    blocks = [refused.get(outcome.block, outcome) for outcome in outcomes]
    return Plan(tuple(sketches), tuple(blocks))


def _blocks(mod: IRModule) -> list[Any]:
    """The outermost blocks below the root of each function, which has any name or is missing."""
    bodies = [func.body for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    inner = [body.block.body if isinstance(body, SBlockRealize) else body for body in bodies]
    return [block for body in inner for block in outermost(body, SBlockRealize)]


def _refuse_dynamic(outcome: Tiled | NoMatch) -> None:
    if isinstance(outcome, NoMatch) and outcome.reason is Reason.DYNAMIC:
        raise DynamicShapeError(f"{outcome}: heron_ms tunes static shapes, bind the variable first")


@dataclass(frozen=True)
class _Rules:
    """The rules S1 to S3 on a program for a machine."""

    mod: IRModule
    machine: Machine
    platform: Platform
    selection: Selection

    def admitted(self, mapped: list[Tiled]) -> tuple[list[Chosen], dict[str, NoMatch]]:
        """The sketches of as many blocks as the program admits, and why not of the others."""
        sketches, reason = self._sketches(mapped)
        if sketches or len(mapped) < 2:
            return sketches, {} if sketches else _refused(mapped, {}, reason)
        alone = {mapping.block: self._sketches([mapping]) for mapping in mapped}
        able = [mapping for mapping in mapped if alone[mapping.block][0]]
        sketches = self._sketches(able)[0] if len(able) < len(mapped) else []
        taken = able if sketches else able[:1]
        if not sketches and able:
            sketches = alone[able[0].block][0]
        left = [mapping for mapping in mapped if mapping not in taken]
        return sketches, _refused(left, {block: why for block, (_, why) in alone.items()}, reason)

    def _sketches(self, mapped: list[Tiled]) -> tuple[list[Chosen], str]:
        """The sketches that tile all of some blocks, and why there is not another one."""
        made = [self._sketch(blocks) for blocks in self.selection(self._together(mapped))]
        reasons = [reason for reason in made if isinstance(reason, str)]
        sketches = [sketch for sketch in made if isinstance(sketch, Chosen)]
        return sketches, next(iter(reasons), "" if sketches else self._why_none(mapped))

    def _why_none(self, mapped: list[Tiled]) -> str:
        """Why some blocks have no choice together, of the first that has none."""
        matched = [tiled for tiled in mapped if isinstance(tiled, Mapping)]
        stuck = [mapping for mapping in matched if not self._options(mapped, mapping)]
        return next((why_none(mapping, self.machine) for mapping in stuck), "")

    def _together(self, mapped: list[Tiled]) -> list[Blocks]:
        """A choice for every block; side by side, as all combinations would be too many."""
        options = [self._options(mapped, tiled) for tiled in mapped]
        longest = max(map(len, options), default=0)
        if not all(options):
            return []
        return [tuple(ours[at % len(ours)] for ours in options) for at in range(longest)]

    def _options(self, mapped: Sequence[Tiled], tiled: Tiled) -> list[Any]:
        """A block with each of its choices."""
        if isinstance(tiled, Window):
            return [(tiled, place) for place in self._places(mapped, tiled)]
        own, others = (
            [(mapping, choice) for mapping in some for choice in self._choices(mapped, mapping)]
            for some in ([tiled], self._others(tiled))
        )
        # To pack a weight in the program, for what needs it padded, costs more than is gained.
        return others if _is_ahead(others) and not _is_ahead(own) else own + others

    def _others(self, mapping: Mapping) -> list[Mapping]:
        """What a block maps to without the registers of its own that an intrinsic accumulates in.

        Which one is faster depends on the shape, in rows that it pads and bytes that come in.
        """
        if not mapping.intrinsic.accumulators:
            return []
        plain = [each for each in listed(self.machine) if not each.accumulators]
        sch = Schedule(self.mod)
        block = sch.get(sch.get_sblock(mapping.block))
        other = match_block(block, plain, small_buffers(self.mod))
        return [] if isinstance(other, NoMatch) else [other]

    def _places(self, mapped: Sequence[Tiled], window: Window) -> list[Place]:
        sch = Schedule(self.mod)
        others = {other.block for other in mapped}
        block = sch.get_sblock(window.block)
        produced = is_made_for(sch, block, window.data, others)
        return window_places(sch, window, is_produced=produced)

    def _choices(self, mapped: Sequence[Tiled], mapping: Mapping) -> list[Choices]:
        sch = Schedule(self.mod)
        einsum = mapping.einsum
        others = {other.block for other in mapped}
        block = sch.get_sblock(mapping.block)
        constant = _is_constant(self.mod, mapped, einsum.b.buffer)
        produced = is_made_for(sch, block, einsum.a.region, others)
        return list(choices(mapping, self.machine, a_is_produced=produced, b_is_constant=constant))

    def _sketch(self, blocks: Blocks) -> Chosen | str:
        """The schedule of some choices, or why the rest of the program does not admit them."""
        sch = Schedule(self.mod)
        try:
            for tiled, choice in blocks:
                self._apply(sch, tiled, choice)
            for rest_rule in self.platform.rest:
                rest_rule(sch, self.machine)
        except Exception as error:  # whatever TVM's primitives or our rules object to
            if is_ctrl_c(error):
                raise
            names = ", ".join(tiled.block for tiled, _ in blocks)
            logger.info("a sketch of %s is not admitted: %s", names, last_line(error))
            return last_line(error)
        return Chosen(blocks, sch)

    def _apply(self, sch: Schedule, tiled: Tiled, choice: Any) -> None:
        """The rules for one block."""
        if isinstance(tiled, Window):
            assert self.platform.window is not None, "a window without a rule for it"
            self.platform.window(sch, self.machine, tiled, choice)
            return
        sketching = Sketching(sch, self.machine, tiled, choice)
        for rule in self.platform.blocks:
            rule(sketching)


def _is_ahead(options: Sequence[tuple[Mapping, Choices]]) -> bool:
    return any(choice.b is AHEAD for _, choice in options)


def _is_constant(mod: IRModule, mapped: Sequence[Tiled], buffer: Any) -> bool:
    # Packed ahead, an argument has one layout; several readers may want several.
    mappings = [tiled for tiled in mapped if isinstance(tiled, Mapping)]
    readers = sum(mapping.einsum.b.buffer.same_as(buffer) for mapping in mappings)
    return readers == 1 and is_layout_free(mod, buffer)


def _refused(tiled: Sequence[Tiled], reasons: dict[str, str], otherwise: str) -> dict[str, NoMatch]:
    """Why blocks that could be tiled are left as they are."""
    return {
        refused.block: NoMatch(
            refused.block,
            Reason.REST,
            f"it {_what(refused)}, but: {reasons.get(refused.block) or otherwise}",
        )
        for refused in tiled
    }


def _what(tiled: Tiled) -> str:
    return "slides a window" if isinstance(tiled, Window) else f"maps to {tiled.intrinsic.name}"
