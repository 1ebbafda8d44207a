"""Programs written by hand: what they compute, and each fault that a program can make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.instructions import Alu, Compute, Instruction, Module, Opcode, Transfer
from heron_ms.measure.vta.simulator import Simulator
from heron_ms.measure.vta.uops import pack

UOP, WGT, INP, ACC, OUT = range(5)
ROWS = 4
UOPS_AT, INP_AT, WGT_AT, ACC_AT, OUT_AT, SIZE = 0, 4096, 8192, 12288, 16384, 20480


@pytest.fixture
def pynq() -> Vta:
    return only(Vta, machine("pynq"), "VTA")


class Hand:
    """``ROWS`` x 16 times 16 x 16, the instructions one by one so that a test can spoil one."""

    def __init__(self, pynq: Vta, rng: np.random.Generator) -> None:
        self.pynq = pynq
        self.inp = rng.integers(-128, 128, (ROWS, 16), np.int8)
        self.wgt = rng.integers(-128, 128, (16, 16), np.int8)
        self.uop = Transfer(Opcode.LOAD, memory=UOP, x=1, y=1, stride=1)
        self.load_inp = Transfer(
            Opcode.LOAD, memory=INP, dram=INP_AT // 16, y=1, x=ROWS, stride=ROWS
        )
        self.load_wgt = Transfer(
            Opcode.LOAD, push_next=1, memory=WGT, dram=WGT_AT // 256, y=1, x=1, stride=1
        )
        loops = {"uop_end": 1, "iter_out": 1, "iter_in": ROWS, "dst_in": 1}
        self.reset = Compute(Opcode.GEMM, reset=1, **loops)
        self.gemm = Compute(Opcode.GEMM, pop_prev=1, **loops, src_in=1)
        self.clip = Compute(
            Opcode.ALU, push_next=1, **loops, src_in=1, alu=Alu.MIN, use_imm=1, imm=127
        )
        self.store = Transfer(
            Opcode.STORE,
            pop_prev=1,
            push_prev=1,
            memory=OUT,
            dram=OUT_AT // 16,
            y=1,
            x=ROWS,
            stride=ROWS,
        )
        self.finish = Compute(Opcode.FINISH, pop_next=1)

    @property
    def program(self) -> list[Instruction]:
        load = [self.uop, self.load_inp, self.load_wgt]
        return [*load, self.reset, self.gemm, self.clip, self.store, self.finish]

    def run(
        self, program: Sequence[Instruction] | None = None, order: Any = tuple(Module)
    ) -> tuple[Simulator, NDArray[np.int8]]:
        dram = np.zeros(SIZE, np.uint8)
        dram[UOPS_AT : UOPS_AT + 4] = pack([np.zeros(1, np.int64)] * 3, self.pynq).view(np.uint8)
        dram[INP_AT:][: self.inp.size] = self.inp.reshape(-1).view(np.uint8)
        dram[WGT_AT:][: self.wgt.size] = self.wgt.reshape(-1).view(np.uint8)
        simulator = Simulator(self.pynq, dram)
        simulator.run(self.program if program is None else program, order)
        return simulator, dram[OUT_AT:][: ROWS * 16].view(np.int8).reshape(ROWS, 16)


@pytest.fixture
def hand(pynq: Vta, rng: np.random.Generator) -> Hand:
    return Hand(pynq, rng)


@pytest.mark.parametrize("order", list(permutations(Module)))
def test_a_product(hand: Hand, order: tuple[Module, ...]) -> None:
    simulator, out = hand.run(order=order)
    product = hand.inp.astype(np.int32) @ hand.wgt.astype(np.int32).T
    assert (out == np.minimum(product, 127).astype(np.int8)).all()
    assert simulator.counts == {
        "uop bytes": 4,
        "inp bytes": ROWS * 16,
        "wgt bytes": 256,
        "gemm": ROWS,
        "alu": ROWS,
        "out bytes": ROWS * 16,
        "tokens": 1,
    }


@pytest.mark.parametrize(
    "alu, immediate, right",
    [
        (Alu.MIN, -3, np.minimum),
        (Alu.MAX, 5, np.maximum),
        (Alu.ADD, -700, np.add),
        (Alu.SHR, 4, np.right_shift),
        (Alu.MUL, 3, np.multiply),
    ],
)
def test_the_alu_and_stores_that_wrap(
    hand: Hand, alu: Alu, immediate: int, right: Callable[[Any, int], Any]
) -> None:
    hand.clip.alu, hand.clip.imm = alu, immediate
    _, out = hand.run()
    product = hand.inp.astype(np.int32) @ hand.wgt.astype(np.int32).T
    assert (out == right(product, immediate).astype(np.int8)).all()


def test_the_alu_on_two_accumulators(hand: Hand) -> None:
    hand.clip.alu, hand.clip.use_imm = Alu.ADD, 0
    _, out = hand.run()
    product = hand.inp.astype(np.int32) @ hand.wgt.astype(np.int32).T
    assert (out == (2 * product).astype(np.int8)).all()


def test_padding_is_zero(hand: Hand) -> None:
    hand.load_inp.x, hand.load_inp.x_pad_0, hand.load_inp.x_pad_1 = ROWS - 2, 1, 1
    _, out = hand.run()
    padded = np.pad(hand.inp[: ROWS - 2], ((1, 1), (0, 0))).astype(np.int32)
    product = padded @ hand.wgt.astype(np.int32).T
    assert (out == np.minimum(product, 127).astype(np.int8)).all()


SPOILT: dict[str, tuple[str, Callable[[Hand], None]]] = {
    "a token that is not waited for": ("race", lambda h: setattr(h.gemm, "pop_prev", 0)),
    "a token that is not given": ("token", lambda h: setattr(h.load_wgt, "push_next", 0)),
    "a token too many": ("token", lambda h: setattr(h.clip, "push_prev", 1)),
    "a token for nobody": ("token", lambda h: setattr(h.load_inp, "pop_prev", 1)),
    "a store that does not wait": ("race", lambda h: setattr(h.store, "pop_prev", 0)),
    "an accumulator beyond the end": ("bounds", lambda h: setattr(h.clip, "dst_in", 2047)),
    "an input beyond the end": ("bounds", lambda h: setattr(h.load_inp, "sram", 2047)),
    "beyond the end of DRAM": ("bounds", lambda h: setattr(h.load_inp, "dram", SIZE)),
    "an input that nothing loaded": ("unwritten", lambda h: setattr(h.gemm, "src_in", 9)),
    "a weight that is padded": ("field", lambda h: setattr(h.load_wgt, "x_pad_0", 1)),
    "one accumulator again and again": ("distance", lambda h: setattr(h.gemm, "dst_in", 0)),
}


@pytest.mark.parametrize("what", SPOILT)
def test_faults(hand: Hand, what: str) -> None:
    kind, spoil = SPOILT[what]
    spoil(hand)
    with pytest.raises(FaultError) as raised:
        hand.run()
    assert raised.value.kind == kind, raised.value


def test_what_is_reset_is_not_in_the_shadow(hand: Hand) -> None:
    hand.reset.push_next, hand.reset.pop_prev = 1, 1
    program = [hand.uop, hand.load_wgt, hand.reset, hand.store, hand.finish]
    with pytest.raises(FaultError) as raised:
        hand.run(program)
    assert raised.value.kind == "stale"


def test_a_tile_that_is_overwritten_while_it_is_read(hand: Hand) -> None:
    again = Transfer(**{**vars(hand.load_inp), "push_next": 0})
    with pytest.raises(FaultError) as raised:
        hand.run([*hand.program[:-1], again, hand.finish])
    assert raised.value.kind == "race"


def test_no_finish(hand: Hand) -> None:
    with pytest.raises(FaultError, match="FINISH"):
        hand.run(hand.program[:-2])


def test_distance_of_a_machine(hand: Hand) -> None:
    """Two accumulators in turn: too close for three steps, enough for two."""
    hand.gemm.iter_out, hand.gemm.iter_in = 2, 2
    with pytest.raises(FaultError, match="2 steps after") as raised:
        hand.run()
    assert raised.value.kind == "distance"
