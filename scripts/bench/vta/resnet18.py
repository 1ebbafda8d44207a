"""ResNet-18 (He et al., CVPR 2016) with random weights, quantised by ONNX Runtime for VTA.

VTA multiplies signed bytes without zero points, so that is how both operands are quantised; the
scales are whatever ONNX Runtime finds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

CLASSES = 1000
STAGES = (64, 128, 256, 512)
"""Channels; each stage has two blocks, and all but the first halve the image."""


def write(path: Path, size: int = 224, stages: tuple[int, ...] = STAGES) -> Path:
    """The network for images of a size as an ONNX file, the same each time."""
    plain = path.with_suffix(".float32")
    shape = (1, 3, size, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_Network(stages).model(shape), plain)
    quantize_static(
        str(plain),
        str(path),
        _Images(shape),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},
    )
    plain.unlink()
    return path


class _Images(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, shape: tuple[int, ...]) -> None:
        self._left = [np.random.default_rng(seed).standard_normal(shape) for seed in range(2)]

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return {"image": self._left.pop().astype(np.float32)} if self._left else None


class _Network:
    """The nodes of the network, and its weights; batch norms are part of the convolutions."""

    def __init__(self, stages: tuple[int, ...]) -> None:
        self._nodes: list[Any] = []
        self._weights: dict[str, NDArray[np.float32]] = {}
        self._rng = np.random.default_rng(0)
        self._stages = stages

    def model(self, shape: tuple[int, ...]) -> Any:
        """The float network, from "image" to "scores"."""
        first = self._convolved("image", 3, self._stages[0], 7, 2)
        pool = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
        x, into = self._node("MaxPool", self._node("Relu", first), **pool), self._stages[0]
        for number, width in enumerate(self._stages):
            x = self._block(x, into, width, 1 if number == 0 else 2)
            x, into = self._block(x, width, width, 1), width
        features = self._node("Flatten", self._node("GlobalAveragePool", x))
        operands = [features, self._weight(into, CLASSES), self._weight(CLASSES)]
        self._nodes.append(helper.make_node("Gemm", operands, ["scores"], name="scores"))
        return self._made(shape)

    def _made(self, shape: tuple[int, ...]) -> Any:
        graph = helper.make_graph(
            self._nodes,
            "resnet18",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, (1, CLASSES))],
            [numpy_helper.from_array(array, name) for name, array in self._weights.items()],
        )
        opset = helper.make_opsetid("", 17)
        return helper.make_model(graph, opset_imports=[opset], ir_version=9)

    def _block(self, x: str, into: int, width: int, stride: int) -> str:
        """Two 3x3 convolutions beside a shortcut."""
        inner = self._node("Relu", self._convolved(x, into, width, 3, stride))
        outer = self._convolved(inner, width, width, 3, 1)
        same = stride == 1 and into == width
        shortcut = x if same else self._convolved(x, into, width, 1, stride)
        return self._node("Relu", self._node("Add", outer, shortcut))

    def _convolved(self, x: str, into: int, out: int, kernel: int, stride: int) -> str:
        sizes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [kernel // 2] * 4}
        return self._node(
            "Conv", x, self._weight(out, into, kernel, kernel), self._weight(out), **sizes
        )

    def _node(self, operator: str, *operands: str, **attributes: Any) -> str:
        name = f"{operator.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, operands, [name], name=name, **attributes))
        return name

    def _weight(self, *shape: int) -> str:
        name = f"weight{len(self._weights)}"
        scale = np.sqrt(2 / max(1, int(np.prod(shape[1:]))))
        numbers = self._rng.standard_normal(shape) * (scale if len(shape) > 1 else 0.1)
        self._weights[name] = numbers.astype(np.float32)
        return name
