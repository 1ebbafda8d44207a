"""VTA: our space beside the knobs that AutoTVM had for it, and searches of ours."""
