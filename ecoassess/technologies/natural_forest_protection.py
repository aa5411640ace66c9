"""Natural forest that is not logged, against a stated counterfactual."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.forest_components import yearly
from ecoassess.technology import technology
from ecoassess.units import Unit


@technology(
    zh="天然林保护",
    sector="forest",
    components={
        "avoided_loss": yearly("避免采伐损失", "reduction"),
        "forgone_regrowth": yearly("放弃的采后更新生长", "side_effect"),
        "forgone_products": yearly("放弃的木质林产品储碳", "side_effect"),
    },
    adopts=("logging_halted_share",),
    paint=("forest", "open_woodland", "land"),
    paint_weight={"biomass": ("forest", "open_woodland", "land")},
    per={"stand_area": ()},
)
def natural_forest_protection(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    aboveground_carbon: Annotated[xr.DataArray, Unit("t C")],
    belowground_carbon: Annotated[xr.DataArray, Unit("t C")],
    logging_halted_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    natural_share: Annotated[xr.DataArray, Unit("1")],
    counterfactual_harvest: Annotated[xr.DataArray, Unit("m^3/ha/yr")],
    stand_volume: Annotated[xr.DataArray, Unit("m^3")],
    harvest_yield: Annotated[xr.DataArray, Unit("1")],
    recovery_period: Annotated[xr.DataArray, Unit("yr")],
    stem_share: Annotated[xr.DataArray, Unit("1")],
    product_share: Annotated[xr.DataArray, Unit("1")],
    product_decay: Annotated[xr.DataArray, Unit("1/yr")],
    product_step: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Carbon kept by not logging, less regrowth and wood products that do not come about.

    Formula
    -------
    With ℓ_c the share of the counterfactual logging halted in year c, n years ago::

        unlogged share of the stock  h = H ν A / ΣV                  per year
        avoided loss      = Σ_c ℓ_c · h C / y
        forgone regrowth  = −Σ_c ℓ_c · h C / y · min(n / T, 1)       n years of unlogged stands
        forgone products  = −Σ_c ℓ_c · h C_above · φ · ω · (1 − e^{−kΔ}) / (kΔ) · e^{−k n}

    Symbols
    -------
    stand_area A, stand_volume V, aboveground_carbon, belowground_carbon (C is their sum),
    logging_halted_share ℓ, cohort_age n, natural_share ν, counterfactual_harvest H, harvest_yield y
    (removed share of the stem volume cut), recovery_period T, stem_share φ of the above-ground
    carbon, product_share ω of the removed wood that goes into lasting products, product_decay k,
    product_step Δ of one year.

    Source
    ------
    IPCC 2006 Vol. 4 eq. 2.12 (wood removal), Ch. 12 eq. 12.1 (first-order decay).

    Validity
    --------
    The counterfactual is an assumption, and the scenario states it. Commercial logging of natural
    forest in Jilin's key state forests ended on 2015-04-01: since then the law keeps the stands,
    in the baseline too, and protection has no additional effect. Stands logged in the
    counterfactual regrow their carbon in equal steps over T. Left out: soil and litter, and
    logging displaced to elsewhere (leakage, credits.csv).
    """
    total_volume = stand_volume.sum("forest_type", skipna=False)
    above = aboveground_carbon.sum("forest_type", skipna=False)
    carbon = above + belowground_carbon.sum("forest_type", skipna=False)
    natural_area = natural_share * stand_area.sum("forest_type", skipna=False)
    logged = counterfactual_harvest * natural_area / total_volume
    loss = logged * carbon / harvest_yield
    recovered = np.minimum(cohort_age / recovery_period, xr.ones_like(cohort_age / recovery_period))
    first_year = (1 - np.exp(-product_decay * product_step)) / (product_decay * product_step)
    stored = first_year * np.exp(-product_decay * cohort_age)
    halted = logging_halted_share.sum("cohort")
    return {
        "avoided_loss": loss * halted,
        "forgone_regrowth": -loss * (logging_halted_share * recovered).sum("cohort"),
        "forgone_products": -logged
        * above
        * stem_share
        * product_share
        * (logging_halted_share * stored).sum("cohort"),
    }
