"""A layer as a loop nest on a machine, and what it costs."""
