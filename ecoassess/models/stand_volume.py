"""Area and growing stock of the standing forest, by forest type."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models import forest_biomass
from ecoassess.units import Unit


@model(
    zh="林分面积与蓄积量",
    returns={
        "stand_area": "ha",
        "stand_volume": "m^3",
        "net_volume_growth": "m^3/yr",
    },
    methods={"volume_source": ("growing_stock", "parcels")},
    only_with={
        "growing_stock": ("growing_stock", "forest_area", "years_since_inventory"),
        "parcels": ("parcel_area", "parcel_volume", "years_since_parcels"),
    },
)
def stand_volume(
    growing_stock: Annotated[xr.DataArray, Unit("m^3")],
    forest_area: Annotated[xr.DataArray, Unit("ha")],
    years_since_inventory: Annotated[xr.DataArray, Unit("yr")],
    parcel_area: Annotated[xr.DataArray, Unit("ha")],
    parcel_volume: Annotated[xr.DataArray, Unit("m^3")],
    years_since_parcels: Annotated[xr.DataArray, Unit("yr")],
    stocked_share_of_forest_area: Annotated[xr.DataArray, Unit("1")],
    area_share: Annotated[xr.DataArray, Unit("1")],
    stock_density_ratio: Annotated[xr.DataArray, Unit("1")],
    net_stock_growth_rate: Annotated[xr.DataArray, Unit("1/yr")],
    lowest_fitted_volume: Annotated[xr.DataArray, Unit("m^3/ha")],
    highest_volume: Annotated[xr.DataArray, Unit("m^3/ha")],
    volume_source: str,
) -> Result:
    """Stocked area, growing stock and its net yearly growth in the assessed year.

    Formula
    -------
    With w the area share and r the relative stock density of each forest type::

        growing_stock:  A_i = A_forest · stocked share · w_i
                        V_i = V w_i r_i / Σ w r · exp(g n)      n years since the inventory
        parcels:        A_i, V_i = Σ over the parcels of type i,  V_i · exp(g n)

        net growth      g V_i

    Symbols
    -------
    growing_stock V, forest_area A_forest, years_since_inventory and years_since_parcels n,
    stocked_share_of_forest_area, area_share w, stock_density_ratio r, net_stock_growth_rate g;
    lowest_fitted_volume and highest_volume, outside of which a statistic's V / A is refused.
    Returns `stand_area` (ha), `stand_volume` (m³) and `net_volume_growth` (m³/yr) by forest type.

    Source
    ------
    Total volume rules, not density times a larger area (docs/decisions/0002-forest-area.md).

    Validity
    --------
    Net growth g holds harvest and mortality: nothing is subtracted from it again. Types share one
    rate. Parcels that the adapter set apart (overlaps, unknown species) are in no type.
    """
    if volume_source == "growing_stock":
        area = forest_area * stocked_share_of_forest_area * area_share
        weight = area_share * stock_density_ratio
        at_inventory = growing_stock * weight / weight.sum("forest_type", skipna=False)
        years = years_since_inventory
        forest_biomass.check_volume_per_area(
            at_inventory / area.where(area > 0), lowest_fitted_volume, highest_volume
        )
    else:
        area, at_inventory, years = parcel_area, parcel_volume, years_since_parcels
    volume = at_inventory * np.exp(net_stock_growth_rate * years)
    return {
        "stand_area": area,
        "stand_volume": volume,
        "net_volume_growth": net_stock_growth_rate * volume,
    }
