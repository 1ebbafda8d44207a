"""What becomes of each operator: None, and it stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from heron_ms._tvm import call_with, relax
from heron_ms.models.layout.axes import in_last, is_kept, kernels, layouts, to_last
from heron_ms.models.layout.forms import Forms, is_tensor, permutation

Rule = Callable[[Forms, Any], "Any | None"]


def convolution(forms: Forms, call: Any) -> Any | None:
    """Of a weight that is constant: of another, a permutation would be computed each time."""
    data, weight = call.args
    shape = forms.shape(data)
    if shape is None or not forms.is_constant(weight):
        return None
    rank = len(shape)
    (second, last), (kernel, moved) = layouts(rank), kernels(rank)
    attrs = call.attrs
    if (attrs.data_layout, attrs.kernel_layout) != (second, kernel):
        return None
    if attrs.out_layout not in ("", second):
        return None
    order = [kernel.index(letter) for letter in moved]
    args = [forms.last(data, rank), forms.emit(forms.permuted(weight, order))]
    changes = {"data_layout": last, "kernel_layout": moved, "out_layout": last}
    return forms.second(call_with(call, args, **changes), rank)


def elementwise(forms: Forms, call: Any) -> Any | None:
    """Operands that broadcast, one of them with channels last."""
    tensors = [arg for arg in call.args if is_tensor(arg)]
    shapes = [forms.shape(arg) for arg in tensors]
    if None in shapes or not any(forms.held(arg) is not None for arg in tensors):
        return None
    rank = max(len(shape) for shape in shapes if shape is not None)
    args = [forms.last(arg, rank) if is_tensor(arg) else arg for arg in call.args]
    return forms.second(call_with(call, args), rank)


def window(forms: Forms, call: Any) -> Any | None:
    """A pool, or a resize: the layout is an attribute."""
    held = forms.held(call.args[0])
    if held is None:
        return None
    rank = len(held.ty.shape)
    second, last = layouts(rank)
    if call.attrs.layout != second or getattr(call.attrs, "out_layout", second) != second:
        return None
    changes = dict.fromkeys(("layout", "out_layout"), last)
    if not hasattr(call.attrs, "out_layout"):
        changes.pop("out_layout")
    return forms.second(call_with(call, [held, *call.args[1:]], **changes), rank)


def along_axis(forms: Forms, call: Any) -> Any | None:
    """One tensor, and an axis by its number; what else is read has one dimension."""
    held = forms.held(call.args[0])
    if held is None:
        return None
    rank = len(held.ty.shape)
    args, axis = [held, *call.args[1:]], in_last(int(call.attrs.axis), rank)
    return forms.second(call_with(call, args, axis=axis), rank)


def batch_norm(forms: Forms, call: Any) -> Any | None:
    """The normalised tensor is the first of three."""
    held = forms.held(call.args[0])
    if held is None:
        return None
    rank = len(held.ty.shape)
    axis = in_last(int(call.attrs.axis), rank)
    both = forms.emit(call_with(call, [held, *call.args[1:]], axis=axis))
    first, *rest = (forms.emit(relax.TupleGetItem(both, index)) for index in range(3))
    return relax.Tuple([forms.emit(forms.second(first, rank)), *rest])


def concat(forms: Forms, call: Any) -> Any | None:
    """Tensors of one rank, one of them with channels last."""
    members = forms.bound(call.args[0])
    if not isinstance(members, relax.Tuple):
        return None
    shapes = [forms.shape(field) for field in members.fields]
    if None in shapes or not any(forms.held(field) is not None for field in members.fields):
        return None
    rank = len(shapes[0] or ())
    moved = relax.Tuple([forms.last(field, rank) for field in members.fields])
    axis = in_last(int(call.attrs.axis or 0), rank)
    return forms.second(call_with(call, [moved], axis=axis), rank)


def split(forms: Forms, call: Any) -> Any | None:
    """Each part is permuted for itself."""
    held = forms.held(call.args[0])
    if held is None:
        return None
    rank = len(held.ty.shape)
    parts = forms.emit(call_with(call, [held], axis=in_last(int(call.attrs.axis), rank)))
    count = len(parts.ty.fields)
    items = (relax.TupleGetItem(parts, index) for index in range(count))
    return relax.Tuple([forms.emit(forms.second(item, rank)) for item in items])


def reduction(forms: Forms, call: Any) -> Any | None:
    """Where axes go, those that stay must come in the same order."""
    held = forms.held(call.args[0])
    if held is None or call.attrs.axis is None:
        return None
    rank = len(held.ty.shape)
    axes = [int(axis) % rank for axis in call.attrs.axis]
    reduced = call_with(call, [held], axis=sorted(in_last(axis, rank) for axis in axes))
    if call.attrs.keepdims:
        return forms.second(reduced, rank)
    stay = [axis for axis in range(rank) if axis not in axes]
    return reduced if is_kept(stay, rank) else None


def pad(forms: Forms, call: Any) -> Any | None:
    """Two widths for each axis."""
    held = forms.held(call.args[0])
    if held is None:
        return None
    rank, widths = len(held.ty.shape), list(call.attrs.pad_width)
    moved = [width for axis in to_last(rank) for width in widths[2 * axis : 2 * axis + 2]]
    return forms.second(call_with(call, [held], pad_width=moved), rank)


def strided_slice(forms: Forms, call: Any) -> Any | None:
    """Bounds and steps of some axes, by their numbers; nothing is left of one that keeps all."""
    data, axes, *bounds = call.args
    held, shape = forms.held(data), forms.shape(data)
    if shape is None or not isinstance(axes, relax.Tuple):
        return None
    steps = [int(step.value) for step in bounds[2].fields] if len(bounds) > 2 else []
    if forms.shape(call) == shape and all(step == 1 for step in steps):
        return data
    if held is None:
        return None
    moved = [relax.prim_value(in_last(int(axis.value), len(shape))) for axis in axes.fields]
    return forms.second(call_with(call, [held, relax.Tuple(moved), *bounds]), len(shape))


def permute(forms: Forms, call: Any) -> Any | None:
    """A transpose of the model, together with what was permuted before it."""
    axes = permutation(call)
    return None if axes is None else forms.permuted(call.args[0], axes)


def squeeze(forms: Forms, call: Any) -> Any | None:
    """Spatial axes that go leave fewer of them; where all go, the elements stay in order."""
    held, shape = forms.held(call.args[0]), forms.shape(call)
    if held is None or shape is None or call.attrs.axis is None or len(shape) < 3:
        return reshape(forms, call)
    rank = len(held.ty.shape)
    axes = [int(axis) % rank for axis in call.attrs.axis]
    if min(axes) < 2:
        return reshape(forms, call)
    changed = call_with(call, [held], axis=[in_last(axis, rank) for axis in axes])
    return forms.second(changed, len(shape))


def expand_dims(forms: Forms, call: Any) -> Any | None:
    """More spatial axes."""
    held, shape = forms.held(call.args[0]), forms.shape(call)
    if held is None or shape is None:
        return None
    axes = [int(axis) % len(shape) for axis in call.attrs.axis]
    if min(axes) < 2:
        return None
    changed = call_with(call, [held], axis=[in_last(axis, len(shape)) for axis in axes])
    return forms.second(changed, len(shape))


def reshape(forms: Forms, call: Any) -> Any | None:
    """Of a tensor without spatial extent, whose elements lie in the same order either way."""
    held, shape = forms.held(call.args[0]), forms.shape(call)
    if held is None or shape is None:
        return None
    spatial = forms.shape(held)
    if spatial is None or prod(spatial[1:-1]) != 1:
        return None
    return relax.op.reshape(held, shape)


_ELEMENTWISE = (
    "abs", "add", "astype", "ceil", "clip", "divide", "equal", "erf", "exp", "floor", "greater",
    "greater_equal", "less", "less_equal", "log", "maximum", "minimum", "multiply", "negative",
    "nn.gelu", "nn.gelu_tanh", "nn.leakyrelu", "nn.relu", "nn.relu6", "nn.selu", "nn.silu",
    "nn.softplus", "power", "round", "rsqrt", "sigmoid", "sign", "sqrt", "square", "subtract",
    "tanh", "where",
)  # fmt: skip

_WINDOWS = (
    "image.resize2d", "nn.adaptive_avg_pool1d", "nn.adaptive_avg_pool2d", "nn.avg_pool1d",
    "nn.avg_pool2d", "nn.avg_pool3d", "nn.max_pool1d", "nn.max_pool2d", "nn.max_pool3d",
)  # fmt: skip

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE, elementwise),
    **dict.fromkeys(_WINDOWS, window),
    **dict.fromkeys(("nn.conv1d", "nn.conv2d", "nn.conv3d"), convolution),
    **dict.fromkeys(("nn.prelu", "nn.softmax", "quantize", "dequantize"), along_axis),
    **dict.fromkeys(("max", "mean", "min", "sum"), reduction),
    **dict.fromkeys(("reshape", "nn.batch_flatten"), reshape),
    "concat": concat,
    "expand_dims": expand_dims,
    "nn.batch_norm": batch_norm,
    "nn.pad": pad,
    "permute_dims": permute,
    "split": split,
    "squeeze": squeeze,
    "strided_slice": strided_slice,
}
