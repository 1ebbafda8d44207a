"""A model that is a Relax module already; symbolic shapes are bound to given ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heron_ms._tvm import IRModule, relax, tirx
from heron_ms.errors import UnknownFunctionError
from heron_ms.models.model import Model, model_of
from heron_ms.models.relax_shapes import declared_shape, dimensions
from heron_ms.models.shapes import fixed


def from_relax(
    mod: IRModule,
    shapes: Mapping[str, Sequence[int]] | None = None,
    source: str = "the Relax module",
    outputs: Sequence[str] = (),
) -> Model:
    """A model of a module with a Relax function "main". Raises what `fixed` raises."""
    if not any(name.name_hint == "main" for name, _ in mod.functions_items()):
        raise UnknownFunctionError(f'{source} has no function "main"')
    params = {str(param.name): param for param in mod["main"].params}
    declared = {name: declared_shape(param.ty) for name, param in params.items()}
    sizes = fixed(source, declared, shapes)
    bound = {
        str(dimension): size
        for name, param in params.items()
        for dimension, size in zip(dimensions(param.ty), sizes[name], strict=True)
        if isinstance(dimension, tirx.Var)
    }
    if bound:
        mod = relax.transform.BindSymbolicVars(bound)(mod)
    return model_of(mod, source, outputs=outputs)
