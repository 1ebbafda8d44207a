"""Models with channels last, where convolutions are the matrix products that units are made for."""

from heron_ms.models.layout.channels_last import channels_last

__all__ = ["channels_last"]
