"""Running: the pool of threads that a kernel runs in, and what a GPU's compiler gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tvm
from tvm.support import nvcc

from heron_ms._tvm import te, tirx
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from scripts.bench.tensorcore.stock_source import stock_source
from tests.tvm.programs import scheduled

PROGRAM = """
import os, threading
from tvm.runtime import num_threads
from tvm_ffi import get_global_func
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
inside = []
def other():
    get_global_func("runtime.config_threadpool")(1, 1)
    inside.append(num_threads())
thread = threading.Thread(target=other)
thread.start()
thread.join()
print(inside[0], num_threads(), flush=True)
os._exit(0)
"""
"""Workers of a thread that asks for one, and then of the first thread, beside one processor.

It ends without joining them: where something else computes on their processor, that takes minutes.
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no processor affinity here")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor")
def test_each_thread_has_a_pool_of_its_own_that_ignores_the_affinity() -> None:
    command, asked = [sys.executable, "-c", PROGRAM], {**os.environ, "TVM_NUM_THREADS": "2"}
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2"]


@pytest.mark.parametrize("lanes", [8, 16])
def test_vectors_of_zero_bytes_are_no_cuda(lanes: int) -> None:
    zeros = te.compute((32 * lanes,), lambda _: tirx.const(0, "int8"), "Z")
    sch = scheduled(te.create_prim_func([zeros]))
    thread, vector = sch.split(sch.get_loops(sch.get_sblock("Z"))[0], [32, lanes])
    sch.bind(thread, "threadIdx.x")
    sch.vectorize(vector)
    source = stock_source(sch.mod, only(TensorCore, machine("a100"), "GPU"))
    arguments = ", ".join(["(signed char)0"] * lanes)
    assert f"make_int{lanes // 4}({arguments})" in source


@pytest.mark.parametrize(("mode", "expected"), [(None, "nvrtc"), ("nvcc", "nvcc")])
def test_cuda_is_compiled_by_nvrtc_unless_nvcc_is_asked_for(
    mode: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TVM_CUDA_COMPILE_MODE", raising=False)
    if mode is not None:
        monkeypatch.setenv("TVM_CUDA_COMPILE_MODE", mode)
    asked: list[str] = []
    monkeypatch.setattr(nvcc, "compile_cuda", lambda code, **given: asked.append(given["compiler"]))
    nvcc.tvm_callback_cuda_compile("")
    assert asked == [expected]


def test_the_cuda_runtime_of_the_wheel_needs_cuda_13_and_a_driver() -> None:
    library = Path(tvm.__file__).with_name("lib") / "libtvm_runtime_cuda.so"
    names = set(re.findall(rb"lib\w+\.so[.\d]*", library.read_bytes()))
    assert {b"libcudart.so.13", b"libcuda.so.1"} <= names
