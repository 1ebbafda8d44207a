"""Models come in through one door, and each thing that can be wrong has a line of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import tvm
from tvm import relax

from heron_ms import errors
from heron_ms.models.load import load
from heron_ms.models.model import Input
from tests.models.onnx.models import model, relu


def module(*dimensions: int | str) -> tvm.IRModule:
    """A Relax module that adds x to itself."""
    sizes = [tvm.tirx.Var(size, "int64") if isinstance(size, str) else size for size in dimensions]
    builder = relax.BlockBuilder()
    x = relax.Var("x", relax.TensorType(sizes, "float32"))
    with builder.function("main", [x]):
        builder.emit_func_output(builder.emit(relax.op.add(x, x)))
    return builder.get()


def test_a_file(tmp_path: Path) -> None:
    onnx.save(relu(), tmp_path / "small.onnx")
    loaded = load(tmp_path / "small.onnx")
    assert loaded.inputs == (Input("x", (2, 3), "float32"),)
    assert loaded.outputs == ("y",)
    assert loaded.source == "small.onnx"
    assert "relu" in str(loaded.mod)
    assert load(str(tmp_path / "small.onnx")).inputs == loaded.inputs


def test_a_relax_module() -> None:
    assert load(module(2, 3)).inputs == (Input("x", (2, 3), "float32"),)
    assert load(module("n", 3), {"x": (4, 3)}).inputs == (Input("x", (4, 3), "float32"),)


def test_a_size_below_zero_is_an_open_one() -> None:
    with pytest.raises(errors.DynamicShapeError, match="fix them with"):
        load(relu((-1, 3)))
    assert load(relu((-1, 3)), {"x": (4, 3)}).inputs == (Input("x", (4, 3), "float32"),)


@pytest.mark.parametrize("source", [relu(("n", 3)), module("n", 3)])
def test_what_is_open_is_listed(source: Any) -> None:
    with pytest.raises(errors.DynamicShapeError, match=r"x \(nx3\); fix them with --shape x=\?x3"):
        load(source)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({"z": (1, 3)}, "no input 'z': its inputs are x"),
        ({"x": (1, 3, 3)}, "has 2 dimensions .nx3., the shape 1x3x3 has 3"),
        ({"x": (1, 4)}, "is nx3, which the shape 1x4 contradicts"),
        ({"x": (0, 3)}, "a size below 1"),
    ],
)
def test_a_wrong_shape_is_named(shapes: dict[str, tuple[int, ...]], said: str) -> None:
    with pytest.raises(errors.ModelShapeError, match=said):
        load(relu(("n", 3)), shapes)


def test_one_name_has_one_size_everywhere() -> None:
    node = onnx.helper.make_node("Add", ["a", "b"], ["c"])
    given = ("float32", ("n", 2))
    open_model = model([node], {"a": given, "b": given}, {"c": ("float32", 2)})
    assert [given.shape for given in load(open_model, {"a": (5, 2)}).inputs] == [(5, 2), (5, 2)]
    with pytest.raises(errors.ModelShapeError, match="give n two sizes: 5 and, in input 'b', 6"):
        load(open_model, {"a": (5, 2), "b": (6, 2)})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.onnx", None, "does not exist"),
        ("other.txt", b"", "must end in .onnx or .pt2"),
        ("bad.onnx", b"not a model", "bad.onnx is damaged or no ONNX file"),
        ("empty.onnx", b"", "empty.onnx is empty"),
    ],
)
def test_a_bad_file(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(errors.ModelFileError, match=said):
        load(path)


def test_external_data_that_is_missing(tmp_path: Path) -> None:
    split = relu()
    split.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(1000, "float32"), "w"))
    path = tmp_path / "split.onnx"
    onnx.save(split, path, save_as_external_data=True, location="weights", size_threshold=0)
    assert load(path).inputs
    (tmp_path / "weights").unlink()
    with pytest.raises(errors.ModelFileError, match="keeps its weights in other files"):
        load(path)


def test_heron_ms_imports_neither_onnx_nor_torch() -> None:
    # TVM's own foreign-function layer imports torch where there is one.
    code = (
        "import sys, tvm, xgboost; before = set(sys.modules); import heron_ms.models.load; "
        "assert not {'onnx', 'torch'} & (set(sys.modules) - before)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx.save(relu(), tmp_path / "small.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(errors.MissingExtraError, match=r'pip install "heron-ms\[onnx\]"'):
        load(tmp_path / "small.onnx")
