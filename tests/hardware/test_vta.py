"""VTA as a description: the boards, and machines that a configuration of its own describes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import catalogue, for_target, known_machines, load, machine, resolve
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import ACC, INP, OUT, UOP, WGT, Timing, Vta
from heron_ms.intrinsics import INTRINSICS

CONFIG = {
    "TARGET": "ultra96",
    "HW_VER": "0.0.2",
    "LOG_INP_WIDTH": 3,
    "LOG_WGT_WIDTH": 3,
    "LOG_ACC_WIDTH": 5,
    "LOG_BATCH": 0,
    "LOG_BLOCK": 4,
    "LOG_UOP_BUFF_SIZE": 15,
    "LOG_INP_BUFF_SIZE": 15,
    "LOG_WGT_BUFF_SIZE": 18,
    "LOG_ACC_BUFF_SIZE": 17,
}


def _load(folder: Path, **changed: Any) -> Vta:
    file = folder / "vta_config.json"
    file.write_text(json.dumps({**CONFIG, **changed}))
    return only(Vta, load(file), "VTA")


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is known in that test only."""
    monkeypatch.setattr(catalogue, "_added", {})


def test_the_boards() -> None:
    assert known_machines("vta") == ("de10nano", "pynq", "ultra96", "zcu104")
    assert resolve("vta") == resolve("vta:pynq") == machine("pynq")
    for name in known_machines("vta"):
        board = only(Vta, machine(name), "VTA")
        assert for_target(board.target()) == board and board.here() is None
        places = [board.depth(memory) for memory in (UOP, WGT, INP, ACC, OUT)]
        assert places == [8192, 1024, 2048, 2048, 2048]
        assert board.multiplications == 256


def test_a_configuration_is_the_board_that_it_names(tmp_path: Path) -> None:
    read, board = _load(tmp_path), only(Vta, machine("ultra96"), "VTA")
    assert replace(read, name=board.name, source=board.source) == board
    assert read.name == "vta_config" and "ultra96" in read.source


def test_a_configuration_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps({**CONFIG, "LOG_BLOCK": 4}))
    found = resolve(f"vta:{tmp_path / 'mine.json'}")
    assert (found.name, found.kind) == ("mine", "vta")
    assert for_target(found.target()) == found
    with pytest.raises(TargetError, match="there is no file 'absent.json'"):
        resolve("vta:absent.json")


SMALL = {"LOG_INP_BUFF_SIZE": 13, "LOG_WGT_BUFF_SIZE": 15, "LOG_ACC_BUFF_SIZE": 15}


@pytest.mark.parametrize("log", [3, 4, 5, 6])
def test_blocks_have_an_intrinsic(log: int, tmp_path: Path) -> None:
    read = _load(tmp_path, LOG_BLOCK=log, **SMALL)
    [name] = read.intrinsics
    unit = INTRINSICS[name]
    assert (unit.rows, unit.lanes, unit.depth) == (1, 1 << log, 1 << log)


def test_another_block(tmp_path: Path) -> None:
    read = _load(tmp_path, TARGET="sim", LOG_BLOCK=5, LOG_WGT_BUFF_SIZE=19)
    assert (read.block, read.megahertz) == (32, 100)
    assert (read.depth(WGT), read.element_bytes(ACC)) == (512, 128)
    assert read.intrinsics == ("vta.s8s8s32.1x32x32",)


@pytest.mark.parametrize("log", range(4))
def test_batches_have_an_intrinsic(log: int, tmp_path: Path) -> None:
    read, batch = _load(tmp_path, LOG_BATCH=log), 1 << log
    [name] = read.intrinsics
    unit = INTRINSICS[name]
    assert (read.batch, unit.rows, unit.lanes, unit.depth) == (batch, batch, 16, 16)
    assert read.multiplications == batch * 256
    assert (read.element_bytes(INP), read.depth(INP)) == (16 * batch, 2048 // batch)
    assert (read.element_bytes(ACC), read.depth(ACC)) == (64 * batch, 2048 // batch)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"LOG_INP_WIDTH": 4}, "LOG_INP_WIDTH is 4: use 3"),
        ({"LOG_BATCH": 4}, "a batch is 16: use LOG_BATCH 0 to 3"),
        ({"LOG_BLOCK": "4"}, "LOG_BLOCK is '4', not a logarithm"),
        ({"LOG_BLOCK": 2}, "a block is 4: use LOG_BLOCK 3 to 6"),
        ({"LOG_BLOCK": 3}, "machine 'vta_config': a micro-op has 32 bits, and names places of 36"),
    ],
)
def test_other_configurations(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=f"vta_config.json describes no machine: {message}"):
        _load(tmp_path, **changed)


def test_no_configuration(tmp_path: Path) -> None:
    file = tmp_path / "vta_config.json"
    for text in ("[]", "{"):
        file.write_text(text)
        with pytest.raises(TargetError, match="describes no machine: it"):
            load(file)


def test_what_contradicts_itself() -> None:
    pynq = only(Vta, machine("pynq"), "VTA")
    with pytest.raises(TargetError, match="an element of uop|an element of inp|an element of wgt"):
        replace(pynq, block=32)
    with pytest.raises(TargetError, match="no power of two"):
        uop, *others = pynq.memories
        replace(pynq, memories=(replace(uop, capacity=12), *others))
    with pytest.raises(TargetError, match="timing: bus"):
        Timing(bus=0)
