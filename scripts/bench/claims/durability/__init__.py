"""What is left of a tuning run after whatever may happen to it."""
