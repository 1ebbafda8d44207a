"""A command whose output, or whose complaints, go nowhere does what it does otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMAND = f"{sys.executable} -m heron_ms.cli explain gemm 16 16 16 --target znver4"


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str) -> None:
    command = ["bash", "-c", f"{COMMAND} {closed}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_file_does_not_get_the_number_of_a_closed_stream() -> None:
    script = (
        "from heron_ms.cli.process.streams import open_streams; open_streams(); "
        "import os, sys; sys.exit(os.open(os.devnull, os.O_RDONLY) < 3)"
    )
    command = ["bash", "-c", f"{sys.executable} -c '{script}' <&- >&- 2>&-"]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0
