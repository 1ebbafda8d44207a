"""What becomes of a candidate: built, run, right, or what stopped it.

Building and running happen in worker processes that may crash or hang: that costs the candidate,
never the benchmark.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tvm_ffi
from tvm.s_tir import meta_schedule as ms
from tvm.support.popen_pool import PopenWorker

from heron_ms.measure.cpu.builder import local_builder
from scripts.bench.harness.console import first_line
from scripts.bench.harness.paths import REPOSITORY, add_to_path
from scripts.bench.harness.right import Operands, share_right_of_artifact
from scripts.bench.harness.targets import executes


@dataclass(frozen=True)
class Candidate:
    """A scheduled program, or why there is none; ``trace`` makes it of ``source``."""

    module: Any
    tensorized: bool = False
    rejected: str = ""
    source: Any = None
    trace: Any = None

    @property
    def identity(self) -> str:
        """The same for the same program in another process."""
        return str(tvm_ffi.structural_hash(self.module))


@dataclass(frozen=True)
class Verdict:
    """How far a candidate came, and what stopped it; None where this CPU executes none of them."""

    built: bool = False
    ran: bool | None = False
    right: bool | None = False
    why: str = ""


class Trials:
    """Builds and runs candidates of one workload in worker processes.

    What a target names that this CPU lacks is built only.
    """

    def __init__(self, workload: Any, target: Any, seed: int, timeout: float) -> None:
        self._operands = Operands.of(workload, seed)
        self._target, self._timeout = target, timeout
        self._untried = Verdict() if executes(target) else Verdict(ran=None, right=None)
        self._builder = local_builder(max_workers=1, timeout_sec=timeout)
        # A worker imports this repository by name.
        add_to_path(REPOSITORY)
        self._worker = PopenWorker(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def judge(self, candidates: Sequence[Any]) -> list[Verdict]:
        """What becomes of each `Candidate`: built, run on random data, equal to numpy's result."""
        whole = [candidate for candidate in candidates if not candidate.rejected]
        inputs = [ms.builder.BuilderInput(candidate.module, self._target) for candidate in whole]
        built = iter(self._builder.build(inputs) if inputs else [])
        return [
            replace(self._untried, why=candidate.rejected)
            if candidate.rejected
            else self._judge(next(built))
            for candidate in candidates
        ]

    def build(self, module: Any) -> str:
        """Builds a program and returns the path of the artifact, which is the caller's to remove.

        Raises RuntimeError with the first line of the builder's message.
        """
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

    def _judge(self, built: Any) -> Verdict:
        if built.error_msg is not None:
            return replace(self._untried, why=_reason(str(built.error_msg)))
        artifact = str(built.artifact_path)
        verdict = self._untried if self._untried.ran is None else self._run_twice(artifact)
        shutil.rmtree(Path(artifact).parent, ignore_errors=True)
        return replace(verdict, built=True)

    def _run_twice(self, artifact: str) -> Verdict:
        verdict = self._run(artifact)
        if not verdict.right:
            # An earlier kernel may have harmed the process that this one ran in.
            self._worker.kill()
            verdict = self._run(artifact)
            self._worker.kill()
        return verdict

    def _run(self, artifact: str) -> Verdict:
        self._worker.send(
            share_right_of_artifact, (artifact, self._operands), timeout=self._timeout
        )
        try:
            share = self._worker.recv()
        except TimeoutError:
            return Verdict(why=f"ran longer than {self._timeout:.0f} s")
        except ChildProcessError:
            return Verdict(why="crashed")
        except Exception as error:  # raised by the kernel or by its loading
            return Verdict(why=first_line(error))
        return Verdict(ran=True, right=share == 1.0, why="" if share == 1.0 else "wrong result")


def _reason(message: str) -> str:
    # The builder's own words, on its second line, for a worker that ended without an exception.
    died = "Subprocess terminated" in message
    return "the compiler crashed" if died else first_line(message)
