"""What tuning warns of, kept for the report and the log instead of passing by on the terminal."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from heron_ms.untuned import UntunedWarning

logger = logging.getLogger(__name__)


@dataclass
class Heeded:
    """``untuned`` says of each task that was left as it is why, ``others`` is all else."""

    untuned: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@contextmanager
def heeded(into: Heeded | None = None) -> Iterator[Heeded]:
    """While this holds, warnings are kept, where the caller says or in one of its own."""
    heard = Heeded() if into is None else into
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield heard
        finally:
            for warning in caught:
                # The caller reports it; where no log is kept, a warning would be on the terminal.
                logger.info("%s", warning.message)
                kept = (
                    heard.untuned if issubclass(warning.category, UntunedWarning) else heard.others
                )
                kept.append(str(warning.message))
