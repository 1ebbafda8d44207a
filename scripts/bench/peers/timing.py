"""A step of the comparison: all contenders of a case timed in turn, in one process.

Every kernel, ours as well as the peers', is called from Python, once per result. For calls below 50
microseconds, where the call itself is much of the time, each is timed in a compiled loop too, where
there is one: TVM's time evaluator, TorchScript, ONNX's Loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import tvm

from heron_ms.measure.cpu.pool import set_threads
from scripts.bench.harness.console import first_line, say
from scripts.bench.harness.journal import Record
from scripts.bench.harness.rounds import alternate, looped_us
from scripts.bench.harness.targets import cpu_target
from scripts.bench.peers.libraries import PEERS, Job, Kernel, Unsupported
from scripts.bench.peers.roofline import measured

SHORT_US = 50.0
LOOP_ROUNDS = 5
PAUSE = 0.01
"""Seconds in which idle threads of a library fall asleep, where there are several."""


def time_in_turns(request: Record) -> Record:
    """Times the artifacts and the peers of a request.

    Artifacts are paths of built kernels by name, each with the workload in the layout that it was
    built for; None stands for the program as it is, not tuned.
    """
    set_threads(request["cores"])
    workload = request["workload"]
    a, b = workload.random_inputs(np.random.default_rng(request["seed"]))
    job = Job(workload, a, b, workload.reference(a, b), request["cores"])
    makers: dict[str, Callable[[], Kernel]] = {
        name: partial(tvm_kernel, replace(job, workload=program), artifact)
        for name, (artifact, program) in request["artifacts"].items()
    }
    makers |= {name: partial(PEERS[name], job) for name in request["peers"]}
    kernels, problems = prepare(makers, job)
    operand_bytes = a.nbytes + b.nbytes + job.expected.size * np.dtype(workload.dtypes.c).itemsize
    results = _timed(kernels, request)
    roofline = measured(workload, operand_bytes, request["cores"])
    return {"results": results, "problems": problems, "bytes": operand_bytes, **roofline}


def prepare(
    makers: Mapping[str, Callable[[], Kernel]], job: Job
) -> tuple[dict[str, Kernel], dict[str, str]]:
    """The kernels that can be had and compute what numpy computes, and why not the others."""
    kernels, problems = {}, {}
    for name, make in makers.items():
        try:
            kernel = make()
            if kernel.right(job):
                kernels[name] = kernel
            else:
                problems[name] = "wrong result"
        except ImportError as error:
            problems[name] = f"not installed ({first_line(error)}): pip install -e .[peers]"
        except Unsupported as error:
            problems[name] = str(error)
        except Exception as error:  # the other contenders are still worth timing
            problems[name] = f"{type(error).__name__}: {first_line(error)}"
    say("left out:", problems)
    return kernels, problems


def tvm_kernel(job: Job, artifact: str | None) -> Kernel:
    """A kernel built by TVM, called through TVM's Python interface on arrays of TVM's."""
    dtype = job.workload.dtypes.c
    # Not zeros: a kernel that forgets to initialise its sums must not look right.
    c = tvm.runtime.tensor(np.full(job.expected.shape, -7, dtype))
    operands = (job.a, job.workload.arrange(job.b))
    tensors = (*(tvm.runtime.tensor(np.ascontiguousarray(operand)) for operand in operands), c)
    module = _untuned(job) if artifact is None else tvm.runtime.load_module(artifact)
    function = module["main"]

    def output() -> Any:
        function(*tensors)
        return c.numpy()

    def loop(count: int) -> object:
        return module.time_evaluator("main", tvm.cpu(), number=count, repeat=1)(*tensors)

    return Kernel(lambda: function(*tensors), output, str(dtype), loop=lambda: loop)


def _untuned(job: Job) -> Any:
    target = tvm.target.Target(cpu_target(job.threads))
    return tvm.compile(job.workload.prim_func(), target=target).mod


def _timed(kernels: Mapping[str, Kernel], request: Record) -> dict[str, Record]:
    pause = PAUSE if request["cores"] > 1 else 0.0
    runs = {name: kernel.run for name, kernel in kernels.items()}
    results = alternate(runs, request["rounds"], pause)
    for name, kernel in kernels.items():
        results[name] |= {"result": kernel.result, "note": kernel.note}
        call_us = results[name]["wall_us"]
        if kernel.loop is not None and call_us < SHORT_US:
            results[name]["loop_us"] = _loop_us(kernel.loop, call_us)
    return results


def _loop_us(make: Callable[[], Callable[[int], object]], call_us: float) -> float | None:
    try:
        return looped_us(make(), call_us, LOOP_ROUNDS)
    except Exception as error:  # a loop is an extra
        say(f"no loop: {first_line(error)}")
        return None
