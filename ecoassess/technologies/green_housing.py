"""Better envelopes of dwellings: retrofit, and near-zero-energy new building."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.heating_components import heating_emissions
from ecoassess.models.replacement import built
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="绿色低碳宜居住房",
    sector="building",
    components={
        **heating_emissions(),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="围护结构材料隐含排放",
        ),
    },
    adopts=("retrofit_share", "near_zero_share"),
    claims={"old_envelope": "retrofit_share", "new_envelope": "near_zero_share"},
    paint=SETTLED,
    paint_weight=ROOFS,
    per={"residential_floor_area": ()},
)
def green_housing(
    heating_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    heating_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    heating_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    heating_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    retrofittable_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    newly_built_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    retrofit_share: Annotated[xr.DataArray, Unit("1")],
    near_zero_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    service_life: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
    envelope_carbon: Annotated[xr.DataArray, Unit("kg CO2/m^2")],
) -> Result:
    """Emissions of dwelling heat, and of envelope materials, in a state of better envelopes.

    Formula
    -------
    ::

        heating components = −(emission of the heat supply), by gas and boundary
        embodied = −(A_old x' e_retrofit + A_new y' e_near_zero) / 1 yr

    for the shares x' and y' that are done in the year, for the first time or again. Embodied carbon
    is charged in the year of the work.

    Symbols
    -------
    heating_* of the model heat_supply, by dwelling and month; retrofittable_floor_area A_old,
    newly_built_floor_area A_new, retrofit_share and near_zero_share of them (cohort, dwelling),
    envelope_carbon e by measure, cohort_age, service_life after which the work is done again
    (`ecoassess/models/replacement.py`), cohort_length 1 yr.

    Source
    ------
    The docstrings of heat_requirement, heat_demand and heat_supply name equations and sources.

    Validity
    --------
    As the models. Stands first among what acts on heat: heatings after it meet what is left. For
    near-zero building only what is more than in a house of the newest class is charged. Left
    out: comfort, and savings of cooling.
    """
    retrofit, near_zero = (
        built(share, cohort_age, service_life, cohort_length)
        for share in (retrofit_share, near_zero_share)
    )
    retrofitted = retrofittable_floor_area * retrofit
    better_built = newly_built_floor_area * near_zero
    embodied = retrofitted * envelope_carbon.sel(measure="retrofit", drop=True)
    embodied = embodied + better_built * envelope_carbon.sel(measure="near_zero", drop=True)
    return {
        "heating_carbon_dioxide": -heating_carbon_dioxide,
        "heating_fossil_methane": -heating_fossil_methane,
        "heating_biogenic_methane": -heating_biogenic_methane,
        "heating_nitrous_oxide": -heating_nitrous_oxide,
        "heating_upstream_methane": -heating_upstream_methane,
        "heating_upstream_carbon_dioxide": -heating_upstream_carbon_dioxide,
        "embodied_emissions": -embodied / cohort_length,
    }
