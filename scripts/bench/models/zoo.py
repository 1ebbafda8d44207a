"""The models of the benchmark, each as an ONNX file of fixed shapes.

Some are files of packages that people install, the others are networks of the field with random
weights (`nets`), in float32 and quantised by ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from heron_ms.hardware import host

Feeds: TypeAlias = dict[str, Any]
"""Arrays by the names of a model's inputs."""

IMAGE, PHOTO = (1, 3, 224, 224), (1, 3, 299, 299)
TEXT = (1, 128)


@dataclass(frozen=True)
class Net:
    """A model.

    shapes: of its inputs. net: the function in `scripts.bench.models.nets` that makes it, as
    "module.function". packaged: the package and the file in it. int8: whether it is quantised.
    highest: integers that are inputs lie below this.
    """

    name: str
    shapes: Mapping[str, tuple[int, ...]]
    net: str = ""
    packaged: tuple[str, str] = ("", "")
    int8: bool = False
    highest: int = 256
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def file(self, folder: Path) -> Path:
        """The model in a folder, written if it is not there. Raises SystemExit without its package.

        The shapes of a package's file may still be open: `shapes` binds them.
        """
        if self.packaged[0]:
            return _packaged(*self.packaged)
        path = folder / f"{self.name}.onnx"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            self._write(path)
        return path

    def feeds(self, dtypes: Mapping[str, str], seed: int) -> Feeds:
        """Random inputs: floats are standard normal, integers from 0 to ``highest``."""
        rng = np.random.default_rng(seed)
        return {
            name: np.asarray(self.fixed[name])
            if name in self.fixed
            else _random(rng, shape, dtypes[name], self.highest)
            for name, shape in self.shapes.items()
        }

    def module(self) -> Any:
        """The network as a torch module, the same weights each time; None for a package's file."""
        return _made(self) if self.net and not self.int8 else None

    def _write(self, path: Path) -> None:
        whole = path.with_suffix(".part")
        if self.int8:
            plain = Net(
                self.name.removesuffix("-int8"), self.shapes, self.net, highest=self.highest
            )
            _quantised(plain.file(path.parent), whole, plain)
        else:
            _exported(_made(self), self, whole)
        whole.rename(path)


def _packaged(package: str, name: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"package {package}, which ships this model, is not installed")
    return next(Path(spec.submodule_search_locations[0]).rglob(name))


def _made(net: Net) -> Any:
    from importlib import import_module

    import torch

    from scripts.bench.models.nets.settled import settled

    module, function = net.net.split(".")
    torch.manual_seed(0)
    make: Callable[[], Any] = getattr(
        import_module(f"scripts.bench.models.nets.{module}"), function
    )
    return settled(make(), _tensors(net))


def _exported(module: Any, net: Net, path: Path) -> None:
    import torch

    given, names = _tensors(net), list(net.shapes)
    torch.onnx.export(module, given, str(path), dynamo=True, input_names=names, external_data=False)


def _tensors(net: Net) -> tuple[Any, ...]:
    """Random inputs of a network of ours."""
    import torch

    names = list(net.shapes)
    dtypes = dict.fromkeys(names, "int64" if net.shapes[names[0]] == TEXT else "float32")
    return tuple(map(torch.from_numpy, net.feeds(dtypes, 0).values()))


def _quantised(plain: Path, path: Path, net: Net) -> None:
    """Static quantisation in QDQ form: u8 activations, s8 weights by channel.

    Where products of 8 bits saturate in its kernels, ONNX Runtime's guide advises weights of 7.
    """
    from onnxruntime import InferenceSession
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Random(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self, dtypes: Mapping[str, str]) -> None:
            self._rest = iter([net.feeds(dtypes, seed) for seed in range(4)])

        def get_next(self) -> Feeds | None:
            return next(self._rest, None)

    prepared = path.with_suffix(".prepared")
    quant_pre_process(str(plain), str(prepared))
    dtypes = dtypes_of(InferenceSession(str(plain)))
    quantize_static(
        str(prepared),
        str(path),
        Random(dtypes),
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=host().saturates,
    )
    prepared.unlink()


def dtypes_of(session: Any) -> dict[str, str]:
    """The types of the inputs of a session of ONNX Runtime, in numpy's words."""
    words = {"tensor(float)": "float32", "tensor(double)": "float64"}
    return {
        given.name: words.get(given.type, given.type.removeprefix("tensor(").removesuffix(")"))
        for given in session.get_inputs()
    }


def _random(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, highest: int) -> Any:
    if "float" in dtype:
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0, highest, shape).astype(dtype)


_WORDS = 30522

NETS: tuple[Net, ...] = (
    Net("ocr-cls", {"x": (1, 3, 48, 192)},
        packaged=("rapidocr_onnxruntime", "ch_ppocr_mobile_v2.0_cls_infer.onnx")),
    Net("ocr-det", {"x": (1, 3, 320, 320)},
        packaged=("rapidocr_onnxruntime", "ch_PP-OCRv4_det_infer.onnx")),
    Net("magika", {"bytes": (1, 2048)}, packaged=("magika", "model.onnx")),
    Net("silero-vad", {"input": (1, 512), "state": (2, 1, 128), "sr": ()},
        packaged=("silero_vad", "silero_vad_op18_ifless.onnx"), fixed={"sr": np.int64(16000)}),
    Net("resnet50", {"x": IMAGE}, net="resnet.resnet50"),
    Net("mobilenet-v2", {"x": IMAGE}, net="mobilenet.mobilenet_v2"),
    Net("bert-base", {"x": TEXT}, net="transformers.bert_base", highest=_WORDS),
    Net("vit-b16", {"x": IMAGE}, net="transformers.vit_b16"),
    Net("resnet50-int8", {"x": IMAGE}, net="resnet.resnet50", int8=True),
    Net("mobilenet-v2-int8", {"x": IMAGE}, net="mobilenet.mobilenet_v2", int8=True),
    Net("bert-base-int8", {"x": TEXT}, net="transformers.bert_base", int8=True, highest=_WORDS),
    Net("vgg16", {"x": IMAGE}, net="vgg.vgg16"),
    Net("inception-v3", {"x": PHOTO}, net="inception.inception_v3"),
)  # fmt: skip
