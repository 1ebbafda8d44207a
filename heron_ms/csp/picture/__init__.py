"""A problem as a picture: variables and constraints as a graph, from decisions to limits."""

from heron_ms.csp.picture.svg import drawing

__all__ = ["drawing"]
