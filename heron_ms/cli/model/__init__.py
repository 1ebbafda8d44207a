"""``heron-ms tune-model``, ``compile``, ``run`` and ``explain MODEL``."""
