"""The six constraint kinds of the paper, one a file."""

from heron_ms.csp.constraints.constraint import Column, Columns, Constraint, read
from heron_ms.csp.constraints.eq import Eq
from heron_ms.csp.constraints.le import Le
from heron_ms.csp.constraints.prod import Prod
from heron_ms.csp.constraints.select import Select
from heron_ms.csp.constraints.sum import Sum
from heron_ms.csp.constraints.within import In

__all__ = ["Column", "Columns", "Constraint", "Eq", "In", "Le", "Prod", "Select", "Sum", "read"]
