"""What every space rule makes of a program, and every sketch of many, compared with files.

``pytest tests/space/test_golden.py --update-golden`` writes them anew; read the diff.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tvm import te

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.hardware import cpu_named
from heron_ms.workloads import OPERATORS
from tests.space.chained_programs import CHAINS
from tests.space.golden_programs import steps

FOLDER = Path(__file__).parent / "golden"

RULES = {
    "gemm-packs-its-weight": (("gemm", (64, 64, 64), {"weight": "nk"}), 1),
    "gemm-pads": (("gemm", (17, 33, 20), {}), 0),
    "convolution-copies-its-data": (("c2d", (1, 8, 8, 16, 32, 3, 3, 1, 1, 1), {}), 0),
}
"""Programs, with the number of a sketch, that show what the rules do."""

OPERANDS = ("u8s8", "s8s8", "f32")
MACHINES = ("cascadelake", "haswell", "neoverse-n1")
CASES = {
    "gemm": (64, 64, 64),
    "bmm": (3, 20, 32, 48),
    "c1d": (1, 50, 16, 32, 3, 1, 2, 2),
    "c2d": (1, 9, 11, 3, 20, 3, 3, 2, 1, 1),
    "t2d": (1, 7, 7, 16, 32, 3, 3, 2, 1, 1, 0),
    "gemv": (64, 48),
    "scan": (20, 32, 36),
    "grp": (1, 8, 8, 32, 64, 3, 3, 1, 1, 1, 2),
    "dep": (1, 14, 14, 32, 3, 3, 1, 1, 1),
}


def _program(name: str, sizes: tuple[int, ...], options: dict[str, Any], dtype: str) -> IRModule:
    func = OPERATORS[name].of(sizes, dtype, **options).prim_func()
    return heron_ms.normalize(IRModule({"main": func}))


def _compare(request: pytest.FixtureRequest, name: str, text: str) -> None:
    file = FOLDER / name
    if request.config.getoption("--update-golden"):
        file.write_text(text)
    assert file.read_text() == text, f"see the diff of pytest --update-golden in {file}"


@pytest.mark.parametrize("name", RULES)
def test_what_the_rules_do(request: pytest.FixtureRequest, name: str) -> None:
    (operator, sizes, options), sketch = RULES[name]
    mod = _program(operator, sizes, options, "u8s8")
    found = steps(mod, cpu_named("cascadelake"), sketch)
    text = "\n".join(f"# {'=' * 20} {step}\n{script}" for step, script in found)
    _compare(request, f"{name}.txt", text + "\n")


def _lines(name: str) -> Iterator[str]:
    """A line for each sketch of the programs on a machine: its number and a digest of its trace."""
    target = Target(cpu_named(name).target(2))
    programs = {
        f"{operator} {dtype}": _program(operator, sizes, {}, dtype)
        for operator, sizes in CASES.items()
        for dtype in OPERANDS
    }
    programs |= {
        chain: IRModule({"main": te.create_prim_func(make())})
        for chain, (make, _) in CHAINS.items()
    }
    for program, mod in programs.items():
        for number, sketch in enumerate(heron_ms.generate_sketches(mod, target)):
            digest = hashlib.sha256(sketch.key().encode()).hexdigest()[:16]
            yield f"{program} {number} {digest}"


@pytest.mark.slow
@pytest.mark.parametrize("name", MACHINES)
def test_every_sketch(request: pytest.FixtureRequest, name: str) -> None:
    _compare(request, f"sketches-{name}.txt", "".join(f"{line}\n" for line in _lines(name)))
