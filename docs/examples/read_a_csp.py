"""The constraint problem of a sketch: counted, asked, broken, solved, and made a program."""

import numpy as np
import tvm

import heron_ms
from heron_ms.csp import Eq
from heron_ms.workloads import Gemm

target = {"kind": "llvm", "mcpu": "cascadelake", "num-cores": 18}  # nothing runs: any CPU will do
mod = tvm.IRModule({"main": Gemm(512, 512, 512).prim_func()})
sketch = heron_ms.generate_sketches(mod, target)[0]
problem = heron_ms.derive_csp(sketch, target)
print(problem)
print(f"{problem.count():,} solutions of {len(problem.variables)} variables")

# A solution is an integer for each variable.
[assignment] = problem.sample(1, np.random.default_rng(0))
decisions = [variable.name for variable in problem.variables if variable.role == "tunable"]
print({name: assignment[name] for name in decisions})

# Any change may break constraints, which say from which rule they are.
for constraint in problem.check({**assignment, "C.i.3": 7}):
    print(f"broken: {constraint}  [{constraint.rule or 'domain'}]")

# More constraints may leave nothing, and then there is a smallest set that clash.
for constraint in problem.conflict(Eq("C.i.3", 512)):
    print(f"clash: {constraint}")

# A solution is a program.
print(heron_ms.materialize(sketch, assignment).mod["main"].script()[:400])
