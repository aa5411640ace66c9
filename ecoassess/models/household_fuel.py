"""What households burn: fuel of the sources that have a flue, and what its burning emits."""

from __future__ import annotations

import xarray as xr


def replaced(today: xr.DataArray, taken: xr.DataArray) -> xr.DataArray:
    """Return the share of each source after options took theirs evenly from all of today's.

    ::

        share_s = w_s / Σ w · (1 − Σ_o x_o) + [s = o] x_o

    `today` (w) and `taken` (x) have the dimension `heat_source`; the options are among today's
    sources, with a weight of 0 where there are none.
    """
    here = taken.reindex(heat_source=today["heat_source"]).fillna(0)
    left = 1 - taken.sum("heat_source")
    share: xr.DataArray = today / today.sum("heat_source") * left + here
    return share


def options(**shares: xr.DataArray) -> xr.DataArray:
    """Return the levels of adoption shares, one for each named source, along `heat_source`."""
    source = xr.DataArray(list(shares), dims="heat_source", name="heat_source")
    taken: xr.DataArray = xr.concat(list(shares.values()), dim=source, join="exact")
    level: xr.DataArray = taken.sum("cohort")
    return level


def emitted(fuel: xr.DataArray, factor: xr.DataArray) -> xr.DataArray:
    """Return the emissions of fuel by source; the factors may know more sources."""
    known = factor.sel(heat_source=fuel["heat_source"])
    emission: xr.DataArray = xr.dot(fuel, known, dim="heat_source")
    return emission
