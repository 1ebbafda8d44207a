"""Measured on boards: built here, run on the servers of an RPC tracker, compared there.

python remote_boards.py TRACKER:9190 KEY
"""

import sys

import heron_ms
from heron_ms.workloads import Gemm

tracker, key = sys.argv[1:]
device = heron_ms.Servers(tracker, key)  # asks a server for its CPU; target="cortex-a76" tells it
target = device.target()
func = Gemm(32, 32, 32).prim_func()

database = heron_ms.tune_tir(func, target, "build/boards", 8, device=device, seed=0)
kernel = heron_ms.compile_tir(database, func, target, device)  # loaded on a server
best = heron_ms.best_record(database, heron_ms.normalize(func), target)
print(f"{target.attrs['mcpu']}: {float(best.run_secs[0]) * 1e6:.1f} microseconds")
print(f"{len(database.get_all_tuning_records())} programs were measured there")
