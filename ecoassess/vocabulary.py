"""The words that label results, and their meaning.

Each label is a closed list: a word that is not in it is refused where it enters.
"""

from __future__ import annotations

from typing import Literal, get_args

Basis = Literal["inventory", "effect"]
"""inventory: what stands there anyway takes up; effect: project minus baseline."""

Kind = Literal["flux", "stock"]
"""flux: over the period; stock: at its end."""

Boundary = Literal["territorial", "upstream", "embodied"]
"""Where it happens: in the region and its grid, in supply chains in use, in making equipment."""

Account = Literal["removal", "reduction", "side_effect", "co_benefit"]

Status = Literal["measured", "estimated", "climatological", "projected", "proxy", "missing"]
"""What a number rests on, best first; a result has the worst status among its inputs."""

Grade = Literal["A", "B", "C", "missing"]
"""Evidence: A read in a source, B widely published, C rough, missing looked for and not found."""

Distribution = Literal[
    "fixed",
    "normal",
    "lognormal",
    "logit_normal",
    "triangular",
    "uniform",
    "beta",
    "pert",
    "discrete",
]
Statistic = Literal["mean", "median", "mode"]

STATUS_ORDER: tuple[str, ...] = get_args(Status)
GRADE_ORDER: tuple[str, ...] = get_args(Grade)


def worst(words: set[str], order: tuple[str, ...]) -> str:
    """Return the word of `words` that stands last in `order`."""
    return max(words, key=order.index)
