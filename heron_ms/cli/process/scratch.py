"""Where the worker processes of a search build: in a place of its own, so that nothing is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from heron_ms.cli.process.interrupt import shielded

_folders: list[Path] = []


@contextmanager
def scratch() -> Iterator[None]:
    """A place for what worker processes build, which is removed or, after Ctrl-C, emptied."""
    before = os.environ.get("TMPDIR")
    with shielded():
        folder = Path(mkdtemp(prefix="heron-ms-"))
        _folders.append(folder)
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    except BaseException:
        # Workers are still at it, and would say that the folder is gone.
        for path in folder.iterdir():
            rmtree(path, ignore_errors=True)
        raise
    else:
        rmtree(folder, ignore_errors=True)
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


def remove_scratch() -> None:
    """Remove all such places for good, once no worker is left."""
    for folder in _folders:
        rmtree(folder, ignore_errors=True)
