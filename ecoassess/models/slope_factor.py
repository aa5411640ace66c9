"""The slope length and steepness factor (LS) of the soil loss equation, from the slope alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNIT_PLOT = 22.13
"""Length of the plot on which LS is 1, m (Wischmeier and Smith 1978)."""

SLOPE_LENGTH = 50.0
"""Length of a field slope, m. Assumed: no map of slope lengths was found; between the unit plot
(22 m) and the longest that RUSLE is meant for (122 m). `slope_length_correction` in
configs/technologies/erosion_control.yaml carries its uncertainty."""

STEEPEST = np.degrees(np.arctan(0.55))
"""Slope of the steepest plots of Liu et al. (1994), 55 %, in degrees; steeper ground counts as
this."""


def length_slope_factor(slope: ArrayLike, length: ArrayLike = SLOPE_LENGTH) -> NDArray[np.float64]:
    """Return LS of slopes in degrees and of a length in m; NaN stays NaN.

    With θ the slope and λ its length::

        S = 10.8 sin θ + 0.03      θ < 5°           McCool et al. (1987)
        S = 16.8 sin θ − 0.50      5° ≤ θ < 10°     McCool et al. (1987)
        S = 21.91 sin θ − 0.96     10° ≤ θ          Liu et al. (1994)
        L = (λ / 22.13 m)^m        m = β / (1 + β)
        β = (sin θ / 0.0896) / (3 sin^0.8 θ + 0.56) McCool et al. (1989), rill as interrill erosion

    The breaks at 5° and 10° are those of the Chinese soil loss equation; S steps from 2.42 to 2.84
    at the second. LS of level ground is 0.03, not 0.

    Source: McCool et al. 1987, Trans. ASAE 30, 1387-1396, doi:10.13031/2013.30576; Liu, Nearing,
    Risse 1994, Trans. ASAE 37, 1835-1840; McCool et al. 1989, Trans. ASAE 32, 1571-1576. The
    numbers were read in four public programs that agree, not in the papers.

    LS bends with the slope: take it of the finest pixels there are, then average. Of a slope that
    is itself averaged over hundreds of metres it comes out too low.
    """
    angle = np.minimum(np.asarray(slope, dtype=float), STEEPEST)
    sine = np.sin(np.radians(angle))
    steepness = np.select(
        [angle < 5, angle < 10, angle >= 10],
        [10.8 * sine + 0.03, 16.8 * sine - 0.50, 21.91 * sine - 0.96],
        np.nan,
    )
    rill_ratio = (sine / 0.0896) / (3 * np.abs(sine) ** 0.8 + 0.56)
    exponent = rill_ratio / (1 + rill_ratio)
    return np.asarray(steepness * (np.asarray(length) / UNIT_PLOT) ** exponent)
