"""The front end of the model for scheduled TensorIR: what a program reads and writes, and where.

`read_accesses` lists the loads and stores of a function with the loops around them; `evaluate_tir`
turns them into the cost of the program on a machine.
"""

from heron_ms.interstellar.tir.program_cost import evaluate_tir
from heron_ms.interstellar.tir.reader import read_accesses

__all__ = ["evaluate_tir", "read_accesses"]
