"""FlexTensor's Q-network in numpy: which direction of a subspace pays off from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH = 64
RATE = 0.02
"""Of Adadelta, as published."""
DECAY, TINY = 0.9, 1e-6
"""Adadelta's running mean and what keeps it from 0 / 0 (Zeiler, arXiv 1212.5701)."""
DISCOUNT = 0.9
EPOCHS, MINIBATCH, MOST = 20, 32, 1000
"""A training: epochs over minibatches of the latest transitions."""


@dataclass(frozen=True)
class Transition:
    """A step that was measured: `state` and `after` are float64 [inputs], `move` a direction."""

    state: Floats
    move: int
    reward: float
    after: Floats


class Network:
    """Four linear layers of width 64 with ReLU between them: [n, inputs] to [n, outputs]."""

    def __init__(self, inputs: int, outputs: int, rng: Generator) -> None:
        sizes = (inputs, WIDTH, WIDTH, WIDTH, outputs)
        self.weights = [
            rng.uniform(-1.0, 1.0, shape) / np.sqrt(max(1, shape[0]))
            for one, two in pairwise(sizes)
            for shape in ((one, two), (1, two))
        ]
        self._mean = [np.zeros_like(w) for w in self.weights]
        self._moved = [np.zeros_like(w) for w in self.weights]

    def layers(self, states: Floats) -> list[Floats]:
        """What goes into each layer, and what comes out of the last."""
        through = [states]
        last = len(self.weights) // 2 - 1
        for layer in range(last + 1):
            out = through[-1] @ self.weights[2 * layer] + self.weights[2 * layer + 1]
            through.append(out if layer == last else np.maximum(out, 0.0))
        return through

    def values(self, states: Floats) -> Floats:
        """The worth of every direction, float64 [n, outputs], of states, float64 [n, inputs]."""
        return self.layers(states)[-1]

    def gradients(self, states: Floats, moves: NDArray[np.int64], wanted: Floats) -> list[Floats]:
        """Of the mean squared error of the chosen directions' values, one for each weight."""
        through = self.layers(states)
        rows = np.arange(len(states))
        slope = np.zeros_like(through[-1])
        slope[rows, moves] = 2.0 * (through[-1][rows, moves] - wanted) / len(states)
        gradients: list[Floats] = []
        for layer in reversed(range(len(self.weights) // 2)):
            gradients = [through[layer].T @ slope, slope.sum(axis=0, keepdims=True), *gradients]
            slope = (slope @ self.weights[2 * layer].T) * (through[layer] > 0)
        return gradients

    def step(self, gradients: Sequence[Floats]) -> None:
        """Adadelta, in place."""
        for at, gradient in enumerate(gradients):
            self._mean[at] = DECAY * self._mean[at] + (1 - DECAY) * gradient**2
            change = np.sqrt((self._moved[at] + TINY) / (self._mean[at] + TINY)) * gradient
            self._moved[at] = DECAY * self._moved[at] + (1 - DECAY) * change**2
            self.weights[at] = self.weights[at] - RATE * change


def train(network: Network, seen: Sequence[Transition], rng: Generator) -> None:
    """Fit to r + 0.9 max Q'(after), Q' being the network as it was before."""
    if not seen:
        return
    latest = seen[-MOST:]
    states = np.stack([transition.state for transition in latest])
    moves = np.array([transition.move for transition in latest], np.int64)
    future = network.values(np.stack([transition.after for transition in latest])).max(axis=1)
    wanted = np.array([transition.reward for transition in latest]) + DISCOUNT * future
    for _ in range(EPOCHS):
        order = rng.permutation(len(latest))
        for part in np.array_split(order, -(-len(order) // MINIBATCH)):
            network.step(network.gradients(states[part], moves[part], wanted[part]))
