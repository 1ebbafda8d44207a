"""ResNet-50 (He et al., CVPR 2016), with the stride in the 3x3 convolution."""

from __future__ import annotations

from torch import Tensor, nn

from scripts.bench.models.nets.layers import Classifier, convolved


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut."""

    def __init__(self, into: int, width: int, stride: int) -> None:
        super().__init__()
        out = 4 * width
        self.body = nn.Sequential(
            convolved(into, width, 1, activation=nn.ReLU()),
            convolved(width, width, 3, stride, activation=nn.ReLU()),
            convolved(width, out, 1),
        )
        same = stride == 1 and into == out
        self.shortcut: nn.Module = nn.Identity() if same else convolved(into, out, 1, stride)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [batch, into, height, width]."""
        return self.activation(self.body(x) + self.shortcut(x))


def resnet50() -> nn.Module:
    """For images of 224x224."""
    blocks: list[nn.Module] = [
        convolved(3, 64, 7, 2, activation=nn.ReLU()), nn.MaxPool2d(3, 2, 1)
    ]  # fmt: skip
    into = 64
    for stage, count in enumerate((3, 4, 6, 3)):
        width = 64 * 2**stage
        for position in range(count):
            stride = 2 if stage and not position else 1
            blocks.append(Bottleneck(into, width, stride))
            into = 4 * width
    return Classifier(nn.Sequential(*blocks), into).eval()
