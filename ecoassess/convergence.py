"""How exactly a number of draws tells a mean and a quantile."""

from __future__ import annotations

import numpy as np


def standard_error_of_mean(draws: np.ndarray) -> np.ndarray:
    """Return s / √n along the first axis: an upper bound where draws are stratified.

    A Latin hypercube takes away the part of the variance that is additive in the unknowns (Stein
    1987, Technometrics 29, 143-151), so that the mean is known better than this says.
    """
    return np.asarray(draws.std(axis=0, ddof=1) / np.sqrt(len(draws)))


def standard_error_of_quantile(draws: np.ndarray, probability: float) -> np.ndarray:
    """Return the standard error of a sample quantile along the first axis of (draw, series).

    Maritz and Jarrett (1978, JASA 73, 194-196): the moments of the order statistic x_(m), m = n p,
    as weighted sums of all order statistics, with weights from the beta distribution. NaN where
    there are too few draws for the quantile to lie between two of them, and where data are missing.
    """
    from scipy.stats.mstats import mjci

    number = len(draws)
    rank = int(number * probability + 0.5)
    if not 1 < rank < number:
        return np.full(draws.shape[1:], np.nan)
    known = np.isfinite(draws).all(axis=0)
    errors = np.full(draws.shape[1:], np.nan)
    if known.any():
        errors[known] = np.asarray(mjci(draws[:, known], [probability], axis=0))[0]
    return errors


def skewness(draws: np.ndarray) -> np.ndarray:
    """Return the third standardised moment along the first axis; NaN where nothing varies."""
    deviation = draws - draws.mean(axis=0)
    spread = draws.std(axis=0)
    return np.asarray((deviation**3).mean(axis=0) / np.where(spread > 0, spread, np.nan) ** 3)
