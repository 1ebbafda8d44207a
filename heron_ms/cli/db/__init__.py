"""``heron-ms db``: what work directories hold."""
