"""The command line: ``heron-ms tune``, ``explain``, ``tune-model``, ``compile``, ``run`` and more.

The search is loaded by the commands that need it, when they run, so that ``--help`` is quick. Bad
input is one line on stderr and exit status 2; a signal is one line and 128 plus its number.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from heron_ms import _starting
from heron_ms._preload import leave_out_gpus
from heron_ms.cli.arguments.numbers import shown
from heron_ms.cli.arguments.parser import build_parser
from heron_ms.cli.model.arguments import routed
from heron_ms.cli.process import clock, interrupt
from heron_ms.cli.process.scratch import remove_scratch
from heron_ms.cli.process.streams import open_streams
from heron_ms.cli.process.workers import end_workers
from heron_ms.errors import HeronError, UsageError, last_line
from heron_ms.letting_go import let_go

BAD_INPUT = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status; without ``argv`` the process is ours, and ends."""
    clock.restart(None if argv is not None else _starting.BEGUN)
    if argv is not None:
        return _interruptible(argv)
    open_streams()
    leave_out_gpus()
    _starting.cleanups[:] = [end_workers, remove_scratch]
    _starting.answer_signals()
    # Python's own way out takes a while, in which a signal would end the process without a word.
    _starting.leave(_interruptible(sys.argv[1:]))


def _interruptible(argv: Sequence[str]) -> int:
    with interrupt.Interruptible(quiet=False) as signals:
        try:
            status = _run(argv)
        except BaseException as error:
            if not signals.pressed and not isinstance(error, KeyboardInterrupt):
                raise
            let_go(error)
            _say(f"{interrupt.words()}: nothing was lost, run the same command again")
            status = interrupt.status()
    return interrupt.status() if signals.pressed else status


def _run(argv: Sequence[str]) -> int:
    try:
        _refuse_odd_text(argv)
        args = build_parser().parse_args(routed(argv))
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except SystemExit as finished:  # argparse, after it has printed a help text
        return int(finished.code or 0)
    except HeronError as error:
        _say(f"error: {error}")
        return BAD_INPUT
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _close_output()
        return 0
    except OSError as error:  # a disk that is full, a folder that is gone
        return _refused_by_system(error)
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        _say("error: there is not enough memory: choose smaller sizes; what was measured is kept")
        return BAD_INPUT


def _refused_by_system(error: OSError) -> int:
    """Say what the system refused; raises an error that says nothing of it."""
    if error.errno is None:
        raise error
    interrupt.hang_up(error)
    if error.filename is None:
        _close_output()
    _say(f"error: {error.filename or 'the output'}: {error.strerror}")
    return BAD_INPUT


def _is_out_of_memory(error: Exception) -> bool:
    """Whether numpy had no memory, or TVM, whose error is one of its own."""
    return isinstance(error, MemoryError) or last_line(error).endswith("std::bad_alloc")


def _refuse_odd_text(argv: Sequence[str]) -> None:
    """Raise `UsageError` for what neither a file nor a name in TVM can be called."""
    for argument in argv:
        if "\0" in argument or argument != argument.encode(errors="replace").decode():
            raise UsageError(
                f"{shown(argument)} is no text: arguments are UTF-8 without zero bytes"
            )


def _close_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    with suppress(OSError):  # of which the exit status tells, then
        print(f"heron-ms: {line}", file=sys.stderr, flush=True)
