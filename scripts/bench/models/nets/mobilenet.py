"""MobileNet-V2 (Sandler et al., CVPR 2018)."""

from __future__ import annotations

from torch import Tensor, nn

from scripts.bench.models.nets.layers import Classifier, convolved

STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
"""Expansion, channels, blocks, stride of the first block: table 2 of the paper."""


class InvertedResidual(nn.Module):
    """Expanded, convolved channel by channel, and projected."""

    def __init__(self, into: int, out: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = into * expansion
        expand = [convolved(into, wide, 1, activation=nn.ReLU6())] if expansion > 1 else []
        self.body = nn.Sequential(
            *expand,
            convolved(wide, wide, 3, stride, groups=wide, activation=nn.ReLU6()),
            convolved(wide, out, 1),
        )
        self.adds = stride == 1 and into == out

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [batch, into, height, width]."""
        result: Tensor = self.body(x)
        return x + result if self.adds else result


def mobilenet_v2() -> nn.Module:
    """For images of 224x224."""
    blocks: list[nn.Module] = [convolved(3, 32, 3, 2, activation=nn.ReLU6())]
    into = 32
    for expansion, out, count, stride in STAGES:
        for position in range(count):
            step = stride if position == 0 else 1
            blocks.append(InvertedResidual(into, out, step, expansion))
            into = out
    blocks.append(convolved(into, 1280, 1, activation=nn.ReLU6()))
    return Classifier(nn.Sequential(*blocks), 1280).eval()
