"""Changes of land use between two maps: areas, corrected for map errors, and their carbon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.equation import Equation
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.land_change_sample import ChangeSample, check_sample, read_sample
from ecoassess.inputs.land_cover import read_classes
from ecoassess.inputs.land_cover_change import read_categories
from ecoassess.models.area_estimation import (
    AreaEstimate,
    draw_reference_shares,
    estimate_areas,
)
from ecoassess.models.land_use_change import RETURNS, land_use_change
from ecoassess.sampling import LatinHypercube
from ecoassess.units import compatible, magnitude, quantify
from ecoassess.vocabulary import GRADE_ORDER, worst

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Session

MODEL = "land_use_change"
NEIGHBOUR = "cropland_carbon"
"""Model whose coefficients of cropland soil hold here too."""

ENDS = (0.025, 0.975)
POOLS = ("soil_carbon", "biomass", "total")
DESIGN, SYNTHETIC = "design-based", "synthetic"
"""Area intervals: of the sample itself; of a county that takes the whole region's errors."""

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "before", "before_zh", "after", "after_zh"),
    *("mapped_area", "adjusted_area", "adjusted_p2.5", "adjusted_p97.5", "area_interval"),
    *("area_per_year", "area_unit", "pool"),
    *("stock_change", "stock_mean", "stock_p2.5", "stock_p97.5", "stock_unit"),
    *("rate", "rate_mean", "rate_p2.5", "rate_p97.5", "rate_unit", "rate_period"),
    *("status", "evidence", "reason"),
]
ACCURACY_COLUMNS = [
    *("class", "transitions", "sample_units", "mapped_area"),
    *("adjusted_area", "adjusted_p2.5", "adjusted_p97.5", "unit"),
    *("users_accuracy", "users_error", "producers_accuracy", "producers_error"),
]


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas of each transition in hectares, and what keeps them from being used.

    Parameters
    ----------
    mapped
        As the maps show them (adcode, before, after).
    used
        What carbon is worked out from: corrected, or as mapped (draw, adcode, before, after).
    interval
        Ends of the 95 % interval of the whole region (end, before, after); NaN without a sample.
    reason
        Transition → why it has no carbon figure.
    """

    mapped: xr.DataArray
    used: xr.DataArray
    interval: xr.DataArray
    reason: Mapping[tuple[str, str], str]
    corrected: bool


def land_use_tables(assessment: Assessment) -> dict[str, pd.DataFrame]:
    """Return the tables of land-use change by file name; none where the run has one map.

    `land_use_change` has a row per county or prefecture, transition and pool, `land_use_accuracy`
    one per class of the sample.

    Raises
    ------
    InputError
        When the sample does not fit the maps, or a coefficient is missing.
    """
    session = assessment.session
    change = session.observe().change
    if change is None:
        return {}
    codes = list(session.run.config.counties)
    owner = change.area["atom"].copy(data=session.observe().atoms["adcode"].to_numpy())
    area = magnitude(quantify(change.area, "m^2"), "ha")
    mapped = xr.concat(
        [area.where(owner == code, 0).sum("atom") for code in codes],
        dim=pd.Index(codes, name="adcode"),
    )
    tables = {}
    name = session.run.config.datasets.land_change_matrix
    if name is None:
        areas = mapped_areas(mapped, *_errors(session), session.run.config.draws)
    else:
        categories = [str(c) for c in mapped["before"].values]
        sample = read_sample(session.catalog, name, categories)
        total = mapped.sum("adcode")
        known = {(b, a): float(total.sel(before=b, after=a)) for b, a in _pairs(total)}
        class_area = check_sample(sample, known, session.catalog, name)
        estimate = estimate_areas(sample.counts, class_area)
        config = session.run.config
        areas = corrected_areas(mapped, sample, estimate, config.draws, config.seed)
        tables["land_use_accuracy"] = accuracy_table(sample, class_area, estimate)
    carbon, grade = _carbon(assessment, areas.used)
    rows = pd.DataFrame(_rows(assessment, areas, carbon, grade, change.note), columns=COLUMNS)
    return {"land_use_change": rows, **tables}


def _pairs(area: xr.DataArray) -> Iterator[tuple[str, str]]:
    """Yield every transition, unchanged land among them."""
    for before in area["before"].values:
        for after in area["after"].values:
            yield str(before), str(after)


def _errors(session: Session) -> tuple[float, str]:
    """Return the larger declared error of the two maps, and which map it is of."""
    datasets = session.run.config.datasets
    names = [str(datasets.land_cover_earlier), datasets.land_cover]
    errors = {name: 1 - float(session.catalog.entries[name].accuracy or 0) for name in names}
    name = max(errors, key=lambda one: errors[one])
    return errors[name], name


def mapped_areas(mapped: xr.DataArray, error: float, name: str, draws: int) -> Areas:
    """Return areas as mapped; none is used where errors of one map may exceed all change.

    Parameters
    ----------
    error
        1 − overall accuracy of the worse map, `name`.
    """
    total = mapped.sum("adcode")
    changed = 1 - sum(float(total.sel(before=c, after=c)) for c in total["before"].values) / float(
        total.sum()
    )
    why = ""
    if changed < error:
        why = (
            "label noise exceeds real change; "
            f"found: {100 * changed:.3g} % of the land changed on the maps; "
            f"expected: more than the {100 * error:.3g} % that {name} has wrong; "
            "remedy: a sample of the changes (land_change_matrix), or better maps"
        )
    nowhere = xr.full_like(total, np.nan)
    return Areas(
        mapped,
        mapped.expand_dims(draw=np.arange(draws + 1)),
        xr.concat([nowhere, nowhere], dim="end"),
        {pair: why for pair in _pairs(total) if why},
        corrected=False,
    )


def corrected_areas(
    mapped: xr.DataArray, sample: ChangeSample, estimate: AreaEstimate, draws: int, seed: int
) -> Areas:
    """Return areas corrected by the sample.

    The whole region's shares of reference classes in map classes are applied to the map classes of
    each county (a synthetic estimator): the counties add up to the region's corrected area. A class
    of several transitions is shared out as they are mapped in the region.
    """
    number, drawn = len(sample.labels), LatinHypercube(draws, seed)
    shares = draw_reference_shares(
        sample.counts,
        lambda i, j: drawn.uniform(f"land_change_matrix/{sample.labels[i]}/{sample.labels[j]}"),
    )
    total = mapped.sum("adcode")
    strata = np.zeros((mapped.sizes["adcode"], number))
    for i, label in enumerate(sample.labels):
        for before, after in sample.members[label]:
            strata[:, i] += mapped.sel(before=before, after=after).values
    drawn = np.einsum("ci,dik->dck", strata, shares)
    low, high = estimate.interval
    used = mapped.expand_dims(draw=np.arange(draws + 1)).copy(deep=True)
    interval = xr.concat([xr.full_like(total, np.nan)] * 2, dim="end")
    reason: dict[tuple[str, str], str] = {}
    for k, label in enumerate(sample.labels):
        members = sample.members[label]
        whole = sum(float(total.sel(before=b, after=a)) for b, a in members)
        why = _class_problem(label, members, float(estimate.area[k]), float(low[k]), float(high[k]))
        if whole == 0 and len(members) > 1:
            why = why or f"the maps show nothing of '{label}' by which to share out its area"
        for before, after in members:
            place = {"before": before, "after": after}
            part = float(total.sel(place)) / whole if whole > 0 else 1 / len(members)
            used.loc[place] = drawn[:, :, k] * part
            interval.loc[place] = np.array([low[k], high[k]]) * part
            if why and before != after:
                reason[before, after] = why
    return Areas(mapped, used, interval, reason, corrected=True)


def _class_problem(
    label: str, members: Sequence[tuple[str, str]], area: float, low: float, high: float
) -> str:
    """Return why the changes of a sampled class have no carbon figure, or ""."""
    if any(before == after for before, after in members):
        return (
            f"the sample does not tell this change from unchanged land; found: it is in '{label}'; "
            "expected: a stratum of its own; remedy: sample it apart"
        )
    if low <= 0:
        return (
            f"label noise exceeds real change; found: {label} {area:.6g} ha, 95 % interval "
            f"{low:.6g} to {high:.6g} ha; expected: an interval above 0; "
            "remedy: more sample units where this change hides, or better maps"
        )
    return ""


def accuracy_table(
    sample: ChangeSample, class_area: np.ndarray, estimate: AreaEstimate
) -> pd.DataFrame:
    """Return a row per class, and the overall accuracy as users_accuracy of the class `overall`."""
    low, high = estimate.interval
    rows: list[list[object]] = [
        [
            *(label, " ".join(f"{b}:{a}" for b, a in sample.members[label])),
            *(int(sample.counts[k].sum()), class_area[k]),
            *(estimate.area[k], low[k], high[k], "ha"),
            *(estimate.users[k], estimate.users_error[k]),
            *(estimate.producers[k], estimate.producers_error[k]),
        ]
        for k, label in enumerate(sample.labels)
    ]
    whole = float(class_area.sum())
    rows.append(
        [
            *("overall", "", int(sample.counts.sum()), whole, whole, np.nan, np.nan, "ha"),
            *(estimate.overall, estimate.overall_error, np.nan, np.nan),
        ]
    )
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _carbon(assessment: Assessment, area: xr.DataArray) -> tuple[dict[str, xr.DataArray], str]:
    """Return the results of the model in plain numbers, and the worst grade of its coefficients."""
    session = assessment.session
    equation = Equation(MODEL, land_use_change, "土地利用变化碳")
    first, last = _years(session)
    given = {
        "converted_area": area.where(area["before"] != area["after"], 0),
        "years_between": xr.DataArray(float(last - first)),
        "years_passed": xr.DataArray(float(max(0, session.month.year - first))),
    }
    own, others = session.kernels[MODEL], session.book.own[NEIGHBOUR]
    taken = [name for name in equation.arguments if name not in given]
    raise_if_any(list(_coefficient_problems(equation, own, others, taken)))
    arguments = {name: quantify(array, equation.units[name]) for name, array in given.items()}
    grades = set()
    for name in taken:
        coefficient = own.get(name) or others[name]
        arguments[name] = _draws(session, coefficient, area)
        grades |= {value.grade for value in coefficient.table}
        if name not in own:
            assessment.runner.used.setdefault(f"{NEIGHBOUR}/{name}", coefficient)
    result = equation(**arguments)
    plain = {name: magnitude(result[name], unit) for name, unit in RETURNS.items()}
    return plain, worst(grades, GRADE_ORDER)


def _years(session: Session) -> tuple[int, int]:
    datasets = session.run.config.datasets
    entries = session.catalog.entries
    first = entries[str(datasets.land_cover_earlier)].year
    return int(first or 0), int(entries[datasets.land_cover].year or 0)


def _coefficient_problems(
    equation: Equation,
    own: Mapping[str, Coefficient],
    others: Mapping[str, Coefficient],
    taken: Sequence[str],
) -> Iterator[Problem]:
    for name in taken:
        coefficient = own.get(name) or others.get(name)
        unit = equation.units[name]
        if coefficient is None:
            yield Problem(
                what=f"the model {MODEL} needs '{name}'",
                file=f"configs/models/{MODEL}.yaml",
                expected=f"unit {unit}",
            )
        elif not compatible(coefficient.unit, unit):
            yield Problem(
                what="wrong unit",
                file=coefficient.file,
                line=coefficient.line,
                key=name,
                found=coefficient.unit,
                expected=unit,
            )
    for name, coefficient in own.items():
        if name not in taken:
            yield Problem(
                what=f"a coefficient that the model {MODEL} does not use",
                file=coefficient.file,
                line=coefficient.line,
                key=name,
                remedy="correct its name, or delete it",
            )


def _draws(session: Session, coefficient: Coefficient, area: xr.DataArray) -> xr.DataArray:
    """Return draws by county instead of climate zone, NaN for categories without a value."""
    config = session.run.config
    drawn = magnitude(
        coefficient.draws(LatinHypercube(config.draws, config.seed)), coefficient.unit
    )
    if "climate_zone" in drawn.dims:
        codes = [str(code) for code in area["adcode"].values]
        zones = [session.climate.zone[code] for code in codes]
        lacking = sorted(set(zones) - set(map(str, drawn["climate_zone"].values)))
        if lacking:
            raise InputError(
                Problem(
                    what=f"no value for climate_zone {', '.join(lacking)}",
                    file=coefficient.file,
                    line=coefficient.line,
                    key=coefficient.name,
                    remedy="add the value with range and source",
                )
            )
        drawn = drawn.sel(climate_zone=xr.DataArray(zones, dims="adcode", coords={"adcode": codes}))
        drawn = drawn.drop_vars("climate_zone")
    if "category" in drawn.dims:
        drawn = drawn.reindex(category=area["before"].values)
    return quantify(drawn, coefficient.unit)


def _rows(
    assessment: Assessment,
    areas: Areas,
    carbon: Mapping[str, xr.DataArray],
    grade: str,
    note: str,
) -> Iterator[list[object]]:
    session = assessment.session
    config = session.run.config
    years = (*_years(session), session.month.year)
    first, last, year = years
    categories = read_categories(session.project, read_classes(session.project))
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    shown = areas.mapped.sum("adcode") + areas.used.isel(draw=0).sum("adcode")
    remarks = [note] if areas.corrected else ["areas as mapped, not corrected by a sample", note]
    for zone in zones:
        codes = [zone.code] if zone.zoning == "county" else list(config.counties)
        for before, after in _pairs(areas.mapped):
            place = {"before": before, "after": after}
            if before == after or not float(shown.sel(place)) > 0:
                continue
            here = {"adcode": codes, **place}
            area = areas.used.sel(here).sum("adcode").values
            start = [
                *(zone.zoning, zone.code, zone.en, zone.zh),
                *(before, categories[before].name.zh, after, categories[after].name.zh),
                float(areas.mapped.sel(here).sum()),
                *_adjusted(areas, zone.zoning, place, area),
                *(float(area[0]) / (last - first), "ha"),
            ]
            figures = {
                name: array.sel(here).sum("adcode", skipna=False).values
                for name, array in carbon.items()
            }
            refused = areas.reason.get((before, after), "")
            if year <= first:
                refused = f"the assessed year is not after the earlier map ({first})"
            for pool in POOLS:
                stock, rate, period, why = _pool(figures, pool, f"{before} to {after}", years)
                if refused:
                    stock, rate, why = stock * np.nan, rate * np.nan, refused
                known = bool(np.isfinite(stock).all())
                yield [
                    *(*start, pool),
                    *(*_summary(stock), "t C", *_summary(rate), "t CO2/yr", period),
                    ("estimated" if areas.corrected else "proxy") if known else "missing",
                    grade if areas.corrected else "C",
                    "; ".join(filter(None, [why, *remarks])),
                ]


def _adjusted(
    areas: Areas, zoning: str, place: Mapping[str, str], area: np.ndarray
) -> tuple[float, float, float, str]:
    """Return the corrected area, its 95 % interval, and what the interval rests on."""
    if not areas.corrected:
        return np.nan, np.nan, np.nan, ""
    if zoning == "county":
        low, high = np.quantile(area[1:], ENDS)
        return float(area[0]), float(low), float(high), SYNTHETIC
    low, high = areas.interval.sel(place).values
    return float(area[0]), float(low), float(high), DESIGN


def _pool(
    figures: Mapping[str, np.ndarray], pool: str, change: str, years: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Return change of stock, rate, the period of the rate, and why one of them is missing.

    Parameters
    ----------
    years
        Of the earlier map, of the later map, and the assessed year.
    """
    first, last, year = years
    pools = {
        name: (figures[f"{name}_change"], _carbon_dioxide(figures[f"{name}_rate"]))
        for name in ("soil_carbon", "biomass")
    }
    wanted = [pool] if pool in pools else list(pools)
    lacking = [name for name in wanted if np.isnan(pools[name][0]).any()]
    why = f"no default {' and '.join(lacking)} for {change}" if lacking else ""
    if pool in pools:
        return *pools[pool], str(year) if pool == "soil_carbon" else f"{first}-{last}", why
    stock, rate = (sum(parts, np.zeros(1)) for parts in zip(*pools.values(), strict=True))
    if year <= last:
        return stock, rate, str(year), why
    why = why or (
        f"the rate of soil is that of {year}, the rate of biomass that of the mean year "
        f"{first}-{last}: not added"
    )
    return stock, rate * np.nan, "", why


def _carbon_dioxide(carbon: np.ndarray) -> np.ndarray:
    """Return t CO2 of t C."""
    array = quantify(xr.DataArray(carbon), "t C")
    return np.asarray(magnitude(array, "t CO2").values)


def _summary(draws: np.ndarray) -> tuple[float, float, float, float]:
    """Return the central value, the mean of the draws and the ends of their 95 % interval."""
    if not np.isfinite(draws).all():
        return np.nan, np.nan, np.nan, np.nan
    low, high = np.quantile(draws[1:], ENDS)
    return float(draws[0]), float(draws[1:].mean()), float(low), float(high)
