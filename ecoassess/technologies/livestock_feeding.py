"""Feeding of livestock: enteric methane, and what the changed excreta do in store and on fields."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide, manure_emissions, soil_carbon
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="畜禽绿色养殖",
    sector="livestock",
    components={
        "enteric_methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="reduction",
            month_share="day_share",
            zh="肠道发酵甲烷（按日分摊）",
        ),
        **manure_emissions("reduction"),
        **field_nitrous_oxide("reduction"),
        **soil_carbon("side_effect"),
    },
    adopts=("feeding_share",),
    paint=("cropland", "land"),
    paint_proxy="herds",
    per={
        "animal_stock": ("enteric_methane", *manure_emissions("reduction")),
        "animal_product": ("enteric_methane", *manure_emissions("reduction")),
    },
)
def livestock_feeding(
    enteric_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    manure_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    manure_direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    manure_volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    manure_leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    soil_carbon_gain: Annotated[xr.DataArray, Unit("t C/yr")],
) -> Result:
    """Emissions of the herd, of its manure and of the manured fields in a state of feeding.

    Formula
    -------
    ::

        what is emitted = −CH4, −N2O of each path
        what the fields take up = ΔC

    for each gas and path; the effect is the project's state less the baseline's.

    Symbols
    -------
    enteric_methane (by animal) from the model herd; manure_methane (by animal and month) and the
    N2O of manure in store and at grazing (by animal) from manure; *_nitrous_oxide of fields (by
    source of nitrogen) from field_nitrogen; soil_carbon_gain ΔC from cropland_carbon. Emissions
    are negative.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 Ch. 10, as the models cite it: eq. 10.21 (enteric methane), 10.23
    (manure methane), 10.25, 10.28 and 10.29 (N2O of manure).

    Validity
    --------
    That of the models. The effect is that of feeding alone while the treatment of manure is as
    technologies before it leave it. Enteric methane is spread evenly over the days of the year.
    Left out: feed grown or bought, making the additive and the ammonia, and land that a smaller
    herd sets free.
    """
    return {
        "enteric_methane": -enteric_methane,
        "manure_methane": -manure_methane,
        "manure_direct_nitrous_oxide": -manure_direct_nitrous_oxide,
        "manure_volatilised_nitrous_oxide": -manure_volatilised_nitrous_oxide,
        "manure_leached_nitrous_oxide": -manure_leached_nitrous_oxide,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
        "soil_carbon_gain": soil_carbon_gain,
    }
