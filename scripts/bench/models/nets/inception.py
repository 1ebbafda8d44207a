"""Inception-v3 (Szegedy et al., CVPR 2016), without the auxiliary classifier."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scripts.bench.models.nets.layers import Classifier, convolved


def _chain(into: int, *steps: tuple[int, int | tuple[int, int], int, int]) -> nn.Sequential:
    """Convolutions one behind the other: channels, kernel, stride, whether it is padded."""
    layers = []
    for out, kernel, stride, padded in steps:
        padding = None if padded else 0
        layers.append(convolved(into, out, kernel, stride, padding=padding, activation=nn.ReLU()))
        into = out
    return nn.Sequential(*layers)


def _averaged(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.AvgPool2d(3, 1, 1), _chain(into, (out, 1, 1, 1)))


class Branches(nn.Module):
    """Branches side by side, joined along the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [batch, into, height, width]."""
        return torch.cat([branch(x) for branch in self.branches], 1)


def _a(into: int, pooled: int) -> Branches:
    return Branches(
        _chain(into, (64, 1, 1, 1)),
        _chain(into, (48, 1, 1, 1), (64, 5, 1, 1)),
        _chain(into, (64, 1, 1, 1), (96, 3, 1, 1), (96, 3, 1, 1)),
        _averaged(into, pooled),
    )


def _b(into: int) -> Branches:
    return Branches(
        _chain(into, (384, 3, 2, 0)),
        _chain(into, (64, 1, 1, 1), (96, 3, 1, 1), (96, 3, 2, 0)),
        nn.MaxPool2d(3, 2),
    )


def _c(width: int) -> Branches:
    wide, tall = (1, 7), (7, 1)
    return Branches(
        _chain(768, (192, 1, 1, 1)),
        _chain(768, (width, 1, 1, 1), (width, wide, 1, 1), (192, tall, 1, 1)),
        _chain(
            768, (width, 1, 1, 1), (width, tall, 1, 1), (width, wide, 1, 1), (width, tall, 1, 1),
            (192, wide, 1, 1),
        ),
        _averaged(768, 192),
    )  # fmt: skip


def _d() -> Branches:
    return Branches(
        _chain(768, (192, 1, 1, 1), (320, 3, 2, 0)),
        _chain(768, (192, 1, 1, 1), (192, (1, 7), 1, 1), (192, (7, 1), 1, 1), (192, 3, 2, 0)),
        nn.MaxPool2d(3, 2),
    )


def _e(into: int) -> Branches:
    def both(width: int) -> Branches:
        return Branches(_chain(width, (384, (1, 3), 1, 1)), _chain(width, (384, (3, 1), 1, 1)))

    return Branches(
        _chain(into, (320, 1, 1, 1)),
        nn.Sequential(_chain(into, (384, 1, 1, 1)), both(384)),
        nn.Sequential(_chain(into, (448, 1, 1, 1), (384, 3, 1, 1)), both(384)),
        _averaged(into, 192),
    )


def inception_v3() -> nn.Module:
    """For images of 299x299."""
    stem = (
        _chain(3, (32, 3, 2, 0), (32, 3, 1, 0), (64, 3, 1, 1)), nn.MaxPool2d(3, 2),
        _chain(64, (80, 1, 1, 1), (192, 3, 1, 0)), nn.MaxPool2d(3, 2),
    )  # fmt: skip
    middle = (_a(192, 32), _a(256, 64), _a(288, 64), _b(288), *map(_c, (128, 160, 160, 192)), _d())
    return Classifier(nn.Sequential(*stem, *middle, _e(1280), _e(2048)), 2048).eval()
