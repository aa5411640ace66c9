"""Components of technologies that act on the same fields, herds and stores.

Each is named as the result of the model that gives it, so that the effects of all technologies on
one result add up to the joint effect; the account differs by what a technology is for.
"""

from __future__ import annotations

from ecoassess.technology import Component
from ecoassess.vocabulary import Account


def soil_carbon(account: Account = "removal") -> dict[str, Component]:
    """Return the component of `soil_carbon_gain`, whose months the model gives."""
    return {
        "soil_carbon_gain": Component(
            "t CO2/yr", basis="effect", account=account, zh="土壤有机碳增量"
        )
    }


def field_nitrous_oxide(account: Account) -> dict[str, Component]:
    """Return the components of field N2O by pathway; their labels are the sources of nitrogen."""
    names = {
        "direct_nitrous_oxide": "农田氧化亚氮直接排放",
        "volatilised_nitrous_oxide": "农田氧化亚氮间接排放（挥发沉降）",
        "leached_nitrous_oxide": "农田氧化亚氮间接排放（淋溶径流）",
    }
    return {
        name: Component(
            "t N2O/yr",
            basis="effect",
            account=account,
            month_share="growing_degree_day_share",
            zh=zh,
        )
        for name, zh in names.items()
    }


def manure_emissions(account: Account) -> dict[str, Component]:
    """Return the components of stored and grazing manure; their labels are the animals."""
    names = {
        "manure_direct_nitrous_oxide": "粪便管理氧化亚氮直接排放",
        "manure_volatilised_nitrous_oxide": "粪便管理氧化亚氮间接排放（挥发沉降）",
        "manure_leached_nitrous_oxide": "粪便管理氧化亚氮间接排放（淋溶径流）",
    }
    methane = Component("t CH4_biogenic/yr", basis="effect", account=account, zh="粪便管理甲烷排放")
    return {"manure_methane": methane} | {
        name: Component("t N2O/yr", basis="effect", account=account, month_share="day_share", zh=zh)
        for name, zh in names.items()
    }
