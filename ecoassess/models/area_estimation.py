"""Areas of map classes corrected by a stratified sample of reference labels.

Plain numpy. The strata are the classes of the map; rows of a matrix are map classes, columns
reference classes, in one order.

Formula
-------
With W_i = A_i / A the mapped share of class i and n_ij the sample counts::

    p_ij   = W_i n_ij / n_i.                                        (eq. 4)
    O      = Σ_j p_jj,  U_i = p_ii / p_i.,  P_j = p_jj / p_.j       (eq. 1 to 3)
    V(O)   = Σ_i W_i² U_i (1 − U_i) / (n_i. − 1)                    (eq. 5)
    V(U_i) = U_i (1 − U_i) / (n_i. − 1)                             (eq. 6)
    V(P_j) = [A_j² (1 − P_j)² U_j (1 − U_j) / (n_j. − 1)
              + P_j² Σ_(i≠j) A_i² (n_ij / n_i.)(1 − n_ij / n_i.) / (n_i. − 1)] / Â_j²   (eq. 7)
    p_.k   = Σ_i W_i n_ik / n_i.,  Â_k = A p_.k                     (eq. 9, 11)
    S²(Â_k) = A² Σ_i W_i² (n_ik / n_i.)(1 − n_ik / n_i.) / (n_i. − 1)   (eq. 10, 11)

The 95 % interval is Â_k ± 1.96 S(Â_k). It may reach below 0: then the sample does not show that
there is any of class k.

Draws: the reference shares of each stratum are Dirichlet with parameters (n_i. − 2) n_ij / n_i..
Their mean is n_ij / n_i. and their variance (n_ij / n_i.)(1 − n_ij / n_i.) / (n_i. − 1), so that
drawn areas have the estimator's mean and standard error, are never negative and add up to A.

Source
------
Olofsson, P. et al. (2014). Good practices for estimating area and assessing accuracy of land
change. Remote Sensing of Environment 148, 42-57. Read as public programs quote its equations and
its example, not in the paper. The Dirichlet draws are not in it.

Validity
--------
Simple random sample within each stratum; the strata are the map classes (other strata: Stehman
2014). No finite population correction. An error that no sample unit shows has neither a share nor
a spread: a small sample of a large stable class hides omitted change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ecoassess.halves import Z95

Array = NDArray[np.float64]

SMALLEST_SAMPLE = 3
"""Units a stratum needs: below, the draws have no spread that fits the estimator's."""


@dataclass(frozen=True, eq=False)
class AreaEstimate:
    """What a sample says about a map.

    Parameters
    ----------
    proportion
        p_ij, share of the whole area (map class, reference class).
    area, area_error
        Â_k and its standard error, in the unit of the mapped areas.
    users, users_error, producers, producers_error
        Accuracy of each class and its standard error; NaN for a class that is not there.
    overall, overall_error
        Overall accuracy and its standard error.
    """

    proportion: Array
    area: Array
    area_error: Array
    users: Array
    users_error: Array
    producers: Array
    producers_error: Array
    overall: float
    overall_error: float

    @property
    def interval(self) -> tuple[Array, Array]:
        """Ends of the 95 % interval of each area, not cut at 0."""
        return self.area - Z95 * self.area_error, self.area + Z95 * self.area_error


def reference_shares(counts: Array) -> Array:
    """Return n_ij / n_i., what was found in each map class; 0 where nothing was looked at."""
    total = counts.sum(axis=1, keepdims=True)
    share: Array = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    return share


def estimate_areas(counts: Array, mapped_area: Array) -> AreaEstimate:
    """Return areas and accuracies from a square matrix of sample counts.

    Parameters
    ----------
    counts
        n_ij (map class, reference class).
    mapped_area
        A_i of each map class, in any unit of area or in pixels.

    Raises
    ------
    ValueError
        When the shapes differ, a count is negative, or a class with mapped area has fewer than
        three sample units.
    """
    counts = np.asarray(counts, dtype=float)
    mapped_area = np.asarray(mapped_area, dtype=float)
    if counts.shape != 2 * mapped_area.shape:
        raise ValueError(f"counts of shape {counts.shape} for {len(mapped_area)} classes")
    if (counts < 0).any() or (mapped_area < 0).any() or not mapped_area.any():
        raise ValueError("counts and areas must not be negative, nor all areas 0")
    number = counts.sum(axis=1)
    if (number[mapped_area > 0] < SMALLEST_SAMPLE).any():
        raise ValueError(f"a class with fewer than {SMALLEST_SAMPLE} sample units")
    whole = mapped_area.sum()
    weight = mapped_area / whole
    share = reference_shares(counts)
    degrees = np.maximum(number - 1, 1)[:, None]
    spread = share * (1 - share) / degrees
    proportion = weight[:, None] * share
    area = whole * proportion.sum(axis=0)
    part = mapped_area[:, None] ** 2 * spread
    users = np.where(number > 0, np.diag(share), np.nan)
    users_variance = np.where(number > 0, np.diag(spread), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        producers = whole * np.diag(proportion) / area
        own, others = np.diag(part), part.sum(axis=0) - np.diag(part)
        producers_variance = ((1 - producers) ** 2 * own + producers**2 * others) / area**2
    return AreaEstimate(
        proportion=proportion,
        area=area,
        area_error=np.sqrt(part.sum(axis=0)),
        users=users,
        users_error=np.sqrt(users_variance),
        producers=producers,
        producers_error=np.sqrt(producers_variance),
        overall=float(np.trace(proportion)),
        overall_error=float(np.sqrt((weight**2 * np.diag(spread)).sum())),
    )


def draw_reference_shares(counts: Array, uniform: Callable[[int, int], Array]) -> Array:
    """Return draws of the reference shares of each map class (draw, map class, reference class).

    Draw 0 is n_ij / n_i..

    Parameters
    ----------
    uniform
        Returns the uniform random numbers of a cell, given its row and column.
    """
    counts = np.asarray(counts, dtype=float)
    share = reference_shares(counts)
    drawn = np.stack(
        [
            np.stack(
                [
                    special.gammaincinv((counts[i].sum() - 2) * share[i, j], uniform(i, j))
                    if share[i, j] > 0
                    else np.zeros_like(uniform(i, j))
                    for j in range(counts.shape[1])
                ],
                axis=-1,
            )
            for i in range(counts.shape[0])
        ],
        axis=1,
    )
    total = drawn.sum(axis=-1, keepdims=True)
    drawn = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)
    return np.concatenate([share[None], drawn])
