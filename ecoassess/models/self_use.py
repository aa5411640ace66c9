"""Part of a household's PV output that it uses as it is made."""

import numpy as np

from ecoassess.models.pv_year import Array, PVYear
from ecoassess.models.solar import DAYS_IN_MONTH


def household_load(electricity: Array, month_shares: Array, hour_shares: Array) -> Array:
    """Hourly load of m kinds of household, (8760, m) kW.

    `electricity` (m,) kWh a year, shared out to months (12,), evenly to the days of each, and to
    the 24 hours of a day on the site's clock. The shares count in proportion.
    """
    daily = np.repeat(month_shares / month_shares.sum() / DAYS_IN_MONTH, DAYS_IN_MONTH)
    hourly = np.outer(daily, hour_shares / hour_shares.sum()).ravel()
    return np.outer(hourly, electricity)


def self_use_share(year: PVYear, plane_shares: Array, capacity: Array, load: Array) -> Array:
    """Share of a month's output that m kinds of household use as it is made, (12, m).

    In each hour and either state of the sky the lesser of output and load is used; what is above
    the load is exported. `plane_shares` (m, k) of the capacity, `capacity` (m,) kWp per household,
    `load` (8760, m) kW. Of a month without output nothing is used.
    """
    outputs = (
        hourly @ plane_shares.T * capacity for hourly in (year.hourly_clear, year.hourly_overcast)
    )
    exported = year.mixed_months(*(np.maximum(output - load, 0.0) for output in outputs))
    generated = year.monthly_yield @ plane_shares.T * capacity
    share = np.divide(exported, generated, out=np.ones_like(exported), where=generated > 0)
    return np.asarray(np.clip(1 - share, 0.0, 1.0))
