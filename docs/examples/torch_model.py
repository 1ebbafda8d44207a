"""A network of PyTorch: exported, tuned, compiled, and compared with PyTorch."""

import numpy as np
import torch
import tvm
from tvm import relax

import heron_ms
from heron_ms.hardware import host
from heron_ms.models.load import load

layers = (torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 8))
network = torch.nn.Sequential(*layers).eval()
x = torch.randn(4, 64)
model = load(torch.export.export(network, (x,)))  # or the path of a .pt2 file

target = host().target()
database = heron_ms.tune_relax(model.mod, {}, target, "build/torch_model", 8)
machine = relax.VirtualMachine(heron_ms.compile_relax(database, model.mod, target, {}), tvm.cpu())

ours = machine["main"](tvm.runtime.tensor(x.numpy())).numpy()
np.testing.assert_allclose(ours, network(x).detach().numpy(), rtol=1e-4, atol=1e-5)
print(f"output {ours.shape} is right")
