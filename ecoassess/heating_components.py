"""Components of technologies that act on the heat of the same dwellings.

Each is named as the result of the model that gives it, so that the effects of all technologies on
one result add up to the joint effect; the account of methane and nitrous oxide differs by what a
technology is for.
"""

from __future__ import annotations

from ecoassess.technology import Component
from ecoassess.vocabulary import Account


def heating_emissions(other_gases: Account = "reduction") -> dict[str, Component]:
    """Return the components of the heat supply; their labels are the dwellings."""

    def component(unit: str, account: Account, zh: str) -> Component:
        return Component(unit, basis="effect", account=account, zh=zh)

    def upstream(unit: str, zh: str) -> Component:
        return Component(unit, basis="effect", account=other_gases, boundary="upstream", zh=zh)

    return {
        "heating_carbon_dioxide": component("t CO2/yr", "reduction", "供热二氧化碳排放"),
        "heating_fossil_methane": component(
            "t CH4_fossil/yr", other_gases, "供热化石燃料燃烧甲烷排放"
        ),
        "heating_biogenic_methane": component(
            "t CH4_biogenic/yr", other_gases, "供热生物质燃烧甲烷排放"
        ),
        "heating_nitrous_oxide": component("t N2O/yr", other_gases, "供热氧化亚氮排放"),
        "heating_upstream_methane": upstream("t CH4_fossil/yr", "燃料及用电上游甲烷排放"),
        "heating_upstream_carbon_dioxide": upstream("t CO2/yr", "燃料及用电上游二氧化碳排放"),
    }
