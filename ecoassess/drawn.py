"""What draws the numbers that enter a runner, for any sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.correlation import Correlations
from ecoassess.sampling import Sample


@dataclass(frozen=True)
class Drawn:
    """What draws a coefficient, with those it is correlated with, at one site or for all."""

    coefficient: Coefficient
    correlations: Correlations
    site: str = ""

    def __call__(self, sample: Sample) -> xr.DataArray:
        """Return the central value and the draws of a sample."""
        return self.coefficient.draws(self.correlations.over(sample), self.site)

    def numbers(self, sample: Sample) -> np.ndarray:
        """Return them without labels and unit, draws first."""
        return self.coefficient.numbers(self.correlations.over(sample), self.site)


@dataclass(frozen=True)
class InTurn:
    """The draws of a simulation, taken in turn."""

    values: xr.DataArray

    def __call__(self, sample: Sample) -> xr.DataArray:
        """Return as many draws as a sample has."""
        turn = sample.turn(self.values.sizes["draw"])
        return self.values.isel(draw=turn).assign_coords(draw=np.arange(len(turn)))
