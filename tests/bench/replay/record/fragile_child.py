"""A child for the recorder's worker that crashes, hangs or fails as its candidate asks for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from scripts.bench.replay.record.programs import NOT_BUILT, NOT_RUN, OK, WRONG, Outcome


def serve(pipe: Any, notes: Path) -> None:
    """``values[0]``: 0 works, 1 crashes while built, 2 while run, 3 hangs, 4 works only once fresh.

    Writes its process id to ``notes`` for every candidate.
    """
    pipe.send("ready")
    fresh = True
    while True:
        _, (wish,) = pipe.recv()
        with notes.open("a") as file:
            file.write(f"{os.getpid()}\n")
        pipe.send(NOT_BUILT)
        if wish == 1:
            os._exit(1)
        pipe.send(NOT_RUN)
        if wish == 2:
            os._exit(1)
        if wish == 3:
            time.sleep(60)
        pipe.send(Outcome(WRONG if wish == 4 and not fresh else OK, (1e-3,)))
        fresh = False
