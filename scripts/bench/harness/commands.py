"""``heron-ms`` as a user starts it: a process of its own, on the processors of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.bench.harness.console import say


@contextmanager
def started(words: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``heron-ms`` with these words, which prints to a file; it does not outlive the block."""
    say("heron-ms", *words)
    command = [sys.executable, "-m", "heron_ms", *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("ab") as file,
        subprocess.Popen(command, env=environment, stdout=file, stderr=file) as process,
    ):
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def finished(words: Sequence[str], log: Path) -> None:
    """Run ``heron-ms`` to its end. Raises RuntimeError where it fails, with its status."""
    with started(words, log) as process:
        status = process.wait()
    if status:
        raise RuntimeError(f"heron-ms {words[0]} ended with status {status}: see {log}")
