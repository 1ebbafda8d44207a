"""What an error in the middle of TVM leaves: a builder with open blocks, of which C++ warns."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


def let_go(error: BaseException) -> None:
    """Free what the frames of an error hold, now and without the warning on the terminal."""
    with _silent():
        cause: BaseException | None = error
        while cause is not None:
            traceback.clear_frames(cause.__traceback__)
            cause = cause.__context__


@contextmanager
def _silent() -> Iterator[None]:
    """What C++ prints on stderr goes nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
