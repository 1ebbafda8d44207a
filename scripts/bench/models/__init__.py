"""Whole models, ours beside those who run them for a living."""
