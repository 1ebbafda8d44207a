"""The best loop nest of a layer: by blocking, by dataflow, by size of the memories."""
