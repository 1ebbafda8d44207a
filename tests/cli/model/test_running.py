"""`heron-ms compile` and `run`: a library that knows itself, timed and compared."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from heron_ms.cli import main
from tests.cli.model.nets import convolutions, empty, identity, mlp, words

WITHOUT_US = """
import json, sys
sys.modules["heron_ms"] = None
import numpy, tvm
from tvm import relax
machine = relax.VirtualMachine(tvm.runtime.load_module(sys.argv[1]), tvm.cpu())
about = json.loads(machine["heron_ms_about"]().numpy().tobytes())
assert [(i["name"], i["shape"], i["dtype"]) for i in about["inputs"]] == [("x", [4, 12], "float32")]
numpy.save(sys.argv[3], machine["main"](tvm.runtime.tensor(numpy.load(sys.argv[2]))).numpy())
try:
    import heron_ms
except ImportError:
    print("without heron_ms")
"""


def test_layers_and_latency(capsys: pytest.CaptureFixture[str], library: Path, net: Path) -> None:
    assert main(["run", str(library), "--check", str(net), "--repeat", "5", "--seed", "0"]) == 0
    header, *layers, between, latency, verdict = capsys.readouterr().out.splitlines()
    assert header.split()[:4] == ["layer", "calls", "ms", "share"]
    shares = [float(line.split("%")[0].split()[-1]) for line in (*layers, between)]
    assert len(layers) == 2 and sum(shares) == pytest.approx(100, abs=15)
    assert re.match(r"mlp\.onnx: median \d+\.\d{4} ms of 5 calls on 1 cores", latency)
    assert verdict.startswith("PASS: 1 outputs compared with ONNX Runtime on random inputs, floats")


def test_it_runs_with_tvm_alone(library: Path, net: Path, tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((4, 12)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    files = [str(library), str(tmp_path / "x.npy"), str(tmp_path / "y.npy")]
    command = [sys.executable, "-c", WITHOUT_US, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "without heron_ms\n"
    session = onnxruntime.InferenceSession(str(net), providers=["CPUExecutionProvider"])
    [expected] = session.run(None, {"x": x})
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-4, atol=1e-5)


def test_other_weights_fail(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path
) -> None:
    other = mlp(tmp_path / "other.onnx", scale=0.3)
    assert main(["run", str(library), "--check", str(other), "--repeat", "1"]) == 1
    *_, verdict, detail = capsys.readouterr().out.splitlines()
    assert verdict.startswith("FAIL: ") and "not the file that was compiled" in verdict
    assert "elements wrong" in detail and "y: " in detail


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 1])
def test_a_library_that_is_cut_short(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path, share: float
) -> None:
    content, cut = library.read_bytes(), tmp_path / "cut.so"
    cut.write_bytes(content[: int(share * (len(content) - 1))])
    assert main(["run", str(cut)]) == 2
    said = capsys.readouterr().err
    assert f"{cut} is cut short: copy it again" in said and said.count("\n") == 1


def test_a_tolerance_of_ones_own(library: Path, net: Path, tmp_path: Path) -> None:
    other = mlp(tmp_path / "other.onnx", scale=0.2000001)
    line = f"run {library} --repeat 1 --check {other} --tolerance"
    assert main([*line.split(), "0.001"]) == 0
    assert main([*line.split(), "0"]) == 1


@pytest.mark.parametrize("make", [convolutions, words, identity, empty])
def test_other_nets_are_right(
    make: object, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert callable(make)
    net = make(tmp_path / "net.onnx")
    library = tmp_path / "net.so"
    assert main(["compile", str(net), "-o", str(library), "--cores", "1"]) == 0
    assert re.search(r"0 of \d functions with a record", capsys.readouterr().out)
    assert main(["run", str(library), "--check", str(net), "--repeat", "1"]) == 0
    assert "PASS" in capsys.readouterr().out
