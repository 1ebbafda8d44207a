"""Programs of torch.export load, from memory and from a file, with open sizes fixed by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

from heron_ms import errors
from heron_ms.models.load import load

torch = pytest.importorskip("torch")


def exported(dynamic: bool) -> tuple[Any, Any]:
    """A small network as exported, and itself."""
    network = torch.nn.Sequential(torch.nn.Linear(6, 3), torch.nn.ReLU()).eval()
    batch = torch.export.Dim("batch", min=2, max=64)
    shapes = ({0: batch},) if dynamic else None
    return torch.export.export(network, (torch.randn(4, 6),), dynamic_shapes=shapes), network


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_program(tmp_path: Path, dynamic: bool) -> None:
    program, network = exported(dynamic)
    torch.export.save(program, tmp_path / "small.pt2")
    name = load(exported(False)[0]).inputs[0].name
    shapes = {name: (5, 6)} if dynamic else None
    x = np.random.default_rng(0).standard_normal((5 if dynamic else 4, 6)).astype("float32")
    right = network(torch.from_numpy(x)).detach().numpy()
    for source in (program, tmp_path / "small.pt2"):
        model = load(source, shapes)
        assert model.inputs[0].shape == x.shape
        machine = relax.VirtualMachine(tvm.compile(model.mod, target="llvm"), tvm.cpu())
        ours = machine["main"](tvm.runtime.tensor(x)).numpy()
        np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-6)
    assert len(model.outputs) == 1


def test_an_open_size_is_named() -> None:
    with pytest.raises(errors.DynamicShapeError, match=r"the exported program has inputs .*x6\)"):
        load(exported(True)[0])


def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "bad.pt2").write_bytes(b"nothing")
    with pytest.raises(errors.ModelFileError, match="bad.pt2 is damaged"):
        load(tmp_path / "bad.pt2")
