"""``python -m heron_ms.cli``."""

from __future__ import annotations

import sys

from heron_ms.cli import main

sys.exit(main())
