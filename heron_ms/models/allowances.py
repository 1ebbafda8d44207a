"""What a user may allow of a model, for speed and at the cost of exactness."""

BF16 = "bf16"
"""Products of float32 by bfloat16: `models.narrowed`."""

ALLOWANCES = (BF16,)
