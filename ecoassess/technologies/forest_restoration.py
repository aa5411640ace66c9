"""Enhanced management of standing forest: tending, underplanting of Korean pine, closing."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.forest_components import wood, yearly
from ecoassess.technology import technology
from ecoassess.units import Unit

UNDERPLANTED = "korean_pine"
"""What enrichment plants under broadleaves in the Changbai region (栽针保阔)."""


@technology(
    zh="森林抚育与退化林修复",
    sector="forest",
    components={
        "growth_response": wood("林木生长响应"),
        "underplanted_gain": wood("林下补植红松固碳"),
        "regrowth": wood("抚育后恢复生长"),
        "removed_biomass": yearly("抚育间伐移除生物量", "side_effect"),
        "tending_fuel": yearly("作业燃油排放", "side_effect"),
    },
    adopts=("restoration_share",),
    claims={"stands": "restoration_share"},
    paint=("forest", "open_woodland", "land"),
    paint_weight={"biomass": ("forest", "open_woodland", "land")},
    per={"stand_area": ()},
)
def forest_restoration(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    aboveground_carbon: Annotated[xr.DataArray, Unit("t C")],
    belowground_carbon: Annotated[xr.DataArray, Unit("t C")],
    biomass_increment: Annotated[xr.DataArray, Unit("t C/yr")],
    restoration_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    planted_biomass_gain: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    relative_growth_response: Annotated[xr.DataArray, Unit("1")],
    response_period: Annotated[xr.DataArray, Unit("yr")],
    underplanted_stocking: Annotated[xr.DataArray, Unit("1")],
    removed_share: Annotated[xr.DataArray, Unit("1")],
    work_period: Annotated[xr.DataArray, Unit("yr")],
    recovery_period: Annotated[xr.DataArray, Unit("yr")],
    work_diesel: Annotated[xr.DataArray, Unit("L/ha")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
) -> Result:
    """Return what a measure adds to the growth of its stands, less what it takes out.

    Formula
    -------
    With s_c the share of the stocked area treated in year c, n years ago, by measure::

        growth response   = Σ_{c: n < P} s_c · ρ · ΔC         growth with less growth without
        underplanted gain = Σ_c A s_c · u · g(n)              g: gain of Korean pine's nth year
        removed biomass   = −Σ_{c: n < 1 yr} s_c · q · C / 1 yr
        regrowth          = Σ_{c: P ≤ n < P + T} s_c · q · C / T
        tending fuel      = −Σ_{c: n < 1 yr} A s_c · L · EF / 1 yr

    Symbols
    -------
    stand_area A, aboveground_carbon and belowground_carbon (C is their sum), biomass_increment ΔC
    (summed over forest types), restoration_share s, cohort_age n, planted_biomass_gain g, and by
    `restoration`: relative_growth_response ρ over response_period P, underplanted_stocking u
    (growth under a canopy relative to a full plantation), removed_share q of the trees' carbon,
    work_diesel L in the work_period; recovery_period T; diesel_factor EF.

    Source
    ------
    The coefficients name the trials. Bookkeeping by IPCC 2006 Vol. 4 eq. 2.7.

    Validity
    --------
    Treated stands are average stands. The growth that the stands have anyway is not credited.
    Removed trees, roots with them, count as lost in the year. The trials' response is of the stand,
    so it holds what grew back while it lasted; what was cut grows back in equal steps after that,
    so that in the end nothing is lost by cutting alone. Underplanted pine is an upper bound: what
    the canopy loses to it is not counted. Products kept are left out. A measure repeated on the
    same stand is two cohorts.
    """
    area = stand_area.sum("forest_type", skipna=False)
    trees = aboveground_carbon + belowground_carbon
    standing = trees.sum("forest_type", skipna=False)
    increment = biomass_increment.sum("forest_type", skipna=False)
    gain = planted_biomass_gain.sel(forest_type=UNDERPLANTED, drop=True)
    responding = restoration_share.where(cohort_age < response_period, 0).sum("cohort")
    later = restoration_share.where(cohort_age >= response_period, 0)
    recovering = later.where(cohort_age < response_period + recovery_period, 0).sum("cohort")
    new = restoration_share.where(cohort_age < work_period, 0).sum("cohort") / work_period
    return {
        "growth_response": responding * relative_growth_response * increment,
        "underplanted_gain": area
        * underplanted_stocking
        * xr.dot(restoration_share, gain, dim="cohort"),
        "regrowth": recovering * removed_share * standing / recovery_period,
        "removed_biomass": -new * removed_share * standing,
        "tending_fuel": -new * area * work_diesel * diesel_factor,
    }
