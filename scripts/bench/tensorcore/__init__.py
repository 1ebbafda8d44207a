"""TensorCores: what random programs of the space are, and stock's beside them, with no GPU."""
