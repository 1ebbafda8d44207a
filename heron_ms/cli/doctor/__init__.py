"""``heron-ms doctor``."""
