"""The recorder of the sets that searches are replayed on."""
