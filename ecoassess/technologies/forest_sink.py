"""Carbon pools and net uptake of the standing forest."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.forest_components import wood
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


def _stock(zh: str, stock_of: str | None = None) -> Component:
    return Component(
        "t C", basis="inventory", account="removal", kind="stock", stock_of=stock_of, zh=zh
    )


@technology(
    zh="森林碳汇",
    sector="forest",
    components={
        "aboveground_stock": _stock("地上生物量碳储量", "aboveground_increment"),
        "belowground_stock": _stock("地下生物量碳储量", "belowground_increment"),
        "dead_wood_stock": _stock("枯死木碳储量"),
        "litter_stock": _stock("枯落物碳储量"),
        "soil_stock": _stock("土壤有机碳储量"),
        "aboveground_increment": wood("地上生物量年净固碳量", "inventory"),
        "belowground_increment": wood("地下生物量年净固碳量", "inventory"),
    },
    methods={"soil_source": ("typical", "mapped")},
    only_with={"mapped": ("forest_soil_carbon",)},
    paint=("forest", "open_woodland", "land"),
    paint_weight={"biomass": ("forest", "open_woodland", "land")},
    density_of="forest",
    per={"stand_area": ()},
)
def forest_sink(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    aboveground_carbon: Annotated[xr.DataArray, Unit("t C")],
    belowground_carbon: Annotated[xr.DataArray, Unit("t C")],
    biomass_increment: Annotated[xr.DataArray, Unit("t C/yr")],
    root_shoot_ratio: Annotated[xr.DataArray, Unit("1")],
    forest_soil_carbon: Annotated[xr.DataArray, Unit("t C/ha")],
    dead_wood_share: Annotated[xr.DataArray, Unit("1")],
    litter_density: Annotated[xr.DataArray, Unit("t C/ha")],
    typical_soil_carbon: Annotated[xr.DataArray, Unit("t C/ha")],
    soil_source: str,
) -> Result:
    """Carbon stock by pool at the end of the year, and what living trees gain in it.

    Formula
    -------
    For a forest type of stocked area A::

        C_above, C_below                        model stand_carbon
        C_dead wood = δ C_above,  C_litter = A · d_l,  C_soil = A · d_s
        ΔC_above = ΔC / (1 + R),  ΔC_below = the rest
        ΔC                                      model stand_increment

    Symbols
    -------
    stand_area A, aboveground_carbon and belowground_carbon, biomass_increment ΔC,
    root_shoot_ratio R, dead_wood_share δ, litter_density d_l, typical_soil_carbon or
    forest_soil_carbon (of a map) d_s, 0-30 cm. All by forest type; positive is uptake.

    Source
    ------
    IPCC 2006 Vol. 4 eq. 2.3 (five pools); Ch. 4 section 4.2.2 and 4.2.3, Tier 1: dead wood, litter
    and soil of forest that stays forest do not change. Dead wood as a share of the biomass: CDM
    AR-TOOL12.

    Validity
    --------
    Forest that stays forest: gain and loss of its area are left out, and so are understorey and
    soil below 30 cm. What is standing is inventory, not the effect of a measure.
    """
    above_share = 1 / (1 + root_shoot_ratio)
    soil_density = {"typical": typical_soil_carbon, "mapped": forest_soil_carbon}[soil_source]
    return {
        "aboveground_stock": aboveground_carbon,
        "belowground_stock": belowground_carbon,
        "dead_wood_stock": aboveground_carbon * dead_wood_share,
        "litter_stock": stand_area * litter_density,
        "soil_stock": stand_area * soil_density,
        "aboveground_increment": biomass_increment * above_share,
        "belowground_increment": biomass_increment * (1 - above_share),
    }
