"""The park's own table: areas, forest, carbon stock and sink of each part of the park."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.inputs.park_zones import WHOLE_PARK, read_park_zones, zone_codes
from ecoassess.inputs.statistics import Figure
from ecoassess.units import magnitude, unit_registry
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, worst
from ecoassess.zones import PARK_MAP, forest_area_of_atoms

if TYPE_CHECKING:
    from ecoassess.assessment import Outcome
    from ecoassess.run import Assessment, Session
    from ecoassess.technology import Technology
    from ecoassess.zones import Zone

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "technology", "quantity", "quantity_zh"),
    *("value", "p2.5", "p97.5", "unit", "year", "status", "evidence", "coverage"),
    *("source", "reason"),
]
NAMES = {
    "polygon_area": "边界多边形面积",
    "pixel_area": "像元面积",
    "pixel_difference": "像元面积与多边形面积之差",
    "official_area": "官方面积",
    "official_difference": "多边形面积与官方面积之差",
    "share_of_park": "占公园面积比例",
    "share_of_county": "占所在县市面积比例",
    "mapped_forest_area": "土地覆盖图森林面积",
    "forest_restored_area": "累计修复森林面积",
}
TOTALS = {"stock": ("total_stock", "总碳储量"), "flux": ("total_sink", "年总净固碳量")}
NOTES = ["status", "evidence", "coverage", "reason"]
PER_HECTARE = "_per_hectare", "（每公顷林分）"

QUANTILES = (0.025, 0.975)
SQUARE_METRES_PER_HECTARE = 1e4
LATEST = 9999
"""A year after all figures: official areas are those in force."""


@dataclass(frozen=True)
class Quantity:
    """A stock or yearly flux of an inventory: one of its components, or all of one kind.

    Parameters
    ----------
    unit
        Of the amount: "t C", or "t CO2" over the year.
    components
        What it is the sum of.
    amount
        By draw and atom; the first draw is the central value.
    """

    technology: Technology
    name: str
    zh: str
    kind: str
    unit: str
    components: tuple[str, ...]
    amount: np.ndarray

    @property
    def en(self) -> str:
        """The English name."""
        return self.name.replace("_", " ")

    @property
    def yearly_unit(self) -> str:
        """The unit with the year of a flux."""
        return f"{self.unit}/yr" if self.kind == "flux" else self.unit

    @property
    def density_unit(self) -> str:
        """The unit per hectare."""
        return f"{self.unit}/ha/yr" if self.kind == "flux" else f"{self.unit}/ha"


def quantities(outcome: Outcome) -> list[Quantity]:
    """Return the components of an inventory, and the sums of its stocks and of its fluxes.

    There is a sum where a kind has several components and all are of one unit. Effects of measures
    have none: what they add is no part of what stands there.
    """
    technology = outcome.technology
    if technology.basis != "inventory":
        return []
    result = []
    for name, component in technology.components.items():
        unit = outcome.states[name][2]
        amount = outcome.amounts[name]
        labels = [d for d in amount.dims if d not in ("draw", "atom")]
        values = amount.sum(labels, skipna=False).transpose("draw", "atom").values
        result.append(
            Quantity(technology, name, component.zh, component.kind, unit, (name,), values)
        )
    for kind, (name, zh) in TOTALS.items():
        parts = [q for q in result if q.kind == kind]
        if len(parts) > 1 and len({q.unit for q in parts}) == 1:
            amounts = np.sum([q.amount for q in parts], axis=0)
            names = tuple(q.name for q in parts)
            result.append(Quantity(technology, name, zh, kind, parts[0].unit, names, amounts))
    return result


def park_table(assessment: Assessment) -> pd.DataFrame:
    """Return a row per part of the park and quantity: areas, forest, stocks and sinks.

    Sums come first and quantiles last. Areas and official figures have no interval. The rows
    `park_estimate` (the official area with the forest of the proxy region) have no polygon.
    """
    zones = [z for z in assessment.zones if z.zoning in (*PARK_MAP, "park_estimate")]
    if not zones:
        return pd.DataFrame(columns=COLUMNS)
    areas = _Areas(assessment.session)
    carbon = [_Carbon(assessment, outcome) for outcome in assessment.outcomes.values()]
    rows = [
        {**_identity(zone), **row}
        for zone in zones
        for row in chain(areas.rows(zone), *(one.rows(zone) for one in carbon))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _identity(zone: Zone) -> dict[str, str]:
    return {"zoning": zone.zoning, "adcode": zone.code, "zone": zone.en, "zone_zh": zone.zh}


Row = dict[str, object]


def _row(name: str, value: float, unit: str, zone: Zone) -> Row:
    """Return the row of an area that follows from the outline."""
    return {
        "quantity": name,
        "quantity_zh": NAMES[name],
        "value": value,
        "unit": unit,
        "status": zone.status,
        "reason": zone.reason,
    }


class _Areas:
    """Areas of the parts of the park by outline, by pixels and by official figures."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.observation = session.observe()
        self.park = session.run.config.park
        self.polygons = self._polygons()
        self.pixels = _area_of_atoms(session) / SQUARE_METRES_PER_HECTARE
        self.forest = forest_area_of_atoms(self.observation) / SQUARE_METRES_PER_HECTARE

    def _polygons(self) -> pd.DataFrame:
        """Return areas in hectares of the zones (rows) in the counties (columns, "" outside)."""
        from ecoassess.inputs import boundaries

        catalog, config = self.session.catalog, self.session.run.config
        assert self.park is not None  # noqa: S101 - only called with a park
        counties = boundaries.read_counties(
            catalog, config.all_counties, config.datasets.boundaries
        )
        parks, _ = boundaries.park_zones(catalog, counties, self.park.counties, self.park.extent)
        table = boundaries.park_in_counties(parks, counties) / SQUARE_METRES_PER_HECTARE
        self.counties = boundaries.true_area(counties.geometry) / SQUARE_METRES_PER_HECTARE
        self.legend = read_park_zones(self.session.project)
        named = set(table.index) - {WHOLE_PARK}
        return table.rename(index=zone_codes(catalog, self.legend, named)).groupby(level=0).sum()

    def rows(self, zone: Zone) -> Iterator[Row]:
        """Yield the rows of one part of the park."""
        official = self._official(zone)
        if zone.zoning == "park_estimate":
            yield self._figure("official_area", official)
            return
        outline = self._outline(zone)
        polygon = _row("polygon_area", outline, "ha", zone)
        outside = float(self.polygons[""].to_numpy().sum())
        if zone.zoning == "park_region" and outside >= 1:
            note = f"{outside:.0f} ha lie outside the counties of the run"
            polygon["reason"] = "; ".join(filter(None, [zone.reason, note]))
        yield polygon
        pixels = float(zone.weights @ self.pixels)
        yield _row("pixel_area", pixels, "ha", zone)
        if outline > 0:
            yield _row("pixel_difference", 100 * (pixels / outline - 1), "%", zone)
        yield self._figure("official_area", official)
        if official.value is not None:
            difference = 100 * (outline / _hectares(official.value, official.unit) - 1)
            yield _row("official_difference", difference, "%", zone)
        whole = float(self.polygons.to_numpy().sum())
        yield _row("share_of_park", 100 * outline / whole, "%", zone)
        if zone.zoning == "park_county":
            share = 100 * outline / float(self.counties[zone.code])
            yield _row("share_of_county", share, "%", zone)
        yield _row("mapped_forest_area", float(zone.weights @ self.forest), "ha", zone)
        if zone.zoning == "park_region":
            statistics, year = self.session.statistics, self.session.month.year
            restored = statistics.figure(WHOLE_PARK, "forest_restored_area", year)
            yield self._figure("forest_restored_area", restored)

    def _outline(self, zone: Zone) -> float:
        """Return the area in hectares inside the outline."""
        table = self.polygons
        if zone.zoning == "park_zone":
            table = table.loc[[zone.code]]
        elif zone.zoning == "park_province":
            table = table[[c for c in table.columns if str(c)[:2] == zone.code]]
        elif zone.zoning == "park_county":
            table = table[[zone.code]]
        return float(table.to_numpy().sum())

    def _official(self, zone: Zone) -> Figure:
        """Return the official area, or why there is none."""
        assert self.park is not None  # noqa: S101 - only called with a park
        code: str | None = WHOLE_PARK
        variable = "area"
        if zone.zoning == "park_zone":
            code = self.legend.zones[zone.code].official_area
        elif zone.zoning == "park_county":
            code, variable = zone.code, "park_area_part"
        elif zone.code != WHOLE_PARK:
            code = self.park.official_area.get(zone.code)
        if code is None:
            return Figure(None, "ha", None, "missing", "missing", "", "no official area is named")
        figure: Figure = self.session.statistics.figure(code, variable, LATEST)
        return figure

    @staticmethod
    def _figure(name: str, figure: Figure) -> Row:
        return {
            "quantity": name,
            "quantity_zh": NAMES[name],
            "value": (np.nan if figure.value is None else _hectares(figure.value, figure.unit)),
            "unit": "ha",
            "year": "" if figure.year is None else str(figure.year),
            "status": figure.status,
            "evidence": figure.grade,
            "source": figure.source,
            "reason": figure.reason,
        }


def _hectares(value: float, unit: str) -> float:
    return float(unit_registry().Quantity(value, unit).to("ha").magnitude)


def _area_of_atoms(session: Session) -> np.ndarray:
    """Return the area in m² of each atom's pixels, whatever stands on them."""
    import rasterio
    from pyproj import CRS

    from ecoassess.raster.grid import WorkingGrid

    observation = session.observe()
    total = np.zeros(len(observation.atoms) + 1)
    with rasterio.open(observation.atom_raster) as source:
        crs = CRS.from_user_input(source.crs)
        grid = WorkingGrid(crs, source.transform, source.width, source.height, 1)
        for window in grid.blocks():
            atoms = source.read(1, window=window)
            area = np.broadcast_to(grid.pixel_area(window)[:, None], atoms.shape)
            total += np.bincount(atoms.ravel(), area.ravel(), minlength=len(total))
    return total[1:]


class _Carbon:
    """Stocks and sinks of one inventory by part of the park, in all and per hectare of forest."""

    def __init__(self, assessment: Assessment, outcome: Outcome) -> None:
        self.assessment = assessment
        self.year = str(assessment.session.month.year)
        self.quantities = quantities(outcome)
        self.divisor = self._divisor(outcome.technology) if self.quantities else None
        rows = assessment.rows
        own = rows[(rows["technology"] == outcome.technology.name) & (rows["period"] == self.year)]
        self.notes = own.set_index(["zoning", "adcode", "component"])[NOTES]

    def _divisor(self, technology: Technology) -> tuple[str, np.ndarray] | None:
        """Return the area that the technology's rates are per, in hectares by draw and atom."""
        variables, runner = self.assessment.session.variables, self.assessment.runner
        for name in technology.per:
            if variables[name].unit == "ha":
                area = magnitude(runner.variable(name, runner.before[technology.name]), "ha")
                labels = [d for d in area.dims if d not in ("draw", "atom")]
                area = area.sum(labels, skipna=False)
                if "draw" not in area.dims:
                    area = area.expand_dims(draw=1)
                values: np.ndarray = area.transpose("draw", "atom").values
                return name, values
        return None

    def rows(self, zone: Zone) -> Iterator[Row]:
        """Yield the rows of one part of the park."""
        if not self.quantities:
            return
        if self.divisor is not None:
            name, area = self.divisor
            notes = self._notes(zone, self.quantities[0].components)
            zh = self.assessment.session.variables[name].zh
            present = np.isfinite(area).all(axis=0) & (zone.weights != 0)
            sums = area[:, present] @ zone.weights[present]
            yield self._values(self.quantities[0], name, zh, "ha", sums, notes)
        for quantity in self.quantities:
            notes = self._notes(zone, quantity.components)
            present = np.isfinite(quantity.amount).all(axis=0) & (zone.weights != 0)
            weights = zone.weights[present]
            sums = quantity.amount[:, present] @ weights
            unit = quantity.yearly_unit
            yield self._values(quantity, quantity.name, quantity.zh, unit, sums, notes)
            if self.divisor is not None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    density = sums / (self.divisor[1][:, present] @ weights)
                end_en, end_zh = PER_HECTARE
                name, zh = quantity.name + end_en, quantity.zh + end_zh
                yield self._values(quantity, name, zh, quantity.density_unit, density, notes)

    def _values(
        self, quantity: Quantity, name: str, zh: str, unit: str, draws: np.ndarray, notes: Row
    ) -> Row:
        known = notes["status"] != "missing" and bool(np.isfinite(draws).all())
        low, high = np.quantile(draws[1:], QUANTILES) if known and len(draws) > 1 else (np.nan,) * 2
        return {
            "technology": quantity.technology.name,
            "quantity": name,
            "quantity_zh": zh,
            "value": draws[0] if known else np.nan,
            "p2.5": low,
            "p97.5": high,
            "unit": unit,
            "year": self.year,
            **notes,
        }

    def _notes(self, zone: Zone, components: Sequence[str]) -> Row:
        """Return what the values of a zone rest on, as `assessment.csv` says of the components."""
        found = self.notes.loc[[(zone.zoning, zone.code, name) for name in components]]
        return {
            "status": worst(set(found["status"]), STATUS_ORDER),
            "evidence": worst(set(found["evidence"]), GRADE_ORDER),
            "coverage": float(found["coverage"].min()),
            "reason": "; ".join(dict.fromkeys(filter(None, found["reason"]))),
        }
