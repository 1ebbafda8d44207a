"""Running: the pool of threads that a kernel runs in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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
print(inside[0], num_threads())
"""
"""Workers of a thread that asks for one, and then of the first thread, beside one processor."""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no processor affinity here")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor")
def test_each_thread_has_a_pool_of_its_own_that_ignores_the_affinity() -> None:
    command, asked = [sys.executable, "-c", PROGRAM], {**os.environ, "TVM_NUM_THREADS": "2"}
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2"]
