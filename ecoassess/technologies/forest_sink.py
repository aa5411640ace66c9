"""Carbon stock and net uptake of the standing forest, from growing stock."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.models import forest_biomass
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="森林碳汇",
    sector="forest",
    components={
        "carbon_stock": Component(
            "t C",
            basis="inventory",
            account="removal",
            kind="stock",
            stock_of="net_increment",
            zh="生物量碳储量",
        ),
        "net_increment": Component(
            "t CO2/yr",
            basis="inventory",
            account="removal",
            month_share="growing_degree_day_share",
            zh="年净固碳量",
        ),
    },
    methods={
        "biomass_method": ("fang2001", "ipcc_bcef"),
        "increment_method": ("net_stock_growth", "gain_loss"),
    },
    paint=("forest", "open_woodland", "land"),
    paint_weight="aboveground_biomass",
    density_of="forest",
    not_linear_in=(),
)
def forest_sink(
    growing_stock: Annotated[xr.DataArray, Unit("m^3")],
    forest_area: Annotated[xr.DataArray, Unit("ha")],
    years_since_inventory: Annotated[xr.DataArray, Unit("yr")],
    stocked_share_of_forest_area: Annotated[xr.DataArray, Unit("1")],
    area_share: Annotated[xr.DataArray, Unit("1")],
    stock_density_ratio: Annotated[xr.DataArray, Unit("1")],
    net_stock_growth_rate: Annotated[xr.DataArray, Unit("1/yr")],
    carbon_fraction: Annotated[xr.DataArray, Unit("t C/t dm")],
    biomass_per_volume: Annotated[xr.DataArray, Unit("t dm/m^3")],
    biomass_intercept: Annotated[xr.DataArray, Unit("t dm/ha")],
    conversion_expansion_factor: Annotated[xr.DataArray, Unit("t dm/m^3")],
    root_shoot_ratio: Annotated[xr.DataArray, Unit("1")],
    aboveground_growth: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    annual_loss_of_stock: Annotated[xr.DataArray, Unit("1/yr")],
    lowest_fitted_volume: Annotated[xr.DataArray, Unit("m^3/ha")],
    highest_fitted_volume: Annotated[xr.DataArray, Unit("m^3/ha")],
    biomass_method: str,
    increment_method: str,
) -> Result:
    """Carbon stock and net annual increment of living trees, by forest type.

    Formula
    -------
    With V the growing stock (m³) of a zone, A its stocked area (ha), w the area share and r the
    relative stock density of each forest type (dimension `forest_type`)::

        A_i = A_forest · stocked share · w_i
        V_i = V exp(g n) · w_i r_i / Σ w r             n years since the inventory

        fang2001:   B_i = a_i V_i + b_i A_i            total biomass, roots included
        ipcc_bcef:  B_i = V_i · BCEF_S(V_i / A_i) · (1 + R_i)

        carbon stock        C_i = CF_i · B_i

        net_stock_growth:   ΔC_i = CF_i · (dB/dV)_i · g V_i
        gain_loss:          ΔC_i = CF_i · [A_i G_i (1 + R_i) − l · B_i]

    At constant area the intercept b does not grow, so the increment of fang2001 is a · ΔV; that of
    ipcc_bcef is BCEF_S (1 + R) ΔV. Net growth g already holds harvest and mortality: nothing is
    subtracted from it again. G is gross above-ground growth and l the share of standing biomass
    that harvest and mortality remove in a year.

    Symbols
    -------
    growing_stock V, forest_area A_forest, years_since_inventory n, stocked_share_of_forest_area,
    area_share w, stock_density_ratio r, net_stock_growth_rate g, carbon_fraction CF,
    biomass_per_volume a, biomass_intercept b, conversion_expansion_factor BCEF_S (by
    `stock_class`, whose labels are mid-class volumes in m³/ha), root_shoot_ratio R,
    aboveground_growth G, annual_loss_of_stock l. Returns `carbon_stock` (t C, end of year) and
    `net_increment` (t CO2/yr, positive is uptake), both with the dimension `forest_type`.

    Source
    ------
    Fang et al. 2001, Science 292:2320-2322, doi:10.1126/science.1058629 (B = aV + b);
    IPCC 2006 Vol. 4 Ch. 4 eq. 2.8 and 2.10 (BCEF, R), eq. 2.7 and 2.9 (gain-loss);
    IPCC 2006 Table 4.5: BCEF_S interpolated between class middles, because the table's steps would
    give more biomass to less wood at a class edge.

    Validity
    --------
    Stands within the volumes that the regressions were fitted to (`models/forest_biomass.py`
    refuses others). Living trees only: understorey (below 3 % of the tree layer in Jilin), dead
    wood, litter and soil are left out, and so is gain of forest area.
    """
    stocked_area = forest_area * stocked_share_of_forest_area * area_share
    weight = area_share * stock_density_ratio
    volume_at_inventory = growing_stock * weight / weight.sum("forest_type", skipna=False)
    volume = volume_at_inventory * np.exp(net_stock_growth_rate * years_since_inventory)
    volume_per_area = volume / stocked_area

    if biomass_method == "fang2001":
        forest_biomass.check_fitted_range(
            volume_per_area, lowest_fitted_volume, highest_fitted_volume
        )
        biomass_slope = biomass_per_volume
        biomass = biomass_per_volume * volume + biomass_intercept * stocked_area
    else:
        expansion = forest_biomass.interpolate_stock_class(
            conversion_expansion_factor, volume_per_area
        )
        biomass_slope = expansion * (1 + root_shoot_ratio)
        biomass = biomass_slope * volume
    carbon_stock = carbon_fraction * biomass

    if increment_method == "net_stock_growth":
        increment = carbon_fraction * biomass_slope * net_stock_growth_rate * volume
    else:
        gain = stocked_area * aboveground_growth * (1 + root_shoot_ratio)
        increment = carbon_fraction * (gain - annual_loss_of_stock * biomass)
    return {"carbon_stock": carbon_stock, "net_increment": increment}
