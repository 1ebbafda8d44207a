"""The examples of docs are short and complete, and run as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from heron_ms.hardware import host
from heron_ms.testing.loopback import KEY, loopback
from tests.docs.pages import REPOSITORY, ran

FOLDER = REPOSITORY / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
PARTS = ("own_machine_unit",)
"""Files that others import."""

SAYS = {
    "drop_in": "space stock: ",
    "onnx_model": "8 programs measured, output (1, 16, 16, 16) is right",
    "own_intrinsic": "0 of 6912 elements are wrong",
    "own_machine": "0 of 1280 elements are wrong",
    "own_strategy": "passed",
    "read_a_csp": "63,719 solutions",
    "remote_boards": "8 programs were measured there",
    "torch_model": "output (4, 8) is right",
    "tune_gemm": "0 of 12288 elements are wrong",
}
"""A part of what each prints."""

NEEDS = {"torch_model": "torch", "onnx_model": "onnxruntime"}
"""Packages of extras."""


def run(name: str, where: Path, arguments: Sequence[str] = ()) -> str:
    """What an example prints, run in a folder of its own."""
    path = str(FOLDER / f"{name}.py")
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if name == "own_strategy" else []
    return ran([*words, path, *arguments], where)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 40


def test_every_example_says_something() -> None:
    assert sorted([*SAYS, *PARTS]) == [path.stem for path in EXAMPLES]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(SAYS) - {"remote_boards"}))
def test_it_runs(name: str, tmp_path: Path) -> None:
    if (package := NEEDS.get(name)) and find_spec(package) is None:
        pytest.skip(f"no {package} here")
    if name == "own_intrinsic" and not host().has("avx2"):
        pytest.skip("the intrinsic is one of AVX2, which this CPU lacks")
    assert SAYS[name] in run(name, tmp_path)


@pytest.mark.slow
def test_it_runs_on_servers(tmp_path: Path) -> None:
    with loopback(2) as servers:
        said = run("remote_boards", tmp_path, [servers.address, KEY])
    assert SAYS["remote_boards"] in said
