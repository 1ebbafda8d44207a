"""``python -m scripts.bench tensorcore`` of a small case, where a stand-in is the GPU.

The rows are made in this process, in which the stand-in is PyTorch too.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import torch_cuda  # type: ignore[import-not-found]  # it lies beside this file

from heron_ms.workloads import OPERATORS
from scripts.bench.harness import rows
from scripts.bench.tensorcore.speed import benchmark, made

SMALL = OPERATORS["gemv"].of((32, 16), "f16")


def main(out: Path, words: list[str]) -> None:
    """Print the data of the report."""
    parser = ArgumentParser()
    benchmark.options(parser)
    arguments = parser.parse_args(words)
    arguments.out = out
    with (
        patch.dict(made.CASES, {SMALL.name: SMALL}, clear=True),
        patch.object(rows, "pool_of", ThreadPoolExecutor),
        patch.dict(sys.modules, torch=torch_cuda),
        patch("tvm_ffi.use_torch_stream", lambda context: context),
    ):
        report = benchmark.run(arguments)
    print(json.dumps([report.sound, report.data["rows"], report.text]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
