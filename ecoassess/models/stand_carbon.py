"""Carbon of living trees, above and below ground, by forest type."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models import forest_biomass
from ecoassess.units import Unit


@model(
    zh="林分生物量碳储量",
    returns={
        "aboveground_carbon": "t C",
        "belowground_carbon": "t C",
        "carbon_per_volume": "t C/m^3",
    },
    methods={"biomass_method": ("fang2001", "ipcc_bcef", "mapped")},
    only_with={"mapped": ("mapped_biomass", "mapped_forest_area")},
)
def stand_carbon(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    stand_volume: Annotated[xr.DataArray, Unit("m^3")],
    mapped_biomass: Annotated[xr.DataArray, Unit("t dm/ha")],
    mapped_forest_area: Annotated[xr.DataArray, Unit("ha")],
    carbon_fraction: Annotated[xr.DataArray, Unit("t C/t dm")],
    root_shoot_ratio: Annotated[xr.DataArray, Unit("1")],
    biomass_per_volume: Annotated[xr.DataArray, Unit("t dm/m^3")],
    biomass_intercept: Annotated[xr.DataArray, Unit("t dm/ha")],
    conversion_expansion_factor: Annotated[xr.DataArray, Unit("t dm/m^3")],
    increment_expansion_factor: Annotated[xr.DataArray, Unit("t dm/m^3")],
    lowest_fitted_volume: Annotated[xr.DataArray, Unit("m^3/ha")],
    biomass_method: str,
) -> Result:
    """Carbon stock of living trees from growing stock, or from a map of biomass.

    Formula
    -------
    For a forest type of area A (ha) and growing stock V (m³), with total biomass B::

        fang2001:   B = a V + b A                        roots included; where V / A is below
                                                         V₀, on the line from there to nothing
        ipcc_bcef:  B = V · BCEF_S(V / A) · (1 + R)
        mapped:     B of a type = its part of the growing stock's, times a factor common to all,
                    so that Σ B / (1 + R) = mapped mean biomass · mapped forest area

        above ground  C_a = CF · B / (1 + R)
        below ground  C_b = R · C_a
        per volume    of growth: CF a,  or  CF BCEF_I(V / A) (1 + R)

    At constant area the intercept b does not grow, so the carbon that a m³ of growth adds is CF a.

    Symbols
    -------
    stand_area A, stand_volume V, mapped_biomass (above ground, mean over forest) and
    mapped_forest_area, carbon_fraction CF, root_shoot_ratio R, biomass_per_volume a,
    biomass_intercept b, lowest_fitted_volume V₀, conversion_expansion_factor BCEF_S and
    increment_expansion_factor BCEF_I (by `stock_class`, whose labels are mid-class volumes in
    m³/ha). Returns `aboveground_carbon`, `belowground_carbon` (t C) and `carbon_per_volume` (t
    C/m³), by forest type.

    Source
    ------
    Fang et al. 2001, Science 292:2320-2322, doi:10.1126/science.1058629 (B = aV + b);
    IPCC 2006 Vol. 4 eq. 2.8 and 2.10 (BCEF, R), Table 4.5: BCEF_S interpolated between class
    middles, because the table's steps would give more biomass to less wood at a class edge.

    Validity
    --------
    Stands within the volumes that the regressions were fitted to; young ones are put on a line,
    since b alone would give bare land a forest. Trees only: understorey (below 3 % of the tree
    layer in Jilin) is left out.
    Under `mapped` the map gives the amount and the growing stock the types.
    """
    stocked = ~(stand_area <= 0)  # a type that a county has none of has no volume per hectare
    volume_per_area = (stand_volume / stand_area.where(stocked)).where(stocked, 0)
    if biomass_method == "ipcc_bcef":
        expansion = forest_biomass.interpolate_stock_class(
            conversion_expansion_factor, volume_per_area
        )
        biomass = expansion * (1 + root_shoot_ratio) * stand_volume
        slope = forest_biomass.interpolate_stock_class(
            increment_expansion_factor, volume_per_area
        ) * (1 + root_shoot_ratio)
    else:
        slope, density = forest_biomass.regression(
            biomass_per_volume, biomass_intercept, volume_per_area, lowest_fitted_volume
        )
        biomass = density * stand_area
    aboveground = biomass / (1 + root_shoot_ratio)
    if biomass_method == "mapped":
        of_stock = aboveground.sum("forest_type", skipna=False)
        factor = mapped_biomass * mapped_forest_area / of_stock
        aboveground, slope = aboveground * factor, slope * factor
    return {
        "aboveground_carbon": carbon_fraction * aboveground,
        "belowground_carbon": carbon_fraction * aboveground * root_shoot_ratio,
        "carbon_per_volume": carbon_fraction * slope,
    }
