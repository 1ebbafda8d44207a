"""Make the helpers here and beside the tests of tensorization importable in any import mode."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tensorize")]
