"""``python -m heron_ms``: the same as ``heron-ms``."""

from __future__ import annotations

import sys

from heron_ms.cli import main

sys.exit(main())
