"""Which programs map to which intrinsic."""
