"""TVM's RPC tracker, which knows the servers of each key and lends them to whoever asks."""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from typing import Any

from tvm.rpc.base import RPC_TRACKER_MAGIC, TrackerCode, recvall, recvjson, sendjson

from heron_ms._tvm import ms
from heron_ms.errors import TrackerError

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[^:\s/]+)):(?P<port>\d{1,5})")
_ANSWER = 5.0
"""Seconds in which a tracker answers, busy or not."""


@dataclass(frozen=True)
class Standing:
    """How many servers a key has, and how many of them nobody has borrowed."""

    servers: int
    free: int


@dataclass(frozen=True)
class Tracker:
    """A tracker, and the key of those of its servers that are meant."""

    host: str
    port: int
    key: str

    @classmethod
    def at(cls, address: str, key: str) -> Tracker:
        """The tracker at ``HOST:PORT``; raises `TrackerError` for another form."""
        match = _ADDRESS.fullmatch(address)
        if match is None or not 0 < int(match["port"]) < 2**16:
            raise TrackerError(f"no tracker is at {address!r}: it is named as HOST:PORT")
        return cls(match["six"] or match["host"], int(match["port"]), key)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def standing(self) -> Standing:
        """What the tracker says now; raises `TrackerError` where it does not answer."""
        summary = self._summary()
        keys = _keys(summary)
        free = summary["queue_info"].get(self.key, {"free": 0})["free"]
        return Standing(keys.count(self.key), int(free))

    def require(self) -> int:
        """How many servers there are; raises `TrackerError` for none, with the keys there are."""
        servers = self.standing().servers
        if not servers:
            keys = sorted(set(_keys(self._summary())))
            known = f"its keys are {', '.join(keys)}" if keys else "it has no servers at all"
            raise TrackerError(
                f"the tracker at {self} has no server of key {self.key!r}: {known}; start one with "
                f"`python -m tvm.exec.rpc_server --tracker {self} --key {self.key}`"
            )
        return servers

    def config(self, seconds: float) -> Any:
        """For MetaSchedule: sessions that a server ends after so many seconds."""
        return ms.runner.RPCConfig(
            tracker_host=self.host,
            tracker_port=self.port,
            tracker_key=self.key,
            session_timeout_sec=int(seconds),
        )

    def session(self, seconds: float) -> Any:
        """A session of at most so many seconds on a server, once one is free.

        Raises `TrackerError` where there is none.
        """
        self.require()
        try:
            return self.config(seconds).connect_server()
        except (RuntimeError, OSError, ValueError) as error:
            raise TrackerError(f"no server of key {self.key!r} could be used: {error}") from error

    def _summary(self) -> dict[str, Any]:
        try:
            with socket.create_connection((self.host, self.port), timeout=_ANSWER) as link:
                link.sendall(struct.pack("<i", RPC_TRACKER_MAGIC))
                if struct.unpack("<i", recvall(link, 4))[0] != RPC_TRACKER_MAGIC:
                    raise TrackerError(f"what answers at {self} is no RPC tracker of TVM's")
                sendjson(link, [TrackerCode.SUMMARY])
                code, summary = recvjson(link)
        except (OSError, ValueError) as error:
            if isinstance(error, TrackerError):
                raise
            raise TrackerError(
                f"no RPC tracker answers at {self} ({error}): start one with `python -m "
                f"tvm.exec.rpc_tracker --port {self.port}`"
            ) from error
        if code != TrackerCode.SUCCESS:
            raise TrackerError(f"the tracker at {self} does not tell of its servers")
        return dict(summary)


def _keys(summary: dict[str, Any]) -> list[str]:
    """Of the servers, each as often as it has some."""
    return [str(info.get("key", "")).partition(":")[2] for info in summary["server_info"]]
