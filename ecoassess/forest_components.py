"""Components that the forest's technologies share."""

from __future__ import annotations

from ecoassess.technology import Component
from ecoassess.vocabulary import Account, Basis


def wood(zh: str, basis: Basis = "effect") -> Component:
    """Return carbon that wood takes up; months are the year's growth shared out, no flux."""
    return Component(
        "t CO2/yr",
        basis=basis,
        account="removal",
        month_share="forest_growth_share",
        month_basis="allocated biomass increment, not NEE",
        zh=zh,
    )


def yearly(zh: str, account: Account) -> Component:
    """Return an effect that the year's days share alike."""
    return Component("t CO2/yr", basis="effect", account=account, month_share="day_share", zh=zh)
