"""``heron-ms tune``."""
