"""Layers that several networks have."""

from __future__ import annotations

from torch import Tensor, nn


def convolved(
    into: int, out: int, kernel: int | tuple[int, int], stride: int = 1, groups: int = 1,
    padding: int | tuple[int, int] | None = None, activation: nn.Module | None = None,
) -> nn.Sequential:  # fmt: skip
    """A convolution without bias, batch norm, and an activation; padded to keep the size."""
    if padding is None:
        sides = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (sides[0] // 2, sides[1] // 2)
    layers: list[nn.Module] = [
        nn.Conv2d(into, out, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(out),
    ]
    return nn.Sequential(*layers, *([activation] if activation is not None else []))


class Classifier(nn.Module):
    """Features of an image, their mean over it, and a linear layer of 1,000 classes."""

    def __init__(self, features: nn.Sequential, channels: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(channels, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """Float32 [batch, 3, height, width] to [batch, 1000]."""
        return self.head(self.features(image).mean((2, 3)))
