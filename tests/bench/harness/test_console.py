"""What went wrong, in a line."""

from __future__ import annotations

import pytest

from scripts.bench.harness.console import first_line

SOURCE = 'RuntimeError: \n#if 1\nextern "C" __global__ void k(float* a) { b[0] = "Error: "; }\n'


@pytest.mark.parametrize(("error", "line"), [
    ("Traceback\n  File\nValueError: so it is\nand more", "ValueError: so it is"),
    (ValueError("so it is"), "so it is"),
    (ValueError(), "ValueError"),
    (SOURCE + "Compilation error:\n/tmp/abc/kernels.cu(4): error: no b\n  ^\n1 error detected",
     "kernels.cu(4): error: no b"),
    (SOURCE + "Compilation error:\nptxas info : k\nptxas error : too much shared data\n",
     "ptxas error : too much shared data"),
    (SOURCE + "Compilation error:\nKilled\n", "Killed"),
])  # fmt: skip
def test_what_went_wrong(error: object, line: str) -> None:
    assert first_line(error) == line


def test_a_line_is_cut_at_its_width() -> None:
    assert first_line("Error: " + "x" * 200, width=10) == "Error: xx…"
