"""Steps of a comparison in processes of their own, which may crash, hang or be stopped.

A step is a script that is given a pickled request and leaves a JSON result. `run` is the side that
waits, `serve` the side that works.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import Record, first_line

POLL_SECONDS = 1.0
_NO_TORCH = 'raise ImportError("left out: TVM would import it in every worker")\n'


@dataclass(frozen=True)
class Step:
    """A script in this folder and what it is asked; it is killed when the time is over.

    TVM imports torch wherever it is installed, two seconds for each worker; without ``torch`` it
    does not find it.
    """

    script: str
    request: Record
    seconds: float
    log: Path
    torch: bool = False


def run(step: Step, watch: Callable[[], None] = lambda: None) -> Record:
    """The step's result, or ``{"problem": why there is none}``; ``watch`` is called meanwhile."""
    step.log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, step.log.open("ab") as log:
        request, result = Path(folder) / "request", Path(folder) / "result"
        request.write_bytes(pickle.dumps(step.request))
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / step.script), request, result],
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


def serve(work: Callable[[Record], Record]) -> None:
    """Does what the command line's request asks and writes the result, or the problem."""
    request, result = map(Path, sys.argv[1:3])
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        record = work(pickle.loads(request.read_bytes()))
    except Exception as error:  # the run goes on with the next step
        import traceback

        traceback.print_exc()
        record = {"problem": f"{type(error).__name__}: {first_line(error)}"}
    unfinished = result.with_suffix(".part")
    unfinished.write_text(json.dumps(record))
    unfinished.rename(result)
    sys.stdout.flush()
    sys.stderr.flush()
    # Libraries with threads of their own have been seen to hang at exit.
    os._exit(0)


def _waited(process: subprocess.Popen[bytes], seconds: float, watch: Callable[[], None]) -> str:
    """How a process ended; none of it is left, however this function is left."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            try:
                process.wait(POLL_SECONDS)
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
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _environment(step: Step, folder: Path) -> dict[str, Any]:
    environment = dict(os.environ)
    if not step.torch:
        (folder / "torch.py").write_text(_NO_TORCH)
        paths = [str(folder), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _leave_with_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    # Killed without a chance to stop this process: a search would hold its directory for nothing.
    os.killpg(0, signal.SIGKILL)
