"""The encoding of instructions and of micro-ops, against the tables of VTA's sources."""

from __future__ import annotations

from dataclasses import fields as fields_of

import numpy as np
import pytest

from heron_ms.errors import FaultError
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.instructions import (
    Alu,
    Compute,
    Instruction,
    Module,
    Opcode,
    Transfer,
    decode,
    encode,
    fields,
)
from heron_ms.measure.vta.uops import pack, unpack


@pytest.fixture
def pynq() -> Vta:
    return only(Vta, machine("pynq"), "VTA")


def _random(opcode: Opcode, rng: np.random.Generator, pynq: Vta) -> Instruction:
    kind = Transfer if opcode in (Opcode.LOAD, Opcode.STORE) else Compute
    made = kind(opcode)
    for name, width in fields(opcode, pynq):
        if name and name != "opcode":
            value = int(rng.integers(1 << width))
            setattr(made, name, value - (1 << 15) if name == "imm" else value)
    return made


@pytest.mark.parametrize("opcode", Opcode)
def test_what_is_encoded_is_decoded(opcode: Opcode, rng: np.random.Generator, pynq: Vta) -> None:
    program = [_random(opcode, rng, pynq) for _ in range(50)]
    assert decode(encode(program, pynq), pynq) == program


@pytest.mark.parametrize("opcode", Opcode)
def test_an_instruction_has_128_bits(opcode: Opcode, pynq: Vta) -> None:
    assert sum(width for _, width in fields(opcode, pynq)) == 128


def test_the_places_of_the_fields(pynq: Vta) -> None:
    """By the tables of hw_spec.h: a field's first bit."""
    load = Transfer(Opcode.LOAD, memory=2, dram=1, y=1, x=1, stride=1, x_pad_1=1)
    low, high = encode([load], pynq)[0].tolist()
    assert low == 2 << 7 | 1 << 26
    assert high == 1 | 1 << 16 | 1 << 32 | 1 << 60
    gemm = Compute(Opcode.GEMM, push_prev=1, reset=1, uop_end=1, iter_out=1, dst_in=1, wgt_in=1)
    low, high = encode([gemm], pynq)[0].tolist()
    assert low == 2 | 1 << 5 | 1 << 7 | 1 << 21 | 1 << 35
    assert high == 1 << 11 | 1 << (118 - 64)
    alu = Compute(Opcode.ALU, alu=Alu.SHR, use_imm=1, imm=-1)
    assert encode([alu], pynq)[0, 1] == 3 << (108 - 64) | 1 << (111 - 64) | 0xFFFF << (112 - 64)


@pytest.mark.parametrize("name, value", [("x", 1 << 16), ("x_pad_0", 16), ("sram", -1)])
def test_a_field_that_is_too_narrow(name: str, value: int, pynq: Vta) -> None:
    with pytest.raises(FaultError, match=f"instruction 0: {name} = {value} does not fit") as raised:
        encode([Transfer(Opcode.LOAD, **{name: value})], pynq)
    assert raised.value.kind == "field"


def test_an_immediate_is_signed(pynq: Vta) -> None:
    encode([Compute(Opcode.ALU, imm=-(1 << 15))], pynq)
    with pytest.raises(FaultError, match="imm = 32768"):
        encode([Compute(Opcode.ALU, imm=1 << 15)], pynq)


def test_no_opcode(pynq: Vta) -> None:
    with pytest.raises(FaultError, match="opcode 7"):
        decode(np.array([[7, 0]], np.uint64), pynq)


def test_which_module_executes_what() -> None:
    modules = [Transfer(Opcode.LOAD, memory=memory).module for memory in range(4)]
    assert modules == [Module.COMPUTE, Module.LOAD, Module.LOAD, Module.COMPUTE]
    assert Transfer(Opcode.STORE, memory=4).module == Module.STORE
    assert Compute(Opcode.FINISH).module == Module.COMPUTE


def test_every_field_is_an_attribute(pynq: Vta) -> None:
    for opcode in Opcode:
        kind = Transfer if opcode in (Opcode.LOAD, Opcode.STORE) else Compute
        named = {name for name, _ in fields(opcode, pynq) if name}
        assert named <= {field.name for field in fields_of(kind)}


def test_micro_ops(rng: np.random.Generator, pynq: Vta) -> None:
    places = [rng.integers(1 << bits, size=20) for bits in (11, 11, 10)]
    words = pack(places, pynq)
    assert [list(place) for place in unpack(words, pynq)] == [list(place) for place in places]
    assert pack([np.array([1]), np.array([1]), np.array([1])], pynq)[0] == 1 | 1 << 11 | 1 << 22
    with pytest.raises(FaultError, match="place 2048 of 2048") as raised:
        pack([np.array([2048])], pynq)
    assert raised.value.kind == "bounds"
