"""Which tables README and docs have, and what of the data of the benchmarks each shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.bench.harness.tables import markdown


@dataclass(frozen=True)
class Published:
    """A table between ``<!-- MARK -->`` and ``<!-- end -->`` of a ``file`` of the repository.

    Rows are the records of a ``part`` of a benchmark's data, as far as ``titles`` has them, in its
    order, by what their first column says; without titles all records, as they are. ``columns``
    are names of the data by the headings of the table, the first heading being ``heading``.
    ``benchmark`` is one's name, with "+" and more behind it for a run with other options.
    """

    mark: str
    benchmark: str
    part: str
    heading: str
    columns: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    file: str = "docs/results.md"

    def markdown(self, data: Any) -> str:
        """The table. Raises KeyError where the data lacks a column."""
        rows = [
            [title, *(record[column] for column in self.columns.values())]
            for title, record in self._titled(data[self.part])
        ]
        return markdown([self.heading, *self.columns], rows)

    def _titled(self, records: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
        """The records of the table with their titles; of several with one name, the first."""
        named = [(str(next(iter(record.values()))), record) for record in records]
        if not self.titles:
            return named
        first = dict(reversed(named))
        return [(title, first[name]) for name, title in self.titles.items() if name in first]


_AT = {"32": "after 32", "64": "after 64", "128": "after 128", "256": "after 256"}
_NEAR = {"to 5 %": "median trials to 5%"}
_STRATEGIES = {
    "cga": "`cga`, the default",
    "cga-published": "`cga-published`, as in the paper",
    "cga-random-keys": "`cga-random-keys` (CGA-1)",
    "ga-stochastic-ranking": "`ga-stochastic-ranking` (GA-1)",
    "ga-sat-decoder": "`ga-sat-decoder` (GA-2)",
    "ga-infeasibility": "`ga-infeasibility` (GA-3)",
    "annealing": "`annealing` (CSA)",
    "walk-q": "`walk-q`, FlexTensor's",
    "walk-all": "`walk-all`, FlexTensor's",
    "random": "`random` (CRAND)",
    "stock": "`stock`",
}
_PARTS = {
    "default": "nothing",
    "no prior": "the analytic model",
    "no generations": "generations",
    "no polish": "polish",
    "all keys": "the choice of key variables (all are)",
    "important keys": "the random choice of them (by importance)",
    "no exploration": "exploration in a batch",
    "no measured parents": "measured parents",
    "no elites": "elites",
}
_OPERATORS = ("gemm", "bmm", "gemv", "scan", "c1d", "c2d", "dil", "c3d", "t2d", "all")
_PEERS = {
    "cases": "cases",
    "best peer": "best peer",
    "best peer with 32-bit results": "best peer, 32-bit results",
    "oneDNN": "oneDNN",
    "ONNX Runtime": "ONNX Runtime",
}
_FIRST = ("u8×s8 512³, weight (K, N)", "the same, stock's intrinsic repaired")
_BESIDE = ("stock: right and tensorized", "stock: built but wrong",
           "heron_ms: right and tensorized")  # fmt: skip

_CONTENDERS = ("ONNX Runtime", "OpenVINO", "PyTorch", "torch.compile", "untuned Relax")
_MODELS = ("heron_ms", "heron_ms, 0 trials", *_CONTENDERS, "tasks to model")
_QUANTISED = ("heron_ms", "heron_ms, 0 trials", "ONNX Runtime", "OpenVINO", "ours")
_STOCK = "stock, 64 at a time"
_LONG, _SHORT = (("heron_ms", "heron_ms, 0 trials", stock, "ONNX Runtime")
                 for stock in (_STOCK, "stock, 9 at a time"))  # fmt: skip
_TENSORCORE, _VTA = "docs/machines/tensorcore.md", "docs/machines/vta.md"
_RANDOM = ("rows", "drawn", "refused", "not lowered", "other shared bytes", "compiled",
           "nvcc fails", "stack", "spills", "emulated", "inexact")  # fmt: skip
_SERIAL = ("rows", "programs", "compiled", "right")
_SPILLING = ("compiled", "registers", "spill")
_FIGURE9 = ("our cycles", "AutoTVM's cycles", "AutoTVM relative", "its valid programs")
_SEARCHED = ("best of random ones", "median", "worst", "within 5 %", "seconds")
_LAYERS = ("calls", "steps of multiplying", "cycles", "busy", "ms in all")
_OFFLOADED = ("tasks on the chip", "ms of the chip", "equal to this CPU")
_TASKS = ("calls", "cycles", "limited by", "trials")
_SIMULATED = ("steps", "inp bytes", "wgt bytes", "out bytes", "as expected", "exact")
_TOLD = ("told as measured", "lost", "measured again", "gone on to the end")
_HARMED = ("directories", "whole records", "crashes", "wrong kernels", "whole records lost",
           "changed records used")  # fmt: skip
_SURVIVED = ("records", "failed", "servers at first", "in the end")
_COST_MODELS = ("variables", "tokens (default)", "tokens, ranked")
_TO_NEAR = ("by score", "as measured", "at random")


def _whole(
    benchmark: str,
    part: str,
    heading: str,
    *columns: str,
    mark: str = "",
    file: str = "docs/results.md",
) -> Published:
    """All records of a part of a benchmark's data, with columns by their own names."""
    named = {column: column for column in columns}
    return Published(mark or benchmark, benchmark, part, heading, named, file=file)


PUBLISHED = (
    Published(
        "stock-first",
        "stock",
        "beside",
        "workload",
        {column: column for column in _BESIDE},
        {name: name for name in _FIRST},
        file="README.md",
    ),
    Published("peers-all", "peers", "means", "operators", _PEERS, {"all": "all"}, "README.md"),
    Published("stock", "stock", "beside", "workload", {column: column for column in _BESIDE}),
    Published("peers", "peers", "means", "operator", _PEERS, {name: name for name in _OPERATORS}),
    Published("figure12", "figure12", "overall", "strategy", {**_AT, **_NEAR}, _STRATEGIES),
    Published("ablation", "ablation", "overall", "off", {**_AT, **_NEAR}, _PARTS),
    Published(
        "figure12-machine",
        "figure12-machine",
        "overall",
        "strategy",
        {**_AT, **_NEAR, "to 1 %": "median trials to 1%"},
        _STRATEGIES,
    ),
    _whole("randsat", "gemm", "GEMM", "RandSAT"),
    _whole("randsat+a100", "gemm", "GEMM", "RandSAT", mark="randsat-a100", file=_TENSORCORE),
    _whole("coverage", "totals", "intrinsic", "programs", "mapped", "tensorized by stock"),
    _whole("models", "times", "model", *_MODELS),
    _whole("models", "means", "speed of", *_CONTENDERS, mark="models-means"),
    _whole("models+stock", "times", "model", *_LONG, mark="models-stock"),
    _whole("models+stock", "means", "speed of", _STOCK, mark="models-stock-means"),
    _whole("models+stock-short", "times", "model", *_SHORT, mark="models-stock-short"),
    _whole("models+int8", "times", "model", *_QUANTISED, mark="models-int8"),
    _whole("models+int8", "means", "speed of", *_CONTENDERS[:2], mark="models-int8-means"),
    _whole("models+vnni", "times", "model", *_QUANTISED, mark="models-vnni"),
    _whole("models+vnni", "means", "speed of", *_CONTENDERS[:2], mark="models-vnni-means"),
    _whole("models+zero", "times", "model", *_MODELS[1:-1], mark="models-zero"),
    _whole("models+cores", "times", "model", *_MODELS, mark="models-cores"),
    _whole("budget", "kept", "command", "asked, s", "taken, s", "off", "candidates", "load"),
    _whole("durability", "faults", "what happens", "runs", "ended by it", *_TOLD),
    _whole("overhead", "seconds", "256 trials", "seconds", "of all"),
    _whole("overhead", "events", "seed", "s with events", "s without", mark="overhead-events"),
    _whole("tensorcore-validity", "totals", "GPU, type, space", *_RANDOM, file=_TENSORCORE),
    _whole("tensorcore-registers", "registers", "programs", *_SPILLING, file=_TENSORCORE),
    _whole("tensorcore-serial", "totals", "GPU, type", *_SERIAL, file=_TENSORCORE),
    _whole("tensorcore-serial+a100", "totals", "GPU, type", *_SERIAL, file=_TENSORCORE),
    _whole("overhead", "megabytes", "trials", "MB", mark="overhead-memory"),
    _whole("validity", "machines", "machine", "operators", "candidates", "built", "run", "right"),
    _whole("rpc", "rates", "servers", "candidates a minute", "of one server's", "claimed"),
    _whole("rpc", "killed", "trials", *_SURVIVED, mark="rpc-killed"),
    _whole("soundness", "totals", "operator", "cases", "assignments", "built and run", "failures"),
    _whole("mutilate", "harm", "harm", *_HARMED),
    _whole("cost-models", "sets", "set", "programs", *_COST_MODELS),
    _whole("prior", "cases", "case", "programs", "rank correlation", *_TO_NEAR),
    _whole("vta", "figure9", "case", *_FIGURE9, mark="vta-figure9", file=_VTA),
    _whole("vta", "means", "mean of", "AutoTVM relative", "published", mark="vta-means", file=_VTA),
    _whole("vta", "searches", "search", *_SEARCHED, mark="vta-searches", file=_VTA),
    _whole("vta", "resnet18", "layer", *_LAYERS, mark="vta-resnet18", file=_VTA),
    _whole("vta-layers", "layers", "layer", *_SIMULATED, file=_VTA),
    _whole("vta-model", "whole", "model", *_OFFLOADED, mark="vta-model", file=_VTA),
    _whole("vta-model", "tasks", "task", *_TASKS, mark="vta-model-tasks", file=_VTA),
)


def published(benchmark: str) -> list[str]:
    """The names by which the tables ask for what a benchmark measures, in their order."""
    names = dict.fromkeys(table.benchmark for table in PUBLISHED)
    return [name for name in names if name.partition("+")[0] == benchmark]
