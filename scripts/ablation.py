"""What each part of the CGA is worth: the search with one part off at a time.

    python scripts/ablation.py --strategies default no-model --seeds 5

Objectives without noise: see scripts/replay_runs.py. Writes the data and a Markdown table; started
again, a stopped run goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from common import say
from replay_figures import overall, table
from replay_objectives import bests, chosen
from replay_runs import arguments, curves, save

CHANGES: dict[str, dict[str, Any]] = {
    "default": {},
    "no prior": {"prior_share": 0.0},
    "no generations": {"generations": 0},
    "no elites": {"elites": 0},
    "no measured parents": {"measured": 0},
    "important keys": {"keys": "important"},
    "all keys": {"key_share": 1.0},
    "no exploration": {"greedy": 1.0},
    "no polish": {"polish": 0.0},
}
"""Settings of the default preset that are changed, by the name of the part that is then off."""


def main() -> int:
    """Search what is missing, write the table."""
    args = arguments(__doc__, CHANGES).parse_args()
    objectives = chosen(args)
    found = curves(args, {name: _maker(name) for name in CHANGES}, objectives)
    best = bests(objectives, found)
    text = f"{overall(found, best)}\n\n{table(found, best)}"
    plain = [{**asdict(each.search), "best": each.best} for each in found]
    save(args.out, "ablation", text, plain)
    say(f"written to {args.out}")
    return 0


def _maker(name: str) -> Callable[[], Any]:
    def make() -> Any:
        from dataclasses import replace

        from heron_ms.search import PRESETS
        from heron_ms.search.cga import ConstrainedGenetic

        return ConstrainedGenetic(replace(PRESETS["default"], **CHANGES[name]))

    return make


if __name__ == "__main__":
    sys.exit(main())
