"""Steps of a comparison in processes of their own, which may crash, hang or be stopped.

A step is a function of a module that a new process imports, and a request for it, both pickled; it
leaves a JSON result. `run` is the side that waits, `serving` the side that works.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.harness.journal import Record
from scripts.bench.harness.paths import REPOSITORY, add_to_path
from scripts.bench.peers import serving

_NO_TORCH = 'raise ImportError("left out: TVM would import it in every worker")\n'


@dataclass(frozen=True)
class Step:
    """A function of a module's and what it is asked; it is killed when the time is over.

    TVM imports torch wherever it is installed, two seconds for each worker; without ``torch`` it
    does not find it.
    """

    work: Callable[[Record], Record]
    request: Record
    seconds: float
    log: Path
    torch: bool = False


def run(step: Step, watch: Callable[[], None] = lambda: None) -> Record:
    """The step's result, or ``{"problem": why there is none}``; ``watch`` is called meanwhile."""
    step.log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, step.log.open("ab") as log:
        request, result = Path(folder) / "request", Path(folder) / "result"
        request.write_bytes(pickle.dumps((step.work, step.request)))
        process = subprocess.Popen(
            [sys.executable, "-m", serving.__name__, request, result],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(step, Path(folder)),
            start_new_session=True,
        )
        ending = _waited(process, step.seconds, watch)
        if result.is_file():
            return dict(json.loads(result.read_text()))
    return {"problem": f"{ending}; see {step.log}"}


def _waited(process: subprocess.Popen[bytes], seconds: float, watch: Callable[[], None]) -> str:
    """How a process ended; none of it is left, however this function is left."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            try:
                process.wait(serving.POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                watch()
        else:
            return f"stopped after {seconds:.0f} s"
    finally:
        _kill_group(process)
    if process.returncode < 0:
        return f"crashed ({signal.Signals(-process.returncode).name})"
    return f"ended with status {process.returncode} and no result"


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(step: Step, folder: Path) -> dict[str, str]:
    environment = dict(os.environ)
    add_to_path(REPOSITORY, environment)
    if not step.torch:
        (folder / "torch.py").write_text(_NO_TORCH)
        add_to_path(folder, environment)
    return environment
