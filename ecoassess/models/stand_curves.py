"""How stands grow with age, and how an inventory by age groups becomes one by years.

Plain numpy; units stand in the docstrings. The last two axes are (type, age) or (type, group),
with any batch axes (draws, counties) before them; parameters lack the age axis. Ages count whole
years: index a of an age axis that starts at 0 holds stands of age a.

Formula
-------
Chapman-Richards curve, level beyond the age up to which it was fitted::

    V(t) = K (1 - exp(-r min(t, t_valid)))^p

above- and below-ground biomass from it, with the share s of roots in all biomass and the carbon c
per unit of V::

    above(t) = (1 - s) c V(t),  below(t) = s c V(t)

Symbols
-------
asymptote K (m3/ha, t dm/ha or t C/ha), rate r (1/yr), shape p, valid_age t_valid (yr).

Source
------
Richards (1959), Chapman (1961): the form, widely published. Parameters stand in
configs/models/stand_growth.yaml.

Validity
--------
A curve through stands of different ages at one time, net of trees that die between. Beyond
valid_age a stand neither grows nor declines here; `beyond` flags it. No site class, no density,
no climate, one share of roots at all ages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def checked(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf) -> Array:
    """Return an array of numbers within limits, or say which one is not."""
    array = np.asarray(value, dtype=np.float64)
    bad = ~((array >= low) & (array <= high))
    if bad.any():
        raise ValueError(f"{name} is {array[bad][0]:g}, expected a number from {low:g} to {high:g}")
    return array


@dataclass(frozen=True, eq=False)
class Curves:
    """Chapman-Richards parameters, (..., type)."""

    asymptote: Array
    rate: Array
    shape: Array
    valid_age: Array

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            object.__setattr__(self, name, checked(name, value))

    def volume(self, age: ArrayLike) -> Array:
        """Return the curve at the ages (age,), in the unit of its asymptote: (..., type, age)."""
        held = np.minimum(checked("age", age), self.valid_age[..., None])
        grown = -np.expm1(-self.rate[..., None] * held)
        result: Array = self.asymptote[..., None] * grown ** self.shape[..., None]
        return result

    def beyond(self, age: ArrayLike) -> NDArray[np.bool_]:
        """Return where an age lies beyond the curve's validity, so that growth is held at zero."""
        flag: NDArray[np.bool_] = checked("age", age) > self.valid_age[..., None]
        return flag


@dataclass(frozen=True, eq=False)
class Growth:
    """Carbon of undisturbed stands at ages 0, 1, ... (t C/ha), (..., type, age).

    Any curve will do: the dynamics only take the differences of these. It must not fall; what
    stands lose in old age is mortality, a disturbance.
    """

    above: Array
    below: Array
    beyond: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in ("above", "below"):
            stock = checked(f"{name}-ground biomass", getattr(self, name))
            object.__setattr__(self, name, stock)
            if (np.diff(stock) < 0).any():
                raise ValueError(
                    f"{name}-ground biomass falls with age: make the loss a disturbance"
                )
            if stock[..., 0].any():
                raise ValueError(f"{name}-ground biomass is not 0 at age 0")
        if not self.above.shape == self.below.shape == self.beyond.shape:
            raise ValueError("above, below and beyond have different shapes")

    @classmethod
    def of(cls, curves: Curves, carbon: ArrayLike, root_share: ArrayLike, oldest: int) -> Growth:
        """Return the growth up to an age.

        Parameters
        ----------
        carbon
            All biomass per unit of the curve (t C/m3, t C/t dm or 1), (..., type).
        root_share
            Below-ground share of all biomass, (..., type).
        oldest
            The last age class, which collects what is older.
        """
        ages = np.arange(oldest + 1)
        share = checked("root share", root_share, 0.0, 1.0)[..., None]
        total = curves.volume(ages) * checked("carbon", carbon)[..., None]
        above, below = (1 - share) * total, share * total
        return cls(above, below, np.broadcast_to(curves.beyond(ages), above.shape))

    @property
    def oldest(self) -> int:
        """The last age class."""
        return int(self.above.shape[-1]) - 1

    @property
    def increment(self) -> Array:
        """What stands of age a gain in the year that follows, (2, ..., type, age); the last 0."""
        stock = np.stack([self.above, self.below])
        return np.diff(stock, append=stock[..., -1:])


def from_age_groups(area: ArrayLike, limits: ArrayLike, oldest: int) -> Array:
    """Return the area by age 0..oldest, (..., type, age), from areas by age group.

    A group's area is spread evenly over its years; its sum is kept. Age 0 stays empty: a stand
    counts from its first year.

    Parameters
    ----------
    area
        (..., type, group), ha.
    limits
        Last age of each group but the oldest one, (type, group - 1) or (group - 1,): the first
        group is 1..limits[0], the last reaches from limits[-1] + 1 to `oldest`.
    """
    amount = checked("area", area)
    ends = checked("limits", limits)
    edges = np.concatenate(
        [np.zeros((*ends.shape[:-1], 1)), ends, np.full((*ends.shape[:-1], 1), oldest)], axis=-1
    )
    if (np.diff(edges) < 1).any() or (edges != np.floor(edges)).any():
        raise ValueError(f"the limits of age groups are not rising whole years below {oldest}")
    if edges.shape[-1] - 1 != amount.shape[-1]:
        raise ValueError(f"{amount.shape[-1]} age groups need {amount.shape[-1] - 1} limits")
    ages = np.arange(oldest + 1)
    inside = (ages > edges[..., :-1, None]) & (ages <= edges[..., 1:, None])
    shares = inside / np.diff(edges)[..., None]
    return np.asarray(np.einsum("...g,...ga->...a", amount, shares))


def at_temperature(
    rate: ArrayLike, temperature: ArrayLike, q10: ArrayLike, reference: ArrayLike
) -> Array:
    """Return a decay rate (1/yr) at a mean annual temperature (deg C), at most 1.

    k = k0 Q10^((T - T0) / 10), as in the Carbon Budget Model (read in libcbm 2.10.2).
    """
    exponent = (np.asarray(temperature) - np.asarray(reference)) / 10
    scaled = checked("decay rate", rate) * checked("Q10", q10) ** exponent
    return np.asarray(np.minimum(scaled, 1.0))
