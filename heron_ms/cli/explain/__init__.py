"""``heron-ms explain``."""
