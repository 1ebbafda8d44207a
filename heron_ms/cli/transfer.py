"""``--transfer``: a cost model of other tasks, from what was measured of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from heron_ms.cost_model import ModelFactory, OnlineModel, Transferred
from heron_ms.errors import UsageError


@dataclass(frozen=True)
class Transfer:
    """A model of other tasks, and the folder or file that it comes from."""

    source: Path
    model: Transferred

    @property
    def start(self) -> ModelFactory:
        """Makes models that start from it."""
        return partial(OnlineModel, transfer=self.model)


def transfer_from(name: str) -> Transfer:
    """Of a model that was saved, or of all databases in and below a folder.

    Raises `UsageError` where there is nothing of that name, `TransferError` where there is nothing
    to learn from.
    """
    source = Path(name)
    if not name or not source.exists():
        raise UsageError(f"--transfer {name!r} does not exist: name a folder of work directories")
    if source.is_file():
        return Transfer(source, Transferred.load(source))
    print(f"learning from the databases in {source}", file=sys.stderr, flush=True)
    return Transfer(source, Transferred.from_databases([source]))
