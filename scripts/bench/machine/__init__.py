"""Searches on this machine, with its noise."""
