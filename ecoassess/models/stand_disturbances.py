"""Pools of a stand, and what disturbances do to their carbon and to the area of ages.

A disturbance is a matrix: the share of each pool that moves to another one, into products or into
the air. The events of a year act one after another (`stand_growth.step`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ecoassess.models.stand_curves import Array, checked

POOLS = ("above", "below", "dead_wood", "litter", "soil")
OUTSIDE = ("products", "air")
ABOVE, BELOW, DEAD_WOOD, LITTER, SOIL = range(len(POOLS))
PRODUCTS, AIR = range(len(POOLS), len(POOLS) + len(OUTSIDE))


def matrix(moved: dict[tuple[str, str], ArrayLike]) -> Array:
    """Return a disturbance matrix, (pool, pool + outside, ...).

    Parameters
    ----------
    moved
        (from pool, to pool, "products" or "air") -> share of the carbon, one number or (..., type).
        What is not moved stays.
    """
    targets = (*POOLS, *OUTSIDE)
    shares = {pair: checked(f"{pair[0]} to {pair[1]}", s, 0.0, 1.0) for pair, s in moved.items()}
    shape = np.broadcast_shapes(*(share.shape for share in shares.values()))
    result = np.zeros((len(POOLS), len(targets), *shape))
    for (source, target), share in shares.items():
        if source == target:
            raise ValueError(f"what stays in {source} is what is not moved")
        result[POOLS.index(source), targets.index(target)] = share
    stays = 1 - result.sum(axis=1)
    if (stays < -1e-12).any():
        pool = POOLS[int(np.argwhere(stays < -1e-12)[0][0])]
        raise ValueError(f"a disturbance moves more of {pool} than there is")
    for index in range(len(POOLS)):
        result[index, index] = np.maximum(stays[index], 0.0)
    return result


def killing(killed: ArrayLike, fate: dict[tuple[str, str], ArrayLike]) -> Array:
    """Return the matrix of a disturbance that kills a share of the living biomass.

    Parameters
    ----------
    killed
        Share of above- and below-ground biomass that dies or is cut, one number or (..., type).
    fate
        (from pool, to pool, "products" or "air") -> share: of what is killed, for living biomass;
        of all of it, for dead pools. The rest of what is killed becomes dead wood.
    """
    moved = {pair: share for pair, share in fate.items() if pair[0] not in POOLS[:2]}
    dead = checked("killed share", killed, 0.0, 1.0)
    for living in POOLS[:2]:
        elsewhere = {pair: np.asarray(s) for pair, s in fate.items() if pair[0] == living}
        if sum(elsewhere.values(), start=np.zeros(1)).max() > 1:
            raise ValueError(f"more than all of what is killed of {living} goes elsewhere")
        moved |= {pair: dead * share for pair, share in elsewhere.items()}
        moved[living, "dead_wood"] = dead * (1 - sum(elsewhere.values(), start=np.zeros(())))
    return matrix(moved)


@dataclass(frozen=True, eq=False)
class Event:
    """A disturbance of a year.

    Parameters
    ----------
    matrix
        What becomes of the carbon of the area hit, see `killing` and `matrix`.
    renews
        Whether the area returns to age 0; else stands keep their age.
    share
        Share of the area within `ages` that is hit, (..., type).
    amount
        Instead of a share: carbon to be taken to products (t C), (..., type), from the oldest
        stands within `ages` first.
    ages
        First and last age that is hit.
    """

    matrix: Array
    renews: bool
    share: Array | None = None
    amount: Array | None = None
    ages: tuple[int, float] = (0, np.inf)

    def __post_init__(self) -> None:
        table = checked("disturbance matrix", self.matrix, 0.0, 1.0)
        object.__setattr__(self, "matrix", table if table.ndim > 2 else table[..., None])
        if (self.share is None) == (self.amount is None):
            raise ValueError("a disturbance has either a share of the area or an amount of carbon")
        if self.share is not None:
            object.__setattr__(self, "share", checked("share of area", self.share, 0.0, 1.0))
        if self.amount is not None:
            object.__setattr__(self, "amount", checked("amount", self.amount))


@dataclass(frozen=True, eq=False)
class Disturbances:
    """What happens to areas in a year.

    Parameters
    ----------
    events
        In the order in which they happen; each acts on what those before it left.
    regeneration
        Type that renewed area had -> type it gets, (..., type, type), rows add up to 1.
    added
        Area planted on land that had no forest (ha), (..., type). It brings no carbon.
    """

    events: dict[str, Event] = field(default_factory=dict)
    regeneration: Array | None = None
    added: Array | None = None

    def __post_init__(self) -> None:
        if self.regeneration is not None:
            table = checked("regeneration", self.regeneration, 0.0, 1.0)
            if not np.allclose(table.sum(axis=-1), 1.0, rtol=0.0, atol=1e-9):
                raise ValueError("the rows of regeneration do not add up to 1")
            object.__setattr__(self, "regeneration", table)
        if self.added is not None:
            object.__setattr__(self, "added", checked("added area", self.added))


NONE = Disturbances()
