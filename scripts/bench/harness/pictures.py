"""Whether there is something to draw with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.bench.harness.console import say


def drawing(path: Path) -> Any:
    """matplotlib's pyplot for a picture in a file; None, and a word, where it is not installed."""
    try:
        import matplotlib
    except ImportError as error:
        say(f"no {path.name} ({error}): pip install 'heron-ms[plot]'")
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
