"""IPCC Approach 1: propagation of error, beside the draws of Approach 2."""

from __future__ import annotations

import numpy as np

PERCENT = 100.0


def half_width(squared: np.ndarray) -> np.ndarray:
    """Return the half-width of a result from the squared half-widths that its unknowns give it.

    Formula
    -------
    ::

        H = √ Σ_k Σ_l ρ_kl h_k h_l,   h_k = ∂y/∂x_k · H_k

    with H_k half the 95 % interval of the unknown k, and ρ_kl = 0 for unknowns that are not
    correlated: H = √ Σ h_k². In per cent of the value, U = 100 H / |y|, this is for a product of
    unknowns equation 3.1, U_total = √ Σ U_k², and for a sum equation 3.2,
    U_total = √ Σ (U_k x_k)² / |Σ x_k|; for any other formula it is what both come from. The sum is
    worked out in `sensitivity.Moves.variances`.

    Symbols
    -------
    y the result, x_k an unknown. h_k is worked out by moving x_k to both ends of its interval and
    leaving all others where they are, as Table 3.2 does for its sensitivities of type A and B. What
    is fully correlated is one unknown: it is moved together, so that its parts add up linearly.

    Source
    ------
    IPCC 2006 Guidelines, volume 1, chapter 3, equations 3.1 and 3.2, section 3.2.3.1; the term of
    correlated unknowns is that of the general law (JCGM 100:2008, equation 16).

    Validity
    --------
    Small, symmetric uncertainties of a formula that is nearly linear within them. Elsewhere
    Approach 2 rules, and `uncertainty.csv` says by how much and why they differ.
    """
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def percent_of(half_widths: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return a half-width in per cent of the value; NaN where the value is 0."""
    size = np.abs(value)
    return np.asarray(PERCENT * half_widths / np.where(size > 0, size, np.nan))
