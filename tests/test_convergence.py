"""Standard errors of means and quantiles, against theory and repetition."""

from __future__ import annotations

import numpy as np
import pytest

from ecoassess.convergence import skewness, standard_error_of_mean, standard_error_of_quantile


def test_mean_of_four() -> None:
    """1, 2, 3, 6: s² = (4 + 1 + 0 + 9) / 3, so s / √4 = √(14 / 3) / 2."""
    found = standard_error_of_mean(np.array([1.0, 2.0, 3.0, 6.0]))
    assert found == pytest.approx(np.sqrt(14 / 3) / 2)


@pytest.mark.parametrize(("probability", "density"), [(0.5, 0.398942), (0.975, 0.058445)])
def test_quantile_of_a_normal(probability: float, density: float) -> None:
    """√(p (1 − p) / n) / φ(z), the standard error of large samples; φ(1.96) = 0.058445."""
    draws = np.random.default_rng(1).standard_normal((2000, 300))
    expected = np.sqrt(probability * (1 - probability) / 2000) / density
    found = standard_error_of_quantile(draws, probability)
    assert found.mean() == pytest.approx(expected, rel=0.05)
    # What it estimates: how far quantiles of repeated samples scatter.
    scatter = np.quantile(draws, probability, axis=0).std(ddof=1)
    assert found.mean() == pytest.approx(scatter, rel=0.15)


def test_too_few_draws_and_missing_data_have_no_standard_error() -> None:
    assert np.isnan(standard_error_of_quantile(np.arange(10.0)[:, None], 0.975)).all()
    draws = np.random.default_rng(1).standard_normal((200, 2))
    draws[3, 1] = np.nan
    found = standard_error_of_quantile(draws, 0.5)
    assert found[0] > 0
    assert np.isnan(found[1])


def test_skewness_of_three_numbers() -> None:
    """0, 0, 3: deviations −1, −1, 2 give (−1 − 1 + 8) / 3 = 2 over (6 / 3)^1.5 = 1 / √2."""
    table = np.array([[0.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    found = skewness(table)
    assert found[0] == pytest.approx(1 / np.sqrt(2))
    assert np.isnan(found[1])
