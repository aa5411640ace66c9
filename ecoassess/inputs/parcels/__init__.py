"""Forest-management parcels (小班): a forester's layer, its checks, and its sums by zone.

Nothing is dropped in silence: every parcel of the layer is good, bad (set apart with the reasons)
or not stocked (set apart by its land type), and areas and numbers of the three add up to the layer.

codes      the tables and limits of `configs/codes/`, and how a code or name is found in them
encoding   the text of a shapefile
fields     which field plays which role
findings   what a checked layer holds
checks     the checks themselves
reading    all of this in its order
sums       area and volume by zone
report     what is said of a layer
"""

from ecoassess.inputs.parcels.codes import ParcelLegend, read_parcel_legend
from ecoassess.inputs.parcels.findings import Finding, Note, Parcels
from ecoassess.inputs.parcels.reading import check_kind, read_parcels
from ecoassess.inputs.parcels.report import bad_parcels, parcel_report, say
from ecoassess.inputs.parcels.sums import ZoneSums, parcels_by_zone

__all__ = [
    "Finding",
    "Note",
    "ParcelLegend",
    "Parcels",
    "ZoneSums",
    "bad_parcels",
    "check_kind",
    "parcel_report",
    "parcels_by_zone",
    "read_parcel_legend",
    "read_parcels",
    "say",
]
