"""The errors that a user of heron_ms can cause, each with a message of one line.

All derive from `HeronError`, so a front end catches one type, prints it and stops. Those that
report a bad argument are a `ValueError` too, so callers who know nothing of heron_ms handle them
as usual.
"""

from __future__ import annotations


def is_ctrl_c(error: BaseException) -> bool:
    """Whether an error is a Ctrl-C: one that passes through TVM is an empty RuntimeError."""
    muted = isinstance(error, RuntimeError) and not str(error)
    return muted or isinstance(error, KeyboardInterrupt)


def last_line(error: BaseException) -> str:
    """Where TVM says what went wrong: the last line of a message, or the type of a mute error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


class HeronError(Exception):
    """Base of every error that heron_ms raises on purpose.

    The message is made to fit one line: white space, line breaks included, becomes single spaces.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class UnknownOperatorError(HeronError, ValueError):
    """An operator was named that heron_ms does not define."""


class InvalidDimensionError(HeronError, ValueError):
    """A dimension is out of range, makes too large a buffer, or there are too few or too many."""


class TargetError(HeronError, ValueError):
    """A target lacks the instruction it names, or names a machine nobody described."""


class WorkDirError(HeronError, ValueError):
    """A work directory is a file, cannot be written, or holds a broken database."""


class WorkerError(HeronError):
    """A process that builds or runs programs ended before it was ready, or has no space to."""


class EventsError(HeronError, ValueError):
    """A work directory without a log of events, or one with a line that is none."""


class BudgetError(HeronError, ValueError):
    """A budget that is no positive number of seconds, or a share of the roof not from 0 to 1."""


class TrackerError(HeronError, ValueError):
    """A tracker that does not answer, or that has no server of a key, or none that can be used."""


class ServerLostError(HeronError):
    """The server on which programs are compared has gone; another may be there."""


class UnsupportedDtypeError(HeronError, ValueError):
    """No intrinsic of the machine takes this combination of operand types."""


class LayoutError(HeronError, ValueError):
    """A layout of data or weight that the operator does not have."""


class UnsatisfiableSpaceError(HeronError):
    """A search space without a single point; the message names the constraints that clash."""


class TrialsError(HeronError, ValueError):
    """The number of trials is not an integer above zero."""


class UnknownStrategyError(HeronError, ValueError):
    """A search strategy was named that there is none of."""


class DecisionError(HeronError):
    """TVM replaced a decision by another, so that the program is not the one asked for."""


class AssignmentError(HeronError, ValueError):
    """An assignment lacks a variable, has one too many, or a value that is no integer."""


class DynamicShapeError(HeronError, ValueError):
    """A function whose loops do not all have constant extents."""


class UnknownFunctionError(HeronError, ValueError):
    """A module has no TensorIR function of that name."""


class WrongResultError(HeronError):
    """A compiled function computes something else than its program."""


class IntrinsicError(HeronError, ValueError):
    """A tensor intrinsic whose description is no einsum, or says other sizes or dtypes than it."""


class UsageError(HeronError, ValueError):
    """Arguments that make no command."""


class ModelError(HeronError, ValueError):
    """A layer, a schedule or a program that the analytic model cannot evaluate."""


class FaultError(HeronError):
    """What an accelerator's instructions cannot say, or what it would do wrong in silence.

    kind: one word for it: "affine", "dtype", "field", "bounds", "capacity", "distance", "race",
    "token", "unwritten" or "stale".
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class TransferError(HeronError, ValueError):
    """Databases without a measurement to learn from, or a file that is no transferred model."""


class FlexTensorError(HeronError, ValueError):
    """A program that is not made of blocks, an unknown node, or a split or move that is none."""


class MissingExtraError(HeronError, ImportError):
    """A package that only an extra of heron-ms brings is not installed."""


class ModelFileError(HeronError, ValueError):
    """A file of a model that is missing, damaged or of another kind."""


class ModelShapeError(HeronError, ValueError):
    """A shape for an input that a model does not have, or that the input cannot have."""


class UnsupportedModelError(HeronError, ValueError):
    """A model with operators that cannot be had; the message names their nodes."""


class PackingError(HeronError, ValueError):
    """Packing ahead was asked for, and no function of the model reads a constant."""


class LibraryError(HeronError, ValueError):
    """A file that is no compiled model, or one of another model than was named."""


class NoRecordError(HeronError, ValueError):
    """A database without a record of a model on a target."""


class ToolChainError(HeronError):
    """A compiler that is not installed, or that fails; the message says what to install."""


class EmulationError(HeronError):
    """A kernel that does what no GPU would let pass, or what is not emulated."""
