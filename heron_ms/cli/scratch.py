"""Where the worker processes of a search build: in a place of its own, so that nothing is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp


@contextmanager
def scratch() -> Iterator[None]:
    """A place for what worker processes build, which is removed or, after Ctrl-C, emptied."""
    folder, before = Path(mkdtemp(prefix="heron-ms-")), os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    except BaseException:
        # Workers are still at it, and would say that the folder is gone.
        for each in folder.iterdir():
            rmtree(each, ignore_errors=True)
        raise
    else:
        rmtree(folder, ignore_errors=True)
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
