"""The command line: ``heron-ms tune``, ``explain`` and ``doctor``.

The search is loaded by the commands that need it, when they run, so that ``--help`` is quick. Bad
input is one line on stderr and exit status 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from heron_ms._preload import leave_out_gpus
from heron_ms.cli.parser import UsageError, build_parser
from heron_ms.errors import HeronError, is_ctrl_c

BAD_INPUT = 2
INTERRUPTED = 130
"""128 + SIGINT, as a shell reports it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status; without ``argv`` the process is all its own."""
    alone = argv is None
    if alone:
        leave_out_gpus()
    status = _run(argv)
    if status == INTERRUPTED and alone:
        # Leaving the usual way would first finish every build that is still queued.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _run(argv: Sequence[str] | None) -> int:
    try:
        args = build_parser().parse_args(argv)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except SystemExit as finished:  # argparse, after it has printed a help text
        return int(finished.code or 0)
    except (HeronError, UsageError) as error:
        return _complain(str(error))
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _close_output()
        return 0
    except OSError as error:  # a disk that is full, a folder that is gone
        if error.filename is None:
            _close_output()
        return _complain(f"{error.filename or 'the output'}: {error.strerror}")
    except (KeyboardInterrupt, RuntimeError) as error:
        if not is_ctrl_c(error):
            raise
        print("heron-ms: interrupted", file=sys.stderr)
        return INTERRUPTED


def _close_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> int:
    print(f"heron-ms: error: {message}", file=sys.stderr)
    return BAD_INPUT
