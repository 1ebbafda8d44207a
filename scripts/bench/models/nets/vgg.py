"""VGG-16 (Simonyan and Zisserman, ICLR 2015)."""

from __future__ import annotations

from torch import nn

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and convolutions of each stage."""


def vgg16() -> nn.Module:
    """For images of 224x224."""
    layers: list[nn.Module] = []
    into = 3
    for channels, count in STAGES:
        for _ in range(count):
            layers += [nn.Conv2d(into, channels, 3, padding=1), nn.ReLU()]
            into = channels
        layers.append(nn.MaxPool2d(2, 2))
    head = (nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(), *head, nn.Linear(4096, 1000)).eval()
