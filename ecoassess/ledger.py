"""LEDGER: amounts by atom → rows by zone and period, in CO2e, with quantiles.

Sums come first and quantiles last: a zone's interval is that of the sum of its atoms, drawn
together. Draw 0 is the central value and is left out of the statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.assessment import Outcome, native_unit
from ecoassess.calendar import Month
from ecoassess.technology import GASES, Component
from ecoassess.units import parse_unit, unit_registry
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, Boundary, worst
from ecoassess.zones import Zone

SCHEMA_VERSION = 2
QUANTILES = {"p2.5": 0.025, "p50": 0.5, "p97.5": 0.975}
COLUMNS = [
    *("region", "zoning", "adcode", "zone", "zone_zh", "technology", "component"),
    *("basis", "kind", "boundary", "account", "gas", "period", "unit", "value"),
    *("native_value", "native_unit", "mean", "sd", *QUANTILES),
    *("status", "coverage", "evidence", "months", "reason"),
]
NET = "net"
"""Component name of the sum of a technology's fluxes within one basis and boundary."""

TERRITORIAL: Boundary = "territorial"
"""The boundary of the nets that tables, maps and pictures show."""


@dataclass(frozen=True)
class Line:
    """One component (or part of it, or the net) over atoms.

    Parameters
    ----------
    unit
        "t CO2e"; for a co-benefit its own unit.
    amount
        In `unit` (draw, atom, month); for a stock the value at each month's end.
    native
        Factor from `unit` to the native unit; None for a net of several gases.
    """

    technology: str
    component: str
    basis: str
    kind: str
    boundary: str
    account: str
    gas: str
    unit: str
    native_unit: str
    native: float | None
    months: str
    amount: np.ndarray


CO2E = "t CO2e"


def co2e_factor(component: Component, gwp: Mapping[str, float]) -> float:
    """Return t CO2e per native unit of a component; 1 for a co-benefit, which stays in its unit.

    The substance is converted to the gas itself by pint (C to CO2, N2O-N to N2O), then multiplied
    by the global warming potential in kg CO2e per kg of gas.
    """
    if not component.warms:
        return 1.0
    registry = unit_registry()
    amount = registry.Quantity(1.0, parse_unit(native_unit(component)))
    potential = registry.Quantity(gwp[component.gas], parse_unit(f"kg CO2e/kg {component.gas}"))
    return float((amount * potential).to(parse_unit(CO2E)).magnitude)


def lines(outcome: Outcome, gwp: Mapping[str, float]) -> Iterator[Line]:
    """Yield the lines of a technology: components, their parts, and the nets."""
    technology = outcome.technology
    months: dict[str, np.ndarray] = {}
    for name, component in technology.components.items():
        if component.kind == "flux":
            months[name] = _fluxes(outcome, name) * co2e_factor(component, gwp)
    for name, component in technology.components.items():
        if component.kind == "stock":
            months[name] = _stocks(outcome, name, component, months, gwp)
    for name, component in technology.components.items():
        whole, parts = months[name], _labels(outcome.amounts[name])
        common = (technology.name, component.basis, component.kind, component.boundary)
        native = 1 / co2e_factor(component, gwp)
        # A part that is nothing in every draw is no part of what the technology does.
        shown = [(la, part) for la, part in _parts(whole, parts) if np.any(part != 0)]
        for label, array in [("", whole.sum(axis=-1)), *shown]:
            yield Line(
                common[0],
                f"{name}:{label}" if label else name,
                *common[1:],
                component.account,
                component.gas,
                CO2E if component.warms else native_unit(component),
                native_unit(component),
                native,
                month_basis(outcome, name),
                array,
            )
    for boundary in technology.nets:
        members = [
            n
            for n, c in technology.components.items()
            if c.kind == "flux" and c.boundary == boundary and c.warms
        ]
        yield Line(
            technology.name,
            NET,
            technology.basis,
            "flux",
            boundary,
            "net",
            "CO2e",
            CO2E,
            CO2E,
            1.0,
            "; ".join(dict.fromkeys(month_basis(outcome, n) for n in members)),
            sum((months[n].sum(axis=-1) for n in members), np.zeros(1)),
        )


def month_basis(outcome: Outcome, name: str) -> str:
    """Return what the months of a component are: modelled, or the year's sum shared out."""
    component = outcome.technology.components[name]
    if component.month_basis:
        return component.month_basis
    if component.kind == "stock":
        flux = component.stock_of
        return month_basis(outcome, flux) if flux else "the year's end"
    if "month" in outcome.amounts[name].dims:
        return "modelled by month"
    return f"allocated by {component.month_share}"


def _labels(amount: xr.DataArray) -> list[str]:
    extra = [d for d in amount.dims if d not in ("draw", "atom", "month")]
    return [str(v) for v in amount[extra[0]].values] if extra else []


def _parts(whole: np.ndarray, labels: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    return [(label, whole[..., i]) for i, label in enumerate(labels)]


def _ordered(amount: xr.DataArray) -> np.ndarray:
    """Return (draw, atom, [month,] label) with a label axis of length 1 where there is none."""
    extra = [d for d in amount.dims if d not in ("draw", "atom", "month")]
    if not extra:
        amount = amount.expand_dims(label=1)
        extra = ["label"]
    order = ["draw", "atom", *(["month"] if "month" in amount.dims else []), extra[0]]
    return np.asarray(amount.transpose(*order).values)


def _fluxes(outcome: Outcome, name: str) -> np.ndarray:
    """Return monthly fluxes (draw, atom, month, label) in native units."""
    amount = _ordered(outcome.amounts[name])
    if amount.ndim == 4:
        return amount
    share = outcome.month_shares[name].transpose("atom", "month").values
    return np.asarray(amount[:, :, None, :] * share[None, :, :, None])


def _stocks(
    outcome: Outcome,
    name: str,
    component: Component,
    fluxes: Mapping[str, np.ndarray],
    gwp: Mapping[str, float],
) -> np.ndarray:
    """Return the stock at each month's end: the year's end less what the later months add."""
    end = _ordered(outcome.amounts[name])[:, :, None, :] * co2e_factor(component, gwp)
    if component.stock_of is None:
        return np.broadcast_to(end, (*end.shape[:2], 12, end.shape[3]))
    flux = fluxes[component.stock_of]
    later = flux[:, :, ::-1].cumsum(axis=2)[:, :, ::-1] - flux
    return np.asarray(end - later)


def summarise(
    outcome: Outcome,
    zones: Sequence[Zone],
    weight: np.ndarray,
    month: Month,
    region: str,
    gwp: Mapping[str, float],
) -> pd.DataFrame:
    """Return the rows of one technology.

    Parameters
    ----------
    weight
        Area in m² of the land that carries the technology in each atom, for the coverage.
    """
    matrix = np.array([zone.weights for zone in zones])
    notes: dict[bytes, list[dict[str, object]]] = {}
    blocks = []
    for line in lines(outcome, gwp):
        present = np.isfinite(line.amount).all(axis=(0, 2))
        sums = np.einsum("za,dam->dzm", matrix[:, present], line.amount[:, present], optimize=True)
        year = sums.sum(axis=2) if line.kind == "flux" else sums[:, :, -1]
        table = np.concatenate([sums, year[:, :, None]], axis=2)
        key = present.tobytes()
        if key not in notes:
            notes[key] = [zone_notes(zone, present, weight, outcome) for zone in zones]
        blocks.append(_columns(line, table, notes[key], zones, month, region))
    # One table at once: hundreds of small ones cost more than the numbers in them.
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in COLUMNS}
    return pd.DataFrame(columns)


def _columns(
    line: Line,
    table: np.ndarray,
    notes: Sequence[Mapping[str, object]],
    zones: Sequence[Zone],
    month: Month,
    region: str,
) -> dict[str, np.ndarray]:
    """Return the rows of one line as columns; `table` is (draw, zone, 12 months and the year)."""
    periods = [f"{month.year}-{m:02d}" for m in range(1, 13)] + [str(month.year)]
    number, size = len(periods), len(periods) * len(zones)

    def same(text: str) -> np.ndarray:
        column = np.empty(size, dtype=object)
        column.fill(text)  # one string for all rows, where np.full makes one for each
        return column

    def by_zone(values: Iterable[object]) -> np.ndarray:
        return np.repeat(np.array(list(values), dtype=object), number)

    def by_period(values: Iterable[object]) -> np.ndarray:
        return np.tile(np.array(list(values), dtype=object), len(zones))

    columns = {
        "region": same(region),
        "zoning": by_zone(zone.zoning for zone in zones),
        "adcode": by_zone(zone.code for zone in zones),
        "zone": by_zone(zone.en for zone in zones),
        "zone_zh": by_zone(zone.zh for zone in zones),
        **{
            name: same(getattr(line, name))
            for name in ("technology", "component", "basis", "kind", "boundary", "account", "gas")
        },
        "period": by_period(periods),
        "unit": same(line.unit),
        "native_unit": same(line.native_unit),
        "evidence": by_zone(note["evidence"] for note in notes),
        "coverage": by_zone(note["coverage"] for note in notes).astype(float),
        "months": by_period([line.months] * (number - 1) + [""]),
    }
    draws = table[1:]
    quantiles = np.quantile(draws, list(QUANTILES.values()), axis=0)
    statistics = {"value": table[0], "mean": draws.mean(axis=0), "sd": draws.std(axis=0, ddof=1)}
    statistics |= dict(zip(QUANTILES, quantiles, strict=True))
    empty = columns["coverage"] == 0
    for name, values in statistics.items():
        columns[name] = np.where(empty, np.nan, values.ravel())
    columns["native_value"] = columns["value"] * (line.native or np.nan)
    passed = ["climatological" if m <= month.month else "projected" for m in range(1, 13)]
    status, reason = [], []
    for note in notes:
        base = str(note["status"])
        missing = base == "missing"
        status += [base if missing else worst({base, own}, STATUS_ORDER) for own in passed]
        status.append(base)
        # Months have their year's reason; it is told once, and wherever a value is missing.
        reason += [str(note["reason"]) if missing else ""] * (number - 1) + [str(note["reason"])]
    columns["status"] = np.array(status, dtype=object)
    columns["reason"] = np.array(reason, dtype=object)
    return columns


def zone_notes(
    zone: Zone, present: np.ndarray, weight: np.ndarray, outcome: Outcome
) -> dict[str, object]:
    """Return status, coverage, evidence and reason of a zone."""
    members = zone.weights != 0
    if zone.zoning == "park_estimate" and outcome.technology.density_of is None:
        present = np.zeros_like(present)
        extra = f"{outcome.technology.name} has no density to carry over to the official area"
    else:
        extra = zone.reason
    inside = members & present
    total = weight[members].sum()
    coverage = float(weight[inside].sum() / total) if total > 0 else float(inside.any())
    reasons = [extra, *(outcome.reason[i] for i in np.flatnonzero(members).tolist())]
    if not inside.any():
        return {
            "status": "missing",
            "coverage": 0.0,
            "evidence": "missing",
            "reason": _merged(reasons),
        }
    # A part can be known where the whole is not, for want of another part's data.
    index = np.flatnonzero(inside).tolist()
    status = {"estimated" if (s := outcome.status[i]) == "missing" else s for i in index}
    grade = {"C" if (g := outcome.grade[i]) == "missing" else g for i in index}
    return {
        "status": worst({zone.status, *status}, STATUS_ORDER),
        "coverage": round(coverage, 6),
        "evidence": worst(grade, GRADE_ORDER),
        "reason": _merged(reasons),
    }


def _merged(reasons: Iterable[str]) -> str:
    """Return reasons once each; those that differ by the variable they name as one."""
    groups: dict[str, list[str]] = {}
    for reason in dict.fromkeys(piece for text in reasons for piece in text.split("; ") if piece):
        name, colon, why = reason.partition(": ")
        if colon and name.isidentifier():
            groups.setdefault(why, []).append(name)
        else:
            groups.setdefault(reason, [])
    return "; ".join(f"{', '.join(n)}: {why}" if n else why for why, n in groups.items())


def nets_by_atom(outcome: Outcome, gwp: Mapping[str, float]) -> dict[Boundary, np.ndarray]:
    """Return the annual net within each boundary by draw and atom in t CO2e, NaN where missing."""
    nets = [line for line in lines(outcome, gwp) if line.component == NET]
    boundaries = outcome.technology.nets
    return {b: np.asarray(n.amount.sum(axis=2)) for b, n in zip(boundaries, nets, strict=True)}


def net_by_atom(outcome: Outcome, gwp: Mapping[str, float]) -> np.ndarray:
    """Return the territorial annual net by draw and atom in t CO2e, NaN where missing.

    Only technologies with "territorial" in their `nets` have one.
    """
    nets = nets_by_atom(outcome, gwp)
    if TERRITORIAL not in nets:
        raise ValueError(f"{outcome.technology.name} has no territorial flux")
    return nets[TERRITORIAL]


def gases_of(outcome: Outcome) -> set[str]:
    """Return the gases that a technology's components are made of."""
    return {c.gas for c in outcome.technology.components.values()} & set(GASES)
