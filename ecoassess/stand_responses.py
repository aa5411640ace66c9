"""What stands of each forest type gain with age, and where standing forest goes: stand growth.

Worked out once for a few draws, without counties: a type's curve is the same in all of them, and
what is planted or standing there multiplies it.
"""

from __future__ import annotations

OLDEST = 300
"""Last age class, which collects what is older."""

TREES = ("above", "below")
DEAD = ("dead_wood", "litter")

UNITS = {
    "curve_asymptote": "m^3/ha",
    "curve_rate": "1/yr",
    "curve_shape": "1",
    "curve_valid_age": "yr",
    "age_group_share": "1",
    "age_group_limit": "yr",
    "age_structure_year": "yr",
    "litterfall": "1/yr",
    "fine_root_turnover": "1/yr",
    "tree_mortality": "1/yr",
    "closed_canopy": "t C/ha",
    "dead_wood_decay": "1/yr",
    "litter_decay": "1/yr",
    "soil_decay": "1/yr",
    "dead_wood_to_soil": "1",
    "litter_to_soil": "1",
}
"""The coefficients of stand growth and the units in which they are taken."""

SHARED_UNITS = {
    "carbon_fraction": "t C/t dm",
    "root_shoot_ratio": "1",
    "conversion_expansion_factor": "t dm/m^3",
}
"""The coefficients that stand growth shares with stand_carbon."""

DISTURBANCE_UNITS = {"disturbed_share": "1/yr", "biomass_lost": "1"}
"""The coefficients that stand growth shares with stand_increment."""
