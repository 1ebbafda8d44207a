"""Make the helpers beside the tests of tensorization importable in any import mode."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tensorize"))
