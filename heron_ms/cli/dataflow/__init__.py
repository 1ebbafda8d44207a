"""``heron-ms dataflow``."""
