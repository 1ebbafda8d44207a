"""The page in headless Chromium, without a network: at two widths nothing sticks out."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from heron_ms.cli import main
from tests.cli.report.events import write

pytest.importorskip("matplotlib")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOUND = next((path for name in BROWSERS if (path := shutil.which(name))), None)

pytestmark = [
    pytest.mark.skipif(FOUND is None, reason=f"no browser: none of {', '.join(BROWSERS)} on PATH"),
    pytest.mark.slow,
]

FRAME = """\
<!DOCTYPE html><body style="margin:0"><iframe id="f" src="{page}" style="border:0"
 width="{width}" height="800"></iframe><pre id="said"></pre><script>
f.onload = () => {{
  const root = f.contentDocument.documentElement;
  const bad = [...root.querySelectorAll("body *")].filter(e => !e.closest(".scroll, pre, svg")
    && e.getBoundingClientRect().right > {width} + 1);
  const columns = getComputedStyle(root.querySelector(".pair")).gridTemplateColumns;
  said.textContent = JSON.stringify([root.scrollWidth, bad.length, columns.split(" ").length,
    root.querySelectorAll("svg").length]);
}};
</script>"""
"""A frame of any width: a window of this browser has a least one."""


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1280, 2)])
def test_nothing_sticks_out(tmp_path: Path, width: int, columns: int) -> None:
    write(tmp_path)
    assert main(["report", str(tmp_path)]) == 0
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(page="report.html", width=width))
    assert FOUND is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    options += ["--virtual-time-budget=3000", f"--user-data-dir={tmp_path}/browser", "--dump-dom"]
    options += ["--host-resolver-rules=MAP * ~NOTFOUND"]
    told = subprocess.run(
        [FOUND, *options, frame.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    match = re.search(r'<pre id="said">\[(\d+),(\d+),(\d+),(\d+)\]', told.stdout)
    assert match is not None, told.stderr
    scrolled, bad, shown, pictures = map(int, match.groups())
    assert scrolled <= width and not bad
    assert (shown, pictures) == (columns, 2)
