"""Networks of the field, written for `torch.export`: random weights, the published shapes."""
