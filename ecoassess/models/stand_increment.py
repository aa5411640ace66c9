"""Net yearly change of the carbon of living trees, by forest type."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="林分生物量年净增量",
    returns={"biomass_increment": "t C/yr"},
    methods={
        "increment_method": ("net_stock_growth", "gain_loss", "stock_difference", "age_classes")
    },
    only_with={
        "gain_loss": ("timber_harvest",),
        "stock_difference": (
            "growing_stock",
            "earlier_growing_stock",
            "years_between_inventories",
        ),
        "age_classes": ("age_class_growth",),
    },
)
def stand_increment(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    stand_volume: Annotated[xr.DataArray, Unit("m^3")],
    net_volume_growth: Annotated[xr.DataArray, Unit("m^3/yr")],
    aboveground_carbon: Annotated[xr.DataArray, Unit("t C")],
    belowground_carbon: Annotated[xr.DataArray, Unit("t C")],
    carbon_per_volume: Annotated[xr.DataArray, Unit("t C/m^3")],
    growing_stock: Annotated[xr.DataArray, Unit("m^3")],
    earlier_growing_stock: Annotated[xr.DataArray, Unit("m^3")],
    years_between_inventories: Annotated[xr.DataArray, Unit("yr")],
    timber_harvest: Annotated[xr.DataArray, Unit("m^3/yr")],
    age_class_growth: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    carbon_fraction: Annotated[xr.DataArray, Unit("t C/t dm")],
    root_shoot_ratio: Annotated[xr.DataArray, Unit("1")],
    aboveground_growth: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    stand_age_share: Annotated[xr.DataArray, Unit("1")],
    harvest_yield: Annotated[xr.DataArray, Unit("1")],
    fuelwood_per_timber: Annotated[xr.DataArray, Unit("1")],
    disturbance_share: Annotated[xr.DataArray, Unit("1/yr")],
    disturbance_killed: Annotated[xr.DataArray, Unit("1")],
    increment_method: str,
) -> Result:
    """Gain less loss, or the change of the growing stock, in carbon.

    Formula
    -------
    With C = C_a + C_b the carbon of a type's trees, V its growing stock, A its area::

        net_stock_growth:  ΔC = c · net growth                c carbon per volume
        age_classes:       ΔC = A · γ                         γ growth by the age structure
        stock_difference:  ΔC = c · (V₂ − V₁) / (t₂ − t₁),  shared over types as V
        gain_loss:         ΔC = A Σ_age s G (1 + R) CF        gain, eq. 2.9 and 2.10
                                − C · H (1 + f) / (ΣV y)      wood and fuelwood, eq. 2.12 and 2.13
                                − C · Σ_agent d fd            disturbance, eq. 2.14

    Harvested wood H comes from all types alike, so it takes the share H / ΣV of the standing
    carbon, and 1/y of it counting the residue: BCEF_R = BCEF_S / y, and both hold (1 + R) CF.

    Symbols
    -------
    stand_area A, stand_volume V, net_volume_growth, aboveground_carbon C_a, belowground_carbon
    C_b, carbon_per_volume c, growing_stock V₂ and earlier_growing_stock V₁ with
    years_between_inventories, timber_harvest H, age_class_growth γ, carbon_fraction CF,
    root_shoot_ratio R, aboveground_growth G and stand_age_share s (by `stand_age`), harvest_yield
    y, fuelwood_per_timber f, disturbance_share d and disturbance_killed fd (by `disturbance`).
    Returns `biomass_increment` (t C/yr, positive is uptake) by forest type.

    Source
    ------
    IPCC 2006 Vol. 4 Ch. 2, eq. 2.7 to 2.14 (gain-loss) and 2.8 (stock-difference); BCEF_R:
    note to Table 4.5.

    Validity
    --------
    Net growth, age classes and stock difference hold mortality, the first and last harvest too:
    nothing is subtracted from them again. G is growth net of natural mortality, so that gain_loss
    subtracts only harvest and disturbance. Age classes leave out harvest and disturbance. All
    carbon of removed and killed trees counts as lost in the year; products are another technology.
    """
    carbon = aboveground_carbon + belowground_carbon
    whole_volume = stand_volume.sum("forest_type", skipna=False)
    if increment_method == "net_stock_growth":
        increment = carbon_per_volume * net_volume_growth
    elif increment_method == "age_classes":
        increment = stand_area * age_class_growth
    elif increment_method == "stock_difference":
        growth = (growing_stock - earlier_growing_stock) / years_between_inventories
        increment = carbon_per_volume * growth * stand_volume / whole_volume
    else:
        growth_per_area = (stand_age_share * aboveground_growth).sum("stand_age")
        gain = stand_area * growth_per_area * (1 + root_shoot_ratio) * carbon_fraction
        removed = timber_harvest * (1 + fuelwood_per_timber) / (whole_volume * harvest_yield)
        killed = (disturbance_share * disturbance_killed).sum("disturbance")
        increment = gain - carbon * (removed + killed)
    return {"biomass_increment": increment}
