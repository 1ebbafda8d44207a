"""How well scores order programs: of the cost models, and of the prior."""
