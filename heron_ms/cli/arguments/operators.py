"""What the command line says of each operator: its sizes, and an example of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heron_ms.workloads import OPERATORS, Workload

_MATRIX = {
    "b": "matrices in the batch",
    "m": "rows of A and C",
    "k": "depth: columns of A",
    "n": "columns of C",
}
_CONVOLUTION = {
    "n": "batch",
    "d": "depth of the input",
    "h": "height of the input",
    "w": "width of the input",
    "ci": "input channels",
    "co": "output channels",
    "c": "channels",
    "kd": "depth of the kernel",
    "kh": "height of the kernel",
    "kw": "width of the kernel",
    "stride": "step from one window to the next",
    "pad": "zeros around the input, on each side",
    "dil": "step from one tap to the next",
    "groups": "groups of channels",
}
_TRANSPOSED = {
    **_CONVOLUTION,
    "stride": "step of the output for each input",
    "pad": "what is cut off the output, on each side",
    "out_pad": "zeros after the output",
}


@dataclass(frozen=True)
class Usage:
    """An operator with the meaning of its sizes and two examples of them, the first a small one."""

    operator: type[Workload]
    meanings: Mapping[str, str]
    small: str
    large: str

    @property
    def name(self) -> str:
        """The name that the paper gives the operator."""
        return self.operator.operator

    def text(self, command: str, options: str) -> str:
        """The help of a command for this operator; ``options`` are those of the second example."""
        return (
            f"{self.operator.summary[:1].upper()}{self.operator.summary[1:]}.\n\nexamples:\n"
            f"  heron-ms {command} {self.name} {self.small}\n"
            f"  heron-ms {command} {self.name} {self.large} {options}"
        )


def _usage(name: str, meanings: Mapping[str, str], small: str, large: str) -> Usage:
    return Usage(OPERATORS[name], meanings, small, large)


USAGES = (
    _usage("gemm", _MATRIX, "64 64 64", "512 512 512 --weight packed"),
    _usage("bmm", _MATRIX, "2 64 64 64", "12 512 64 512"),
    _usage("c1d", _CONVOLUTION, "1 64 16 32 3 1 1 1", "1 892 512 512 3 1 4 2 --weight packed"),
    _usage(
        "c2d", _CONVOLUTION, "1 14 14 16 32 3 3 1 1 1", "1 56 56 64 64 3 3 1 1 1 --weight packed"
    ),
    _usage(
        "c3d",
        _CONVOLUTION,
        "1 4 8 8 16 32 3 3 3 1 1 1",
        "1 8 56 56 64 64 3 3 3 1 1 1 --weight packed",
    ),
    _usage("t2d", _TRANSPOSED, "1 14 14 16 32 3 3 1 1", "1 28 28 128 256 1 1 2 0 --weight packed"),
    _usage(
        "dil", _CONVOLUTION, "1 14 14 16 32 3 3 1 2 2", "1 56 56 64 64 3 3 1 1 2 --weight packed"
    ),
    _usage("gemv", {**_MATRIX, "m": "rows of W"}, "64 64", "1024 1024 --weight packed"),
    _usage("scan", _MATRIX, "16 64 64", "256 1024 256 --weight packed"),
    _usage(
        "grp", _CONVOLUTION, "1 14 14 32 32 3 3 1 1 1 2", "1 56 56 128 128 3 3 1 1 1 32 --dtype f32"
    ),
    _usage("dep", _CONVOLUTION, "1 14 14 32 3 3 1 1 1", "1 56 56 128 3 3 1 1 1 --dtype f32"),
)
"""All operators, in the order in which the help lists them."""
