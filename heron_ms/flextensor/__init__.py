"""FlexTensor's view of a program: its features and the space of schedules without constraints.

FlexTensor (Zheng et al., ASPLOS 2020) looks at a program (`analyze`: the statistical and structural
features of its front end), spans a space for each node (`node_space`: every split by divisors, and
a few choices besides) and walks from point to neighbour (`directions`, `moved`). The space knows
nothing of an accelerator; its size, against that of a constrained one, is what constraints save.
"""

from heron_ms.errors import FlexTensorError
from heron_ms.flextensor.analysis import Analysis, Loop, Node
from heron_ms.flextensor.analyze import analyze
from heron_ms.flextensor.directions import Direction, directions, moved
from heron_ms.flextensor.size import factorizations, node_space_size
from heron_ms.flextensor.template import CPU, GPU, Template, fusions
from heron_ms.flextensor.unconstrained import node_space

__all__ = [
    "CPU",
    "GPU",
    "Analysis",
    "Direction",
    "FlexTensorError",
    "Loop",
    "Node",
    "Template",
    "analyze",
    "directions",
    "factorizations",
    "fusions",
    "moved",
    "node_space",
    "node_space_size",
]
