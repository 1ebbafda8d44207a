"""Speed of kernels tuned by heron_ms beside ONNX Runtime and oneDNN, u8 x s8 GEMM on one core.

For each case heron_ms tunes a kernel, the best record is taken from its database, compiled and
compared with numpy bit for bit on fresh random data, as the peers' results are. Then all of them
are timed in turn, round after round, in this one process on one pinned processor. All are called
from Python in the same way, once per product; the table tells what such a call costs by itself.
The peers lay the weight out in advance; heron_ms does so only where the case says "packed", and
packs a plain weight (kn, nk) anew in every call.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from common import Journal, Record, cpu_target, first_line, markdown, pin, redirected, say
from peers import PEERS, Kernel

OURS = "heron_ms"
NAMES = (OURS, *PEERS)
TITLES = {OURS: "heron_ms", "onnxruntime": "ONNX Runtime", "onednn": "oneDNN"}
LARGE = tuple(f"{size} {size} {size} {w}" for size in (512, 1024) for w in ("packed", "kn", "nk"))
FLAT = tuple(
    f"{dims} {w}"
    for dims in ("32 2048 1000", "32 1000 2048", "32 4096 4096")
    for w in ("packed", "kn")
)
CALLS = "1 4 16 packed"
"""So small that nearly all of its time is the call itself."""


@dataclass(frozen=True)
class Case:
    """A product of (M, K) by (K, N) and the layout in which heron_ms gets the weight."""

    m: int
    k: int
    n: int
    weight: str

    @classmethod
    def parse(cls, text: str) -> Case:
        """From "M K N WEIGHT". Raises ArgumentTypeError for anything else."""
        words = text.split()
        if len(words) != 4 or not all(word.isdigit() and int(word) for word in words[:3]):
            raise argparse.ArgumentTypeError(f'not "M K N packed|kn|nk": {text!r}')
        if words[3] not in ("packed", "kn", "nk"):
            raise argparse.ArgumentTypeError(f"weight must be packed, kn or nk, not {words[3]!r}")
        return cls(int(words[0]), int(words[1]), int(words[2]), words[3])

    def __str__(self) -> str:
        return f"{self.m} {self.k} {self.n} {self.weight}"

    @property
    def gigaops(self) -> float:
        """Nominal operations of one call, in 1e9."""
        return 2 * self.m * self.k * self.n / 1e9

    def workload(self) -> Any:
        """The program, its inputs and its reference."""
        from heron_ms.workloads.gemm import Gemm

        return Gemm(self.m, self.k, self.n, self.weight)


@dataclass(frozen=True)
class Settings:
    """What a measurement depends on besides its case; kept in its record."""

    trials: int
    seed: int
    rounds: int
    only: tuple[str, ...]

    def key(self, case: Case) -> Record:
        """What a record of the same measurement has, to be found after a kill."""
        same = {"trials": self.trials, "seed": self.seed, "rounds": self.rounds}
        return {"case": str(case), **same, "only": list(self.only)}


def main() -> int:
    arguments = _parser().parse_args()
    core = pin(arguments.core)

    from heron_ms.measure.peak import vnni_peak
    from heron_ms.measure.pool import set_threads

    peak = vnni_peak(cpu_target())
    set_threads(1)
    say(f"processor {core}, measured VNNI peak {peak:.0f} GOP/s")
    settings = _settings(arguments)
    cases = arguments.case or [Case.parse(text) for text in (*LARGE, *FLAT)]
    records = [_measured(case, settings, arguments, peak) for case in cases]
    overhead = _overheads(settings, arguments.clock)
    _report(records, overhead, arguments.clock)
    if arguments.json:
        document = {"target": cpu_target(), "peak_gops": peak, "call_us": overhead,
                    "cases": records}  # fmt: skip
        Path(arguments.json).write_text(json.dumps(document, indent=1) + "\n")
    return 0 if all(result["exact"] for result in _results(records)) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(
            "examples:\n"
            "  python scripts/compare_peers.py --work-dir /tmp/peers --json peers.json\n"
            '  python scripts/compare_peers.py --case "1024 1024 1024 packed" --trials 32\n'
            "  python scripts/compare_peers.py --only onnxruntime onednn     (tunes nothing)\n"
            "\nThe peers come with `pip install -e .[peers]`; one that is missing is left out.\n"
            "TVM imports torch wherever it is installed: workers then start 2-3 s later, so\n"
            "measure the cost of a search in an environment without the peers.\n"
            "A killed run goes on where it stopped when it is started again the same way."
        ),
    )
    add = parser.add_argument
    add("--case", action="append", type=Case.parse, metavar='"M K N WEIGHT"',
        help="a case instead of the usual twelve; may be repeated")  # fmt: skip
    add("--trials", type=_positive, default=64, help="trials to tune a case with (default 64)")
    add("--rounds", type=_rounds, default=15, help="rounds of timing, at least 15 (default 15)")
    add("--seed", type=int, default=0, help="of the search and of the random data (default 0)")
    add("--only", nargs="+", choices=NAMES, default=list(NAMES), help="leave the others out")
    add("--core", type=int, help="processor to run on (default: the last one allowed)")
    add("--clock", choices=("wall", "cpu"), default="wall",
        help="what the table shows: wall time, or the processor time of this process, which "
        "other processes on the same core disturb less; the JSON has both")  # fmt: skip
    add("--work-dir", default="build/compare_peers",
        help="databases and results, for going on (default build/compare_peers)")  # fmt: skip
    add("--fresh", action="store_true", help="time again what was timed before; keeps databases")
    add("--json", metavar="FILE", help="write all figures to FILE")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, not {text!r}")
    return int(text)


def _rounds(text: str) -> int:
    if _positive(text) < 15:
        raise argparse.ArgumentTypeError("a median of fewer than 15 rounds says little")
    return int(text)


def _settings(arguments: argparse.Namespace) -> Settings:
    only = tuple(name for name in NAMES if name in arguments.only)
    return Settings(arguments.trials, arguments.seed, arguments.rounds, only)


def _measured(case: Case, settings: Settings, arguments: argparse.Namespace, peak: float) -> Record:
    """The record of a case: that of an earlier, killed run, or a new one."""
    work_dir = Path(arguments.work_dir)
    journal = Journal(work_dir / "compare_peers.jsonl")
    record = None if arguments.fresh else journal.find({**settings.key(case), "problems": {}})
    if record is None:
        record = _measure_case(case, settings, work_dir, peak)
        journal.append(record)
    else:
        say(f"{case}: measured before, taken from {journal.path}")
    say(_summary(record, arguments.clock))
    return record


def _measure_case(case: Case, settings: Settings, work_dir: Path, peak: float) -> Record:
    import numpy as np

    gemm = case.workload()
    a, b = gemm.random_inputs(np.random.default_rng(settings.seed))
    started = time.perf_counter()
    makers = {name: partial(make, a, b) for name, make in PEERS.items()}
    makers[OURS] = partial(_tuned, gemm, settings, work_dir / str(case).replace(" ", "_"), a, b)
    kernels, problems = _prepare({name: makers[name] for name in settings.only})
    prepared = time.perf_counter() - started
    expected = gemm.reference(a, b)
    results = {name: {"exact": bool(np.array_equal(kernel.output(), expected))}
               for name, kernel in kernels.items()}  # fmt: skip
    for name, timing in _alternate(kernels, settings.rounds).items():
        results[name].update(timing)
    key = settings.key(case)
    return {**key, "gigaops": case.gigaops, "peak_gops": peak, "prepare_s": prepared,
            "results": results, "problems": problems}  # fmt: skip


def _prepare(
    makers: Mapping[str, Callable[[], Kernel]],
) -> tuple[dict[str, Kernel], dict[str, str]]:
    """The kernels that can be had, and why the others cannot."""
    kernels, problems = {}, {}
    for name, make in makers.items():
        try:
            kernels[name] = make()
        except ImportError as error:
            hint = "" if name == OURS else "; pip install -e .[peers]"
            problems[name] = f"not installed ({first_line(error)}){hint}"
        except Exception as error:  # the other contenders are still worth timing
            problems[name] = f"{type(error).__name__}: {first_line(error)}"
        if name in problems:
            say(f"{TITLES[name]} left out: {problems[name]}")
    return kernels, problems


def _tuned(gemm: Any, settings: Settings, work_dir: Path, a: Any, b: Any) -> Kernel:
    """The best kernel of a search, which goes on if its work directory has a part of it."""
    import tvm
    from tvm.s_tir import meta_schedule as ms

    import heron_ms

    target = tvm.target.Target(cpu_target())
    with redirected(1, to=2):  # MetaSchedule reports to stdout, which is for the table
        database = heron_ms.tune_tir(
            gemm.prim_func(), target, str(work_dir), settings.trials, seed=settings.seed
        )
    best = ms.tir_integration.compile_tir(database, gemm.prim_func(), target)
    if best is None:
        raise RuntimeError(f"no trial succeeded; see the logs in {work_dir}")
    return _compiled(best.mod, gemm, a, b)


def _compiled(module: Any, gemm: Any, a: Any, b: Any) -> Kernel:
    import numpy as np
    import tvm

    library = tvm.compile(module, target=tvm.target.Target(cpu_target()))
    function = library.mod["main"]
    # Not zeros: a kernel that forgets to initialise its sums must not look right.
    c = tvm.runtime.tensor(np.full((gemm.m, gemm.n), -7, np.int32))
    tensors = (tvm.runtime.tensor(a), tvm.runtime.tensor(gemm.arrange(b)), c)

    def output() -> Any:
        function(*tensors)
        return c.numpy()

    return Kernel(lambda: function(*tensors), output)


def _alternate(kernels: Mapping[str, Kernel], rounds: int) -> dict[str, Record]:
    """Times each kernel once a round, in an order that rotates; medians over the rounds."""
    calls = {name: _calls_per_batch(kernel) for name, kernel in kernels.items()}
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in kernels}
    names = list(kernels)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            samples[name].append(_batch(kernels[name].run, calls[name]))
    return {name: _statistics(samples[name], calls[name]) for name in names}


def _calls_per_batch(kernel: Kernel, seconds: float = 0.03) -> int:
    """Enough calls that clock and cold caches do not matter."""
    return max(3, min(100_000, math.ceil(seconds / max(_batch(kernel.run, 3)[0], 1e-7))))


def _batch(run: Callable[[], object], calls: int) -> tuple[float, float]:
    """Seconds a call of wall time and of processor time, after one call to warm up."""
    run()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        run()
    return (time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls


def _statistics(samples: Iterable[tuple[float, float]], calls: int) -> Record:
    wall, cpu = (sorted(column) for column in zip(*samples, strict=True))
    return {
        "wall_us": statistics.median(wall) * 1e6,
        "wall_us_best": wall[0] * 1e6,
        "cpu_us": statistics.median(cpu) * 1e6,
        "calls_per_round": calls,
        "rounds": len(wall),
    }


def _overheads(settings: Settings, clock: str) -> dict[str, float]:
    """Microseconds of a call that computes next to nothing, for each contender."""
    import numpy as np

    gemm = Case.parse(CALLS).workload()
    a, b = gemm.random_inputs(np.random.default_rng(settings.seed))
    makers = {name: partial(make, a, b) for name, make in PEERS.items()}
    makers[OURS] = partial(_compiled, gemm.prim_func(), gemm, a, b)
    kernels, _ = _prepare({name: makers[name] for name in settings.only})
    return {name: timing[f"{clock}_us"] for name, timing in _alternate(kernels, 15).items()}


def _gops(record: Record, name: str, clock: str) -> float | None:
    """GOP/s of a contender; None if it did not run or its result was wrong."""
    result = record["results"].get(name)
    if result is None or not result["exact"]:
        return None
    return float(record["gigaops"] / result[f"{clock}_us"] * 1e6)


def _ratio(record: Record, name: str, clock: str) -> float | None:
    ours, theirs = _gops(record, OURS, clock), _gops(record, name, clock)
    return ours / theirs if ours and theirs else None


def _share(record: Record, name: str, clock: str) -> str:
    gops = _gops(record, name, clock)
    if gops is not None:
        return f"{gops:.0f} ({gops / record['peak_gops']:.2f})"
    return "WRONG" if name in record["results"] else "–"


def _summary(record: Record, clock: str) -> str:
    shares = [f"{TITLES[name]} {_share(record, name, clock)}" for name in record["only"]]
    return f"{record['case']}: GOP/s (share of peak) " + ", ".join(shares)


def _report(records: list[Record], overhead: Mapping[str, float], clock: str) -> None:
    head = ["M K N weight", "peak", *(f"{TITLES[name]} (share)" for name in NAMES)]
    head += [f"heron_ms / {TITLES[name]}" for name in PEERS]
    rows = [[record["case"], f"{record['peak_gops']:.0f}",
             *(_share(record, name, clock) for name in NAMES),
             *(_two_digits(_ratio(record, name, clock)) for name in PEERS)]
            for record in records]  # fmt: skip
    means = [_mean(_ratio(record, name, clock) for record in records) for name in PEERS]
    rows.append(["geometric mean", *[""] * (1 + len(NAMES)), *map(_two_digits, means)])
    print(f"GOP/s of nominal operations, medians of {clock} time, one core\n")
    print(markdown(head, rows))
    print("\nAll are called from Python in the same way. A call of next to no work takes:")
    for name, microseconds in overhead.items():
        print(f"- {TITLES[name]}: {microseconds:.1f} µs")
    print(
        "\nThe peers' weights are laid out in advance in every row; heron_ms packs kn and nk in "
        "each call.\nResults are compared with numpy's, bit for bit; oneDNN's are float32, exact "
        "below 2**24."
    )
    stolen = max((each["wall_us"] / each["cpu_us"] - 1 for each in _results(records)), default=0.0)
    if stolen > 0.03:
        print(
            f"\nOther processes used the core too: wall time is up to {stolen:.0%} above the "
            "processor time of this one (--clock cpu shows that)."
        )


def _results(records: Iterable[Record]) -> list[Record]:
    return [result for record in records for result in record["results"].values()]


def _mean(ratios: Iterable[float | None]) -> float | None:
    logs = [math.log(ratio) for ratio in ratios if ratio]
    return math.exp(statistics.fmean(logs)) if logs else None


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
