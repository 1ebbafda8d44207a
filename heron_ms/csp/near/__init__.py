"""Vectors of decisions that need not be solutions, and the solutions near them."""
