"""A product of matrices for this CPU: tuned, compiled, compared with numpy and timed."""

import numpy as np
import tvm

import heron_ms
from heron_ms.hardware import host
from heron_ms.workloads import Gemm

M, K, N = 64, 64, 64
target = host().target()
func = Gemm(M, K, N).prim_func()  # C (M, N) int32 = A (M, K) uint8 times B (K, N) int8

database = heron_ms.tune_tir(func, target, "build/tune_gemm", max_trials_global=8, seed=0)
library = heron_ms.compile_tir(database, func, target)
verdict = heron_ms.check(library, func, target, lambda a, b, c: a.astype("int32") @ b)

rng = np.random.default_rng(0)
a = tvm.runtime.tensor(rng.integers(0, 256, (M, K), dtype="uint8"))
b = tvm.runtime.tensor(rng.integers(-128, 128, (K, N), dtype="int8"))
c = tvm.runtime.tensor(np.zeros((M, N), "int32"))
timer = library.jit().time_evaluator("main", tvm.cpu(), number=100, repeat=5)
seconds = timer(a, b, c).median
print(f"{verdict}; {seconds * 1e6:.1f} microseconds, {2 * M * K * N / seconds / 1e9:.0f} GOP/s")
