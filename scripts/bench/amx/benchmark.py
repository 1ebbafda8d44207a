"""The paper's DL Boost cases and a GEMM of 512, u8 x s8, on AMX, beside the libraries that use it.

These are oneDNN, ONNX Runtime, OpenVINO, and the templates of products of `torch.compile`. The
comparison is that of `peers`, on one core: all contenders in turn, round after round, each result
compared with numpy's first. GEMM of 512 and 1024 is there in bfloat16 too. heron_ms also searches
among programs of vectors alone, which a table of its own sets against VNNI's peak. The share of the
peak is that of the tile registers, for which this CPU must have them and the system permit them;
`peers` compares kernels on others. Below the tables are the bars that kernels on AMX are to pass.
What is timed is kept, and the same command goes on from there.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from heron_ms.hardware import host
from heron_ms.hardware.cpu.permission import withheld
from heron_ms.measure.cpu.peak import vnni_peak
from heron_ms.workloads import SUITES, Gemm
from scripts.bench.amx.bars import bars
from scripts.bench.amx.limits import limits
from scripts.bench.amx.vectors import vectors
from scripts.bench.harness.options import is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.peers.benchmark import Comparison
from scripts.bench.peers.figures import VECTORS
from scripts.bench.peers.options import LIBRARIES, add_options

BFLOAT16 = tuple(Gemm.of((size,) * 3, "bf16", weight="packed") for size in (512, 1024))
CASES = (Gemm(512, 512, 512, weight="packed"), *SUITES["dlboost"], *BFLOAT16)


def options(parser: ArgumentParser) -> None:
    """Those of `peers`; all libraries are asked for, and heron_ms with vectors alone."""
    add_options(parser)
    parser.set_defaults(contenders=(VECTORS, *LIBRARIES))
    parser.epilog = "example:\n  python -m scripts.bench amx --trials 64 --out build/amx\n"


def run(arguments: Namespace) -> Report:
    """The tables and the bars; not sound if a case has no time. Shows what there is after Ctrl-C.

    Raises SystemExit if no case is chosen, and where there are no tile registers.
    """
    chosen = [case for case in CASES if is_chosen(case.name, arguments.only)]
    if not chosen:
        raise SystemExit(f"no case has {' or '.join(arguments.only)} in its name")
    _require_tiles()
    comparison = Comparison(arguments)
    try:
        comparison.measure(chosen)
    except KeyboardInterrupt:
        comparison.report().show(arguments.json)
        raise
    return Report.joined(
        {
            "limits": limits(host()),
            "peers": comparison.report(),
            "vectors": vectors(comparison.records, comparison.figures, vnni_peak(host().target(1))),
            "bars": bars(comparison.records, comparison.figures),
        }
    )


def _require_tiles() -> None:
    """Raise SystemExit, in a line, where the tile registers cannot be used."""
    here = host()
    if not here.has("amx-int8"):
        why = "the system does not permit its AMX" if withheld() else "it has no AMX"
        raise SystemExit(
            f"nothing can be measured on this CPU ({here.mcpu}): {why}; run it on an Intel server "
            "since Sapphire Rapids, under Linux 5.16 or later"
        )
