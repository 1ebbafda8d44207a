"""BERT-base (Devlin et al., NAACL 2019) and ViT-B/16 (Dosovitskiy et al., ICLR 2021)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH, HEADS, HIDDEN, LAYERS = 768, 12, 3072, 12
"""Of both."""
WORDS, TOKENS = 30522, 128
"""Of BERT's vocabulary, and of a text."""


class Attention(nn.Module):
    """Self-attention without a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [batch, tokens, 768]."""
        batch, tokens, _ = x.shape

        def heads(y: Tensor) -> Tensor:
            return y.reshape(batch, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)

        query, key, value = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        scores = torch.matmul(query, key.transpose(2, 3)) * (WIDTH // HEADS) ** -0.5
        mixed = torch.matmul(torch.softmax(scores, -1), value)
        result: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH))
        return result


class Layer(nn.Module):
    """Attention and two linear layers, each with a residual; normalised before or after."""

    def __init__(self, before: bool) -> None:
        super().__init__()
        self.attention = Attention()
        self.up, self.down = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.activation = nn.GELU()
        self.before = before

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [batch, tokens, 768]."""
        if self.before:
            x = x + self.attention(self.first(x))
            return x + self.down(self.activation(self.up(self.second(x))))
        x = self.first(x + self.attention(x))
        return self.second(x + self.down(self.activation(self.up(x))))


class Bert(nn.Module):
    """Words and their positions, twelve layers, and the pooled first token."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.positions = nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.02)
        self.norm = nn.LayerNorm(WIDTH)
        self.layers = nn.Sequential(*(Layer(before=False) for _ in range(LAYERS)))
        self.pooler = nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens: Tensor) -> Tensor:
        """Int64 [batch, 128] to float32 [batch, 768]."""
        x = self.layers(self.norm(self.words(tokens) + self.positions))
        return torch.tanh(self.pooler(x[:, 0]))


class Vit(nn.Module):
    """Patches of 16x16, a class token, twelve layers, and 1,000 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 16, 16)
        self.token = nn.Parameter(torch.randn(1, 1, WIDTH) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 14 * 14 + 1, WIDTH) * 0.02)
        self.layers = nn.Sequential(*(Layer(before=True) for _ in range(LAYERS)))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """Float32 [1, 3, 224, 224] to [1, 1000]."""
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = self.layers(torch.cat([self.token, x], 1) + self.positions)
        result: Tensor = self.head(self.norm(x)[:, 0])
        return result


def bert_base() -> nn.Module:
    """For texts of 128 tokens."""
    return Bert().eval()


def vit_b16() -> nn.Module:
    """For images of 224x224."""
    return Vit().eval()
