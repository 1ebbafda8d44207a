"""What is claimed of the parts, each checked or measured by itself."""
