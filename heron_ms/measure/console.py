"""MetaSchedule's log, hundreds of lines a task: in files of a work directory, not on the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

METASCHEDULE = "tvm.s_tir.meta_schedule"
"""The logger of MetaSchedule."""


@contextmanager
def quiet() -> Iterator[None]:
    """What MetaSchedule logs in a run that begins in here goes to ``logs`` in its work directory.

    A caller's own handlers of its logger, `METASCHEDULE`, go on as they are.
    """
    logger = logging.getLogger(METASCHEDULE)
    level = logger.level
    # MetaSchedule gives its console handler the level that it finds here; its file gets all.
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
