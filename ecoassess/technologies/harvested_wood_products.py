"""Carbon that sawnwood, panels and paper keep out of the air."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.forest_components import yearly
from ecoassess.technology import technology
from ecoassess.units import Unit


@technology(
    zh="木质林产品碳储存",
    sector="forest",
    components={
        "products_stock_gain": yearly("在用木质林产品碳储量年增量", "removal"),
    },
    adopts=("long_lived_wood_share",),
    paint=("forest", "open_woodland", "land"),
    per={"timber_harvest": ()},
)
def harvested_wood_products(
    timber_harvest: Annotated[xr.DataArray, Unit("m^3/yr")],
    long_lived_wood_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    product_yield: Annotated[xr.DataArray, Unit("t dm/m^3")],
    carbon_fraction_of_product: Annotated[xr.DataArray, Unit("t C/t dm")],
    half_life: Annotated[xr.DataArray, Unit("yr")],
    accounting_year: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Yearly gain of the carbon in products in use that the county's harvest feeds.

    Formula
    -------
    With V the harvest, y the dry product of a cubic metre of roundwood, f its carbon fraction and
    s_a the share of the harvest that product has taken since a years ago (dimension
    `wood_product`)::

        k = ln 2 / half-life
        inflow         I_a = V · s_a · y · f
        gain           ΔC = Σ_a I_a · (e^(−k a) − e^(−k (a + 1))) / k        per year

    This is what the yearly recursion C(i+1) = e^(−k) C(i) + (1 − e^(−k)) / k · I gives in the year
    n = a + 1 of a constant inflow: ΔC = (1 − e^(−k)) / k · I · e^(−k (n − 1)). The 1 in a + 1 is
    the accounting year.

    Symbols
    -------
    timber_harvest V, long_lived_wood_share s (cohort, wood_product), cohort_age a, product_yield y,
    carbon_fraction_of_product f, half_life, accounting_year 1 yr. Returns products_stock_gain, by
    product; positive is carbon kept.

    Source
    ------
    IPCC 2006 Vol. 4 Ch. 12 eq. 12.1 (2019 Refinement eq. 12.2), first-order decay; 2019 Refinement
    Tables 12.1 and 12.3.

    Validity
    --------
    Production approach: products from the county's own harvest count where the wood grew, wherever
    they are used, and only while in use. The harvest is today's in all years and in baseline and
    project alike; it is already a loss in forest_sink, so what counts here is only how long its
    carbon stays. Logs from elsewhere do not count. A county's harvest is spread over all its
    forest, the national park's too; no map of the logging was found. Wood outside these products
    (fuel, packaging that is burned, mill residue) counts as oxidised in the year. The gain fades:
    half of it is gone after one half-life. Left out: products in landfills, recycling, what panels
    made of residue save; processing energy, and steel and concrete displaced, which belong to the
    green materials.
    """
    decay_rate = np.log(2) / half_life
    still_in_use = np.exp(-decay_rate * cohort_age)
    one_year_later = np.exp(-decay_rate * (cohort_age + accounting_year))
    kept = (still_in_use - one_year_later) / (decay_rate * accounting_year)
    carbon_of_harvest = timber_harvest * product_yield * carbon_fraction_of_product
    return {
        "products_stock_gain": carbon_of_harvest * (long_lived_wood_share * kept).sum("cohort"),
    }
