"""OpenVINO, on graphs that are written here."""
