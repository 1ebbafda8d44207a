"""Other machines as a user names them: ``--tracker HOST:PORT --key KEY``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from heron_ms.errors import UsageError

if TYPE_CHECKING:
    from heron_ms.measure.servers.device import Servers

OWN = "host"
"""The target that is the CPU of whatever measures."""


def add_servers(option: Callable[[str, str], Any]) -> None:
    """Add the two options with a function that takes a name and a help text."""
    option("--tracker", "HOST:PORT of an RPC tracker of TVM's: measure on its servers, not here")
    option("--key", "with --tracker: the key of the servers, which have to be alike")


def servers_of(args: argparse.Namespace) -> Servers | None:
    """The servers to measure on; None for this CPU.

    Raises `UsageError` for half of the options, and what `Servers` raises.
    """
    if (args.tracker is None) != (args.key is None):
        raise UsageError("--tracker and --key are given both or not at all")
    if args.tracker is None:
        return None
    from heron_ms.measure.servers.device import Servers

    target = None if args.target == OWN else args.target
    return Servers(args.tracker, args.key, target, args.cores)
