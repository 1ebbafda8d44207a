# mypy: disable-error-code="valid-type, untyped-decorator"
"""Candidates of stock MetaSchedule and of heron_ms, and what becomes of each of them.

`stock_candidates` and `heron_candidates` make schedules as each side would measure them. `Trials`
builds them and runs them on random data, both in worker processes that may crash or hang: that
costs the candidate, never the script.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common import first_line

STOCK_VNNI = "dot_16x4_vnni"
VPDPBUSD = "llvm.x86.avx512.vpdpbusd.512"


@dataclass(frozen=True)
class Candidate:
    """A scheduled program, or why there is none."""

    module: Any
    tensorized: bool = False
    rejected: str = ""

    @property
    def identity(self) -> str:
        """The same for the same program in another process."""
        import tvm_ffi

        return str(tvm_ffi.structural_hash(self.module))


@dataclass(frozen=True)
class Verdict:
    """How far a candidate came, and what stopped it."""

    built: bool = False
    ran: bool = False
    right: bool = False
    why: str = ""


def import_stock_intrinsics() -> None:
    """Registers the wheel's intrinsics, which stock's rules and every TuneContext need."""
    from heron_ms._preload import preload_intrinsics

    preload_intrinsics()


def stock_candidates(
    mod: Any, target: Any, count: int, seed: int, strategy: str
) -> list[Candidate]:
    """The first batch that stock MetaSchedule proposes for measuring, postprocessed."""
    import numpy as np
    from tvm.s_tir import meta_schedule as ms

    # The random ranking of an untrained XGBoost model comes from numpy's global state.
    np.random.seed(seed)
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator="post-order-apply",
        search_strategy=strategy,
        num_threads=1,
        rand_state=seed + 1,
    )
    context.pre_tuning(
        max_trials=count,
        num_trials_per_iter=count,
        design_spaces=context.generate_design_space(),
        database=ms.database.MemoryDatabase(),
        cost_model=ms.cost_model.XGBModel(num_tuning_cores=1),
    )
    proposed = context.generate_measure_candidates() or []
    context.post_tuning()
    return [_candidate(each.sch) for each in proposed]


def heron_candidates(mod: Any, target: Any, count: int, seed: int) -> list[Candidate]:
    """Random solutions of heron_ms's constraints, an equal share for every sketch, postprocessed.

    One that does not materialise or that a postprocessor rejects is a rejected candidate.
    """
    import numpy as np
    from tvm.s_tir import meta_schedule as ms

    import heron_ms

    rng = np.random.default_rng(seed)
    context = ms.TuneContext(
        mod=mod, target=target, space_generator=heron_ms.HeronSpace(), num_threads=1
    )
    sketches = heron_ms.generate_sketches(mod, target)
    shares = [len(part) for part in np.array_split(range(count), len(sketches))]
    return [
        _materialized(sketch, assignment, context)
        for sketch, share in zip(sketches, shares, strict=True)
        for assignment in heron_ms.derive_csp(sketch, target).sample(share, rng)
    ]


def _materialized(sketch: Any, assignment: Any, context: Any) -> Candidate:
    import heron_ms

    try:
        sch = heron_ms.materialize(sketch, assignment)
        sch.enter_postproc()
        for each in context.space_generator.postprocs or []:
            if not each.apply(sch):
                return Candidate(sch.mod, rejected=f"rejected by {type(each).__name__}")
    except Exception as error:  # any failure is a finding
        return Candidate(sketch.mod, rejected=f"not materialised: {first_line(error)}")
    return _candidate(sch)


def _candidate(sch: Any) -> Candidate:
    return Candidate(sch.mod, tensorized=_multiplies_by_vnni(sch.mod))


def _multiplies_by_vnni(module: Any) -> bool:
    """Whether the program, before LLVM sees it, calls vpdpbusd."""
    return VPDPBUSD in module.script()


@contextmanager
def repaired_stock_intrinsic() -> Iterator[None]:
    """Gives stock's VNNI intrinsic the operand types that LLVM 22 wants, in this process only.

    LLVM takes (i32x16, i8x64, i8x64); the wheel passes i32x16 three times and never builds.
    """
    from tvm.s_tir import TensorIntrin

    stock = TensorIntrin.get(STOCK_VNNI)
    TensorIntrin.register(STOCK_VNNI, stock.desc, _repaired_implementation(), override=True)
    try:
        yield
    finally:
        TensorIntrin.register(STOCK_VNNI, stock.desc, stock.impl, override=True)


def _repaired_implementation() -> Any:
    from tvm.script import tirx as T

    # fmt: off
    @T.prim_func(s_tir=True)
    def implementation(A: T.Buffer((4,), "uint8", offset_factor=1),
                       B: T.Buffer((16, 4), "int8", offset_factor=1),
                       C: T.Buffer((16,), "int32", offset_factor=1)) -> None:
        with T.sblock("root"):
            T.reads(C[0:16], A[0:4], B[0:16, 0:4])
            T.writes(C[0:16])
            a = T.reinterpret(A.vload([0], "uint8x4"), dtype="int32")
            C[T.ramp(T.int32(0), 1, 16)] = T.call_llvm_pure_intrin(
                T.llvm_lookup_intrinsic_id("llvm.x86.avx512.vpdpbusd.512"),
                C.vload([0], dtype="int32x16"),
                T.reinterpret(T.broadcast(a, 16), dtype="int8x64"),
                B.vload([0, 0], dtype="int8x64"),
                dtype="int32x16",
            )
    # fmt: on

    return implementation


class Trials:
    """Builds and runs candidates of one workload in worker processes."""

    def __init__(self, workload: Any, target: Any, seed: int, timeout: float) -> None:
        import numpy as np

        from heron_ms.measure.builder import local_builder

        a, b = workload.random_inputs(np.random.default_rng(seed))
        exact, bound = workload.reference(a, b), workload.tolerance(a, b)
        self._arrays = (a, workload.arrange(b), workload.dtypes.c, exact, bound)
        self._target, self._timeout = target, timeout
        self._builder = local_builder(max_workers=1, timeout_sec=timeout)
        self._worker = self._new_worker()

    def judge(self, candidates: Sequence[Candidate]) -> list[Verdict]:
        """What becomes of each candidate: built, run on random data, equal to numpy's result."""
        from tvm.s_tir import meta_schedule as ms

        inputs = [ms.builder.BuilderInput(each.module, self._target) for each in candidates]
        built = self._builder.build(inputs)
        return [self._judge(str(each.artifact_path or ""), each.error_msg) for each in built]

    def build(self, module: Any) -> str:
        """Builds a program and returns the path of the artifact, which is the caller's to remove.

        Raises RuntimeError with the first line of the builder's message.
        """
        from tvm.s_tir import meta_schedule as ms

        (built,) = self._builder.build([ms.builder.BuilderInput(module, self._target)])
        if built.error_msg is not None:
            raise RuntimeError(first_line(built.error_msg))
        return str(built.artifact_path)

    def check(self, artifact: str) -> Verdict:
        """What becomes of a built kernel: run on random data, equal to numpy's result."""
        verdict = self._run(artifact)
        if not verdict.right:
            self._worker.kill()  # it may be dead, or harmed; the next kernel starts another
        return replace(verdict, built=True)

    def close(self) -> None:
        """Ends the worker that runs kernels."""
        self._worker.kill()

    def _judge(self, artifact: str, error: Any) -> Verdict:
        if error is not None:
            return Verdict(why=first_line(error))
        verdict = self._run(artifact)
        if not verdict.right:
            # An earlier kernel may have harmed the process that this one ran in.
            self._worker.kill()
            verdict = self._run(artifact)
            self._worker.kill()
        shutil.rmtree(Path(artifact).parent, ignore_errors=True)
        return replace(verdict, built=True)

    def _run(self, artifact: str) -> Verdict:
        self._worker.send(_compare, (artifact, *self._arrays), timeout=self._timeout)
        try:
            share = self._worker.recv()
        except TimeoutError:
            return Verdict(why=f"ran longer than {self._timeout:.0f} s")
        except ChildProcessError:
            return Verdict(why="crashed")
        except Exception as error:  # raised by the kernel or by its loading
            return Verdict(why=first_line(error))
        return Verdict(ran=True, right=share == 1.0, why="" if share == 1.0 else "wrong result")

    def _new_worker(self) -> Any:
        import subprocess

        from tvm.support.popen_pool import PopenWorker

        # The worker imports this file by name.
        here = str(Path(__file__).parent)
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [here, os.environ.get("PYTHONPATH")])
        )
        return PopenWorker(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _compare(artifact: str, a: Any, b: Any, dtype: str, exact: Any, bound: Any) -> float:
    """The share of the elements of C that a built kernel gets right. Runs in a worker."""
    import numpy as np
    import tvm

    # Not zeros: a kernel that forgets to initialise its sums must not look right.
    c = tvm.runtime.tensor(np.full(exact.shape, -7, dtype))
    kernel = tvm.runtime.load_module(artifact)["main"]
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(b), c)
    error = np.abs(c.numpy().astype(np.float64) - exact)
    return float(np.mean(error <= bound))
