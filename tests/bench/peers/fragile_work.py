"""What the steps of the tests do in their processes."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any


def double(request: dict[str, Any]) -> dict[str, Any]:
    """Works."""
    return {"double": 2 * request["number"]}


def refuse(request: dict[str, Any]) -> dict[str, Any]:
    """Raises."""
    raise ValueError("too odd")


def abort(request: dict[str, Any]) -> dict[str, Any]:
    """Crashes."""
    os.abort()


def leave(request: dict[str, Any]) -> dict[str, Any]:
    """Ends without a result."""
    os._exit(3)


def hang(request: dict[str, Any]) -> dict[str, Any]:
    """Starts a child and waits too long."""
    child = subprocess.Popen(["sleep", "60"])
    Path(request["folder"], "child").write_text(str(child.pid))
    time.sleep(60)
    return {}


def why_no_torch(request: dict[str, Any]) -> dict[str, Any]:
    """The message of the import of torch; empty where there is none."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        return {"why": str(error)}
    return {"why": ""}
