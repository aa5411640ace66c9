"""What each technology's system takes up or emits per hectare, head or tonne, in both states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "technology", "component", "label"),
    *("before", "after", "native_unit", "per", "per_amount", "per_unit"),
    *("before_per_unit", "after_per_unit", "effect_per_unit", "unit"),
]


def intensities(assessment: Assessment) -> pd.DataFrame:
    """Return the central amounts of each component before and after a technology, per unit.

    The divisor is what the technology names in `per`, as it is after it. Where component and
    divisor have the same labels, each label stands by itself too.
    """
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    rows: list[list[object]] = []
    for name, outcome in assessment.outcomes.items():
        technology = outcome.technology
        _, after = assessment.runner.states(technology)
        for per, components in technology.per.items():
            unit = assessment.session.variables[per].unit
            divisor = magnitude(assessment.runner.variable(per, after), unit)
            divisor = divisor.isel(draw=0) if "draw" in divisor.dims else divisor
            divisor = divisor.sum("month", skipna=False) if "month" in divisor.dims else divisor
            for component in components or technology.components:
                first, last, native = outcome.states[component]
                for label, amounts in _by_label(first, last, divisor).items():
                    rows += [
                        _row(zone, name, component, label, amounts, native, per, unit)
                        for zone in zones
                    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_label(
    first: xr.DataArray, last: xr.DataArray, divisor: xr.DataArray
) -> dict[str, tuple[np.ndarray, ...]]:
    """Return before, after and divisor by atom: in all, and for each label they share."""
    arrays = (first, last, divisor)
    total = tuple(a.sum([d for d in a.dims if d != "atom"], skipna=False).values for a in arrays)
    result = {"": total}
    shared = [d for d in divisor.dims if d != "atom" and d in last.dims]
    for dimension in shared:
        for label in divisor[dimension].values:
            result[str(label)] = tuple(a.sel({dimension: label}).values for a in arrays)
    return result


def _row(
    zone: Zone,
    technology: str,
    component: str,
    label: str,
    amounts: tuple[np.ndarray, ...],
    native: str,
    per: str,
    unit: str,
) -> list[object]:
    members = zone.weights != 0
    known = np.isfinite(np.stack(amounts)).all(axis=0) & members
    before, after, divisor = (
        float(zone.weights[known] @ a[known]) if known.any() else np.nan for a in amounts
    )
    mass = native.startswith("t ")  # per hectare or head a tonne is too large a unit
    ratio = (1000 if mass else 1) / divisor if divisor else np.nan
    small = f"kg {native.removeprefix('t ')}" if mass else native
    return [
        *(zone.zoning, zone.code, zone.en, zone.zh, technology, component, label),
        *(before, after, native, per, divisor, unit),
        *(before * ratio, after * ratio, (after - before) * ratio),
        f"{small}/{unit.removesuffix('/yr')}",
    ]
