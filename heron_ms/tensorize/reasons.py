"""Why a block maps to no intrinsic: a type for programs, a line for users."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(str, Enum):
    """The kinds of refusal."""

    NO_EINSUM = "not an einsum"
    DTYPE = "dtype"
    DYNAMIC = "dynamic shape"
    ACCESS = "access"
    WASTE = "waste"
    REST = "not admitted by the rest of the program"


@dataclass(frozen=True)
class NoMatch:
    """A block, the kind of refusal, and what exactly stands in the way; prints as one line."""

    block: str
    reason: Reason
    detail: str

    def __str__(self) -> str:
        return f"block {self.block}: {self.reason.value} ({self.detail})"


class Refused(Exception):
    """Raised while a block is being read; becomes a `NoMatch`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail
