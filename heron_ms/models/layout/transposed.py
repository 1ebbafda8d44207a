"""A transposed convolution whose windows lie side by side, as a product and an interleaving.

Where the kernel is as large as the stride, each place of the data makes a window of outputs of its
own, as if by a convolution of one tap with a channel for each tap and output channel. The operator
itself slides over data with zeros in between, of which at most one tap in each window is not zero.
"""

from __future__ import annotations

from math import prod
from typing import Any

from heron_ms._tvm import relax
from heron_ms.models.layout.axes import kernels, layouts
from heron_ms.models.layout.forms import Forms

_PRODUCTS = {3: relax.op.nn.conv1d, 4: relax.op.nn.conv2d, 5: relax.op.nn.conv3d}
"""By the number of axes."""


def transposed(forms: Forms, call: Any) -> Any | None:
    """Channels last, of a constant weight, without groups, padding and dilation."""
    data, weight = call.args
    shape, taps = forms.shape(data), forms.shape(weight)
    if shape is None or taps is None or not forms.is_constant(weight):
        return None
    rank, window = len(shape), taps[2:]
    if not _is_side_by_side(call.attrs, window, rank):
        return None
    (_, last), (_, kernel) = layouts(rank), kernels(rank)
    inputs, outputs = taps[:2]
    ahead = forms.emit(forms.permuted(weight, [0, *range(2, rank), 1]))
    ahead = forms.emit(
        relax.op.reshape(ahead, (1,) * len(window) + (inputs, prod(window) * outputs))
    )
    product = _PRODUCTS[rank](
        forms.last(data, rank), ahead, data_layout=last, kernel_layout=kernel, out_layout=last
    )
    return forms.second(_interleaved(forms, product, shape, window, outputs), rank)


def _is_side_by_side(attrs: Any, window: tuple[int, ...], rank: int) -> bool:
    (second, _), (kernel, _) = layouts(rank), kernels(rank)
    plain = [*attrs.padding, *attrs.output_padding, *(int(step) - 1 for step in attrs.dilation)]
    return (
        (attrs.data_layout, attrs.kernel_layout) == (second, kernel.replace("OI", "IO"))
        and attrs.out_layout in ("", second)
        and int(attrs.groups) == 1
        and not any(map(int, plain))
        and tuple(map(int, attrs.strides)) == window
    )


def _interleaved(
    forms: Forms, product: Any, shape: tuple[int, ...], window: tuple[int, ...], outputs: int
) -> Any:
    """[n, h, w, window x outputs] as [n, h x window, w x window, outputs]."""
    places, count = shape[2:], len(window)
    apart = forms.emit(relax.op.reshape(forms.emit(product), (shape[0], *places, *window, outputs)))
    pairs = [axis for place in range(count) for axis in (1 + place, 1 + count + place)]
    side_by_side = forms.emit(relax.op.permute_dims(apart, [0, *pairs, 1 + 2 * count]))
    sizes = [place * taps for place, taps in zip(places, window, strict=True)]
    return relax.op.reshape(side_by_side, (shape[0], *sizes, outputs))
