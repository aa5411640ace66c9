"""Building footprints: a layer of polygons, its checks, and its roof and floor areas.

Nothing is dropped in silence: every building of the layer is good, bad (set apart with the reasons)
or not counted (no roof, or below the ground), and numbers and areas of the three add up to the
layer. Areas are in m², in an equal-area projection. What is not recorded stays missing.

codes      the legend in `configs/codes/buildings.yaml`
source     the file, read in batches and within bounds
findings   what a checked layer holds
checks     the checks themselves
reading    all of this in its order
sums       roof and floor area by zone and kind
roof_map   roof area per pixel of the working grid
compare    floor area beside that of the census
report     what is said of a layer
"""

from ecoassess.inputs.buildings.codes import (
    DWELLINGS,
    OF_KNOWN_STOREYS,
    BuildingLegend,
    read_building_legend,
)
from ecoassess.inputs.buildings.compare import census_floor_area, compare_floor_area
from ecoassess.inputs.buildings.findings import Buildings
from ecoassess.inputs.buildings.reading import check_kind, read_buildings
from ecoassess.inputs.buildings.report import (
    bad_buildings,
    building_report,
    comparison_report,
    say,
)
from ecoassess.inputs.buildings.roof_map import ROOF_BANDS, RoofMap, pixel_areas, write_roof_map
from ecoassess.inputs.buildings.sums import BuildingSums, buildings_by_zone, with_share

__all__ = [
    "DWELLINGS",
    "OF_KNOWN_STOREYS",
    "ROOF_BANDS",
    "BuildingLegend",
    "BuildingSums",
    "Buildings",
    "RoofMap",
    "bad_buildings",
    "building_report",
    "buildings_by_zone",
    "census_floor_area",
    "check_kind",
    "compare_floor_area",
    "comparison_report",
    "pixel_areas",
    "read_building_legend",
    "read_buildings",
    "say",
    "with_share",
    "write_roof_map",
]
