"""An MLP and its library, made once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.cli import main
from tests.cli.model.nets import mlp


@pytest.fixture(scope="session")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The MLP."""
    return mlp(tmp_path_factory.mktemp("net") / "mlp.onnx")


@pytest.fixture(scope="session")
def library(net: Path) -> Path:
    """The MLP compiled for a batch of 4, with no record."""
    path = net.with_suffix(".so")
    line = f"compile {net} --shape x=4x12 -o {path} --cores 1"
    assert main(line.split()) == 0
    return path
