"""Which uniform random numbers every unknown takes: one sample, or a design of experiments.

An unknown is named by a key: a coefficient and its label, a group of correlated ones, a figure of
the statistics. What is done with a sample (draw all at random, move one at a time) is decided here
and nowhere else; whoever draws asks for the numbers of a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Sample(Protocol):
    """Uniform numbers for every unknown.

    Attributes
    ----------
    size
        Number of draws, the central one (draw 0) not counted.
    """

    @property
    def size(self) -> int:
        """Number of draws beside the central one."""

    def uniform(self, key: str) -> np.ndarray:
        """Return `size` numbers in (0, 1) for the unknown `key`, always the same ones.

        NaN leaves the unknown at its central value, which is not the median of a skewed one.
        """

    def turn(self, available: int) -> np.ndarray:
        """Return which of `available` draws of a simulation draws 0 to `size` take."""


@dataclass(frozen=True)
class LatinHypercube:
    """Stratified draws: one in each n-th part of (0, 1), in random order, so that few suffice.

    The numbers hang on the seed and the key only: an unknown that is added or edited leaves those
    of all others as they were.
    """

    size: int
    seed: int

    def uniform(self, key: str) -> np.ndarray:
        """Return `size` numbers in (0, 1) for the unknown `key`."""
        digest = hashlib.sha256(f"{self.seed}/{key}".encode()).digest()
        random = np.random.default_rng(int.from_bytes(digest[:16], "big"))
        return (random.permutation(self.size) + random.random(self.size)) / self.size

    def turn(self, available: int) -> np.ndarray:
        """Take the draws of a simulation one after another, again and again; 0 is central."""
        ours = np.arange(self.size + 1)
        return np.where(ours > 0, 1 + (ours - 1) % (available - 1), 0)
