"""A script that is interrupted ends in a line; an error still has its traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.parametrize(
    ("raised", "status"), [("KeyboardInterrupt", -signal.SIGINT), ("KeyError", 1)]
)
def test_what_nothing_caught(raised: str, status: int) -> None:
    program = f"import common\nraise {raised}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True
    )
    assert done.returncode == status
    assert ("interrupted" in done.stderr) == (raised == "KeyboardInterrupt")
    assert ("Traceback" in done.stderr) == (raised == "KeyError")
