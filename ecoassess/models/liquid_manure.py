"""Methane of liquid manure by month: how much of the solids in store turn to gas as it warms.

Plain numpy; month on the first axis, counties on the others.

Formula
-------
::

    f_m = exp[E_a (T_m − T_0) / (R T_m T_0)],  0 below the freezing limit
    available_m = kept · available_{m−1} (1 − f_{m−1}) + load · design
    digested_m  = available_m f_m

in a repeating year with the same load each month; kept is 1, or the share that stays in the store
in a month in which it is emptied. The conversion of a month is the solids digested in it over the
solids of the year, the methane conversion factor is the sum of the months.

Source
------
Mangino, J., Bartram, D., Brazy, A. (2001): van't Hoff-Arrhenius form with E_a 15,175 cal/mol and
T_0 303.15 K, design factor 0.8; taken over by the IPCC (2019 Refinement Vol. 4 ch. 10, annex 10A.3)
for its Table 10.17. Read at second hand.

Validity
--------
Covered or crusted slurry that follows the month's mean air temperature. The original holds the
temperature at 5 °C or more, for lagoons; a store that freezes gives nothing here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ACTIVATION_ENERGY = 15_175.0
"""E_a, cal/mol."""

GAS_CONSTANT = 1.987
"""R, cal/mol/K."""

REFERENCE_TEMPERATURE = 303.15
"""T_0, K: there all that is available turns to gas within the month."""

SETTLING_YEARS = 5
"""Years after which a repeated year repeats itself; little is carried over more than one."""


def digested_share(temperature: Array, freezing_limit: float) -> Array:
    """Return f, the share of the available solids that turns to gas in a month at T (K)."""
    kelvin = np.asarray(temperature, dtype=float)
    if not np.isfinite(kelvin).all() or (kelvin <= 0).any():
        raise ValueError("temperature has values that are missing or not in kelvin")
    exponent = (
        ACTIVATION_ENERGY
        * (kelvin - REFERENCE_TEMPERATURE)
        / (GAS_CONSTANT * kelvin * REFERENCE_TEMPERATURE)
    )
    warm = np.minimum(1.0, np.exp(exponent))
    return np.where(kelvin < freezing_limit, 0.0, warm)


def monthly_conversion(
    temperature: Array, design_factor: float, freezing_limit: float, kept_share: Array
) -> Array:
    """Return the solids digested in each month as share of the solids of the year.

    Parameters
    ----------
    temperature
        Monthly mean temperature of the store (month, column...), K.
    design_factor
        Share of the solids that becomes available at all.
    freezing_limit
        K; below it nothing is digested.
    kept_share
        Share that is left in the store at the beginning of each month (month,): 1, or less in
        months in which it is emptied.

    Returns
    -------
    Array
        (month, column...); the sum over the months is the methane conversion factor.
    """
    share = digested_share(temperature, freezing_limit)
    kept = np.asarray(kept_share, dtype=float)
    for name, value in {"kept_share": kept, "design_factor": np.asarray(design_factor)}.items():
        if not ((value >= 0) & (value <= 1)).all():
            raise ValueError(f"{name} is outside 0 to 1")
    if len(share) != len(kept):
        raise ValueError(f"{len(share)} temperatures and {len(kept)} kept shares")
    load = design_factor / len(share)
    left = np.zeros(share.shape[1:])
    digested = np.zeros(share.shape)
    for _year in range(SETTLING_YEARS):
        for month, part in enumerate(share):
            available = kept[month] * left + load
            digested[month] = available * part
            left = available - digested[month]
    return digested
