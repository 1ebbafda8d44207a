"""A problem as a picture: variables and constraints as a graph, from decisions to limits."""
