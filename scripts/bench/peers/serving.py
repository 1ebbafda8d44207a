"""``python -m scripts.bench.peers.serving REQUEST RESULT``: the working side of a step."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from scripts.bench.harness.console import first_line

POLL_SECONDS = 1.0


def serve(request: Path, result: Path) -> None:
    """Does what a request asks, writes the result, or the problem, and ends the process."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        work, wanted = pickle.loads(request.read_bytes())
        record = work(wanted)
    except Exception as error:  # the run goes on with the next step
        traceback.print_exc()
        record = {"problem": f"{type(error).__name__}: {first_line(error)}"}
    unfinished = result.with_suffix(".part")
    unfinished.write_text(json.dumps(record))
    unfinished.rename(result)
    sys.stdout.flush()
    sys.stderr.flush()
    # Libraries with threads of their own have been seen to hang at exit.
    os._exit(0)


def _leave_with_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    # Killed without a chance to stop this process: a search would hold its directory for nothing.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:3]))
