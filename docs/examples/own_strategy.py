"""A search of your own: keep half of the decisions of a fast program, draw the others anew."""

from heron_ms.csp import Eq
from heron_ms.search import ConstrainedSearch
from heron_ms.search.explorer import Explorer
from heron_ms.search.search_space import Individual
from heron_ms.testing.contract import StrategyContract


class KeepHalf(Explorer):
    """Half of a batch is random, half are relatives of the four fastest programs."""

    def clone(self):
        """One with the same settings that has not begun."""
        return type(self)()

    def propose(self, n):
        """Up to n individuals to measure."""
        fastest = self.fastest(4)
        relatives = [self.relative(fastest[at % len(fastest)]) for at in range(n // 2) if fastest]
        return [*relatives, *self.space.sample(n - len(relatives), self.rng)]

    def relative(self, parent):
        """A random solution of the parent's problem with half of its decisions fixed."""
        problem = self.space.sketches[parent.sketch].problem
        tunable = [v.name for v in problem.variables if v.role == "tunable"]
        kept = self.rng.choice(tunable, len(tunable) // 2, replace=False)
        values = self.space.values(parent, list(kept))
        fixed = (Eq(name, value) for name, value in values.items())
        return Individual(parent.sketch, problem.sample_array(1, self.rng, *fixed)[0])


class TestKeepHalf(StrategyContract):
    """What every strategy promises, as tests for pytest."""

    def strategy(self):
        """A new one."""
        return ConstrainedSearch(KeepHalf())
