"""Zones: the counties, the prefecture and the park as sums of atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.park_zones import WHOLE_PARK, read_park_zones, zone_codes
from ecoassess.inputs.statistics import Statistics
from ecoassess.observe import Observation
from ecoassess.run_config import RunConfig
from ecoassess.units import unit_registry

PROVINCES = {"22": ("Jilin", "吉林省"), "23": ("Heilongjiang", "黑龙江省")}

PREFECTURE_MAP = ("county", "prefecture")
PARK_MAP = ("park_region", "park_zone", "park_province", "park_county")


@dataclass(frozen=True)
class Zone:
    """A row of the results.

    Parameters
    ----------
    weights
        Factor of each atom in the zone's sum; 1 for members, another number for estimates that
        carry a density over to an official area.
    status
        What the zone's outline rests on: "measured" or "proxy".
    """

    zoning: str
    code: str
    en: str
    zh: str
    weights: np.ndarray
    status: str = "measured"
    reason: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Zoning and code, which name a zone."""
        return self.zoning, self.code


def make_zones(
    config: RunConfig, observation: Observation, statistics: Statistics, catalog: Catalog
) -> list[Zone]:
    """Return the zones of a run, in the order of the tables."""
    atoms = observation.atoms
    adcode = atoms["adcode"].to_numpy()
    in_park = (atoms["park_zone"] != "").to_numpy()
    zones = [
        Zone("county", code, title.en, title.zh, (adcode == code).astype(float))
        for code, title in config.counties.items()
    ]
    zones.append(
        Zone(
            "prefecture",
            config.parent,
            config.parent_title.en,
            config.parent_title.zh,
            np.isin(adcode, list(config.counties)).astype(float),
        )
    )
    if config.park is None:
        return zones
    status = observation.park_status
    proxy = status == "proxy"
    title = config.park.title
    reason = "no official boundary: six counties clipped to the published extent" if proxy else ""

    def park(
        zoning: str, code: str, en: str, zh: str, members: np.ndarray, why: str = reason
    ) -> Zone:
        return Zone(zoning, code, en, zh, (members & in_park).astype(float), status, why)

    suffix_en, suffix_zh = (" region", "片区") if proxy else ("", "")
    zones.append(park("park_region", "park", title.en + suffix_en, title.zh + suffix_zh, in_park))
    names = set(atoms["park_zone"]) - {"", WHOLE_PARK}
    if names:
        legend = read_park_zones(catalog.project)
        codes = atoms["park_zone"].map(zone_codes(catalog, legend, names))
        zones += [
            park(
                "park_zone",
                code,
                f"{title.en}, {zone.name.en}",
                f"{title.zh}{zone.name.zh}",
                (codes == code).to_numpy(),
            )
            for code, zone in legend.zones.items()
            if (codes == code).any()
        ]
    provinces = [p for p in config.park.official_area if (atoms["province"] == p).any()]
    for province in provinces:
        en, zh = PROVINCES.get(province, (province, province))
        zones.append(
            park(
                "park_province",
                province,
                f"{title.en}{suffix_en}, {en}",
                f"{title.zh}{suffix_zh}（{zh}）",
                (atoms["province"] == province).to_numpy(),
            )
        )
    names_of = {**config.counties, **config.neighbours}
    reached = set(adcode[in_park])
    for code in dict.fromkeys([*config.park.counties, *names_of]):
        if code not in reached:
            continue
        county = names_of[code]
        zones.append(
            park("park_county", code, f"{county.en}, in park", f"{county.zh}园内", adcode == code)
        )
    if proxy:
        zones += _estimates(config, observation, statistics, provinces, in_park)
    return zones


def _estimates(
    config: RunConfig,
    observation: Observation,
    statistics: Statistics,
    provinces: Sequence[str],
    in_park: np.ndarray,
) -> list[Zone]:
    """Return the rows that carry the region's forest densities over to the official areas.

    factor = official area × forest cover of the park / mapped forest of the region, by province.
    """
    assert config.park is not None  # noqa: S101 - only called with a park
    forest = forest_area_of_atoms(observation)
    cover = statistics.figure("park", "forest_cover", 9999)
    ureg = unit_registry()
    title = config.park.title
    zones = []
    total = np.zeros(len(forest))
    complete = cover.value is not None
    reason = "forest density of the park region on the official area of the park"
    for province in provinces:
        figure = statistics.figure(config.park.official_area[province], "area", 9999)
        members = (observation.atoms["province"] == province).to_numpy() & in_park
        mapped = forest[members].sum()
        if figure.value is None or cover.value is None or mapped == 0:
            complete = False
            continue
        official = ureg.Quantity(figure.value, figure.unit).to("m^2").magnitude * cover.value
        weights = np.where(members, official / mapped, 0.0)
        total += weights
        en, zh = PROVINCES.get(province, (province, province))
        zones.append(
            Zone(
                "park_estimate",
                province,
                f"{title.en} (official area), {en}",
                f"{title.zh}（官方面积，{zh}）",
                weights,
                "proxy",
                reason,
            )
        )
    if complete:
        zones.append(
            Zone(
                "park_estimate",
                "park",
                f"{title.en} (official area)",
                f"{title.zh}（官方面积）",
                total,
                "proxy",
                reason,
            )
        )
    return zones


def forest_area_of_atoms(observation: Observation) -> np.ndarray:
    """Return the mapped forest of each atom in m²."""
    classes = [str(c) for c in observation.class_area["land_class"].values if "forest" in str(c)]
    return observation.class_area.sel(land_class=classes).sum("land_class").values
