"""The log files of a run, which may end early where the disk is full: no reason to stop."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from heron_ms.measure.console import quiet


class _LogFile(logging.FileHandler):
    def close(self) -> None:
        """What was not written is left out."""
        with suppress(OSError):
            super().close()


@contextmanager
def logged(work_dir: Path) -> Iterator[None]:
    """Everything that MetaSchedule and heron_ms log goes to files of the work directory."""
    folder = work_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(folder / "heron_ms.log")
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s"))
    logger = logging.getLogger("heron_ms")
    propagates, level, raises = logger.propagate, logger.level, logging.raiseExceptions
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    # Else every line that a full disk does not take is a traceback on the terminal.
    logging.raiseExceptions = False
    try:
        with quiet():
            yield
    finally:
        logging.raiseExceptions = raises
        logger.removeHandler(handler)
        logger.propagate = propagates
        logger.setLevel(level)
        handler.close()
