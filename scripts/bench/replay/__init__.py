"""Searches on recorded measurements, so that only the searches differ."""
