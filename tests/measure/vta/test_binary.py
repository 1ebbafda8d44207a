"""Files of a program: read back, they compute what the program does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from heron_ms.cli import main
from heron_ms.measure.vta.instructions import decode
from heron_ms.measure.vta.simulator import Simulator
from tests.measure.vta.programs import PYNQ, workload


def test_what_is_emitted_computes_the_product(tmp_path: Path, rng: np.random.Generator) -> None:
    file = tmp_path / "gemm.bin"
    line = f"tune gemm 32 32 32 --weight nk --target vta --trials 4 --seed 0 --emit {file}"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w")]) == 0
    words = np.frombuffer(file.read_bytes(), "<u8").reshape(-1, 2)
    uops = np.frombuffer(Path(f"{file}.uop").read_bytes(), np.uint8)
    dram = json.loads(Path(f"{file}.json").read_text())
    memory = np.zeros(dram["bytes"], np.uint8)
    memory[dram["uops"] :] = uops
    given = workload("gemm", 32, 32, 32)
    a, b = given.random_inputs(rng)
    # The weight lies in tiles (N / 16, K / 16, 16, 16).
    tiles = b.reshape(2, 16, 2, 16).transpose(2, 0, 3, 1)
    tensors = dram["tensors"]
    [weight] = [name for name, found in tensors.items() if found["sizes"] == [2, 2, 16, 16]]
    for name, array in (("A", a), (weight, np.ascontiguousarray(tiles))):
        data = array.reshape(-1).view(np.uint8)
        memory[tensors[name]["address"] :][: data.size] = data
    Simulator(PYNQ, memory).run(decode(words.astype(np.uint64), PYNQ))
    [result] = set(tensors) - {"A", weight}
    got = memory[tensors[result]["address"] :][: 32 * 32].view(np.int8).reshape(32, 32)
    assert (got == given.reference(a, b)).all()


def test_a_cpu_has_no_encoding_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f"tune gemm 4 4 4 --trials 1 --seed 0 --emit {tmp_path / 'x'}"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w")]) == 2
    assert "has no encoding of its own" in capsys.readouterr().err


def test_a_suite_has_no_one_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(f"tune --suite dlboost --emit {tmp_path / 'x'}".split()) == 2
    assert "--emit takes one operator" in capsys.readouterr().err
