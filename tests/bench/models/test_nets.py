"""The networks have the parameters that their papers count, and compute what they are for."""

from __future__ import annotations

from importlib import import_module

import pytest

from scripts.bench.models.zoo import NETS

torch = pytest.importorskip("torch", reason="the networks are written for PyTorch")

MILLIONS = {
    "resnet.resnet50": 25.56,
    "mobilenet.mobilenet_v2": 3.50,
    "transformers.vit_b16": 86.57,
    "vgg.vgg16": 138.36,
    "inception.inception_v3": 23.83,
    "transformers.bert_base": 109.2,
}


def test_every_network_is_counted() -> None:
    assert {net.net for net in NETS if net.net} == set(MILLIONS)


@pytest.mark.parametrize("name", MILLIONS)
def test_parameters(name: str) -> None:
    module, function = name.split(".")
    with torch.device("meta"):
        net = getattr(import_module(f"scripts.bench.models.nets.{module}"), function)()
    count = sum(parameter.numel() for parameter in net.parameters()) / 1e6
    assert count == pytest.approx(MILLIONS[name], rel=2e-3)


@pytest.mark.parametrize("name", ["resnet50", "mobilenet-v2"])
def test_outputs_depend_on_the_inputs(name: str) -> None:
    (net,) = [net for net in NETS if net.name == name]
    module = net.module()
    with torch.no_grad():
        one, other = (
            module(torch.from_numpy(net.feeds({"x": "float32"}, seed)["x"])) for seed in (1, 2)
        )
    assert (one - other).abs().max() > 0.2 * one.abs().max()
