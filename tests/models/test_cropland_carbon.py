"""The joint soil-carbon stock against figures worked out by hand, and what must hold."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.models.cropland_carbon import cropland_carbon
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]
TILLAGE = ["reduced", "no_till"]
PRACTICES = ["cover_crop", "grass_rotation"]
ANIMALS = ["cow"]
LEVELS = ["low", "medium", "high", "high_manure"]
SOURCES = ["straw", "manure", *PRACTICES]
MONTHS = np.arange(1, 13)
AGES = [25.0, 3.0]
"""Years since the two cohorts began: one older than the transition of 20 years, one younger."""


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def cohorts(dimension, labels, old, new):
    """Return shares added in both cohorts, by label."""
    return array([old, new], "1", ("cohort", dimension), cohort=[0, 1], **{dimension: labels})


def response(unit, dimension, labels, yearly):
    """Return the same gain in each month, by label and cohort."""
    values = np.asarray(yearly, float)[:, :, None] / 12 * np.ones(12)
    return array(
        values,
        unit,
        (dimension, "cohort", "month"),
        cohort=[0, 1],
        month=MONTHS,
        **{dimension: labels},
    )


def arguments(**changes):
    """Return 1,000 ha of maize and 500 ha of paddy in one atom, IPCC moist defaults."""
    base = {
        "crop_area": array([[1000.0, 500.0]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "collectable_straw": array(
            [[5.0, 6.0]], "t dm/ha/yr", ("atom", "crop"), atom=[1], crop=CROPS
        ),
        "field_manure_nitrogen": array(
            [[40.0]], "t N/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
        ),
        "field_manure_carbon": array(
            [[600.0]], "t C/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
        ),
        "straw_return_share": cohorts("crop", CROPS, [0, 0], [0, 0]),
        "tillage_share": cohorts("tillage", TILLAGE, [0, 0], [0, 0]),
        "soil_practice_share": cohorts("practice", PRACTICES, [0, 0], [0, 0]),
        "manure_field_share": cohorts("animal", ANIMALS, [0], [0]),
        "cohort_age": array(AGES, "yr", ("cohort",), cohort=[0, 1]),
        "day_share": array(
            [[31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]],
            "1",
            ("atom", "month"),
            atom=[1],
            month=MONTHS,
        )
        / 365,
        "soil_carbon_stock": array([60.0], "t C/ha", ("atom",), atom=[1]),
        "rothc_response": response(
            "1", "carbon_source", SOURCES, [[0.1, 0.5], [0.2, 0.6], [0.3, 0.7], [0.4, 0.8]]
        ),
        "rothc_cover_response": response("1/yr", "practice", PRACTICES, [[0, 0.001], [0, 0.002]]),
        "steady_state_response": response("1", "carbon_source", SOURCES, [[0.05, 0.2]] * 4),
        "steady_state_tillage_response": response(
            "1/yr", "tillage", TILLAGE, [[0, 0.003], [0, 0.006]]
        ),
        "upland": array([1, 0], "1", ("crop",), crop=CROPS),
        "soil_carbon_reference": array(81, "t C/ha"),
        "factor_land_use": array(0.7, "1"),
        "factor_tillage": array([1.04, 1.09], "1", ("tillage",), tillage=TILLAGE),
        "factor_input": array([0.92, 1.0, 1.11, 1.44], "1", ("level",), level=LEVELS),
        "deep_soil_offset": array([0, 0.75], "1", ("depth",), depth=["topsoil", "profile"]),
        "transition_period": array(20, "yr"),
        "manured_nitrogen_rate": array(100, "kg N/ha/yr"),
        "straw_carbon": array(0.4, "t C/t dm"),
        "soil_practice_carbon": array([1.5, 2.0], "t C/ha/yr", ("practice",), practice=PRACTICES),
        "soil_carbon_to_nitrogen": array(10, "t C/t N"),
        "soil_model": "tier_1",
        "initial_stock": "reference",
        "depth": "topsoil",
    }
    return base | changes


def gain(**changes):
    """Return the gain of the year in t C, by crop, and the nitrogen set free."""
    result = cropland_carbon(**arguments(**changes))
    months = magnitude(result["soil_carbon_gain"], "t C/yr")
    nitrogen = magnitude(result["mineralised_nitrogen"], "t N/yr").squeeze("atom")
    return months.sum("month").squeeze("atom"), nitrogen


STOCK = 81 * 0.7


@pytest.mark.parametrize(
    ("changes", "per_hectare"),
    [
        # straw on 30 % more of the land, three years ago: 0.3 (1 − 0.92)
        ({"straw_return_share": ([0.2, 0], [0.3, 0])}, 0.3 * 0.08),
        # the same 25 years ago: in balance by now
        ({"straw_return_share": ([0.3, 0], [0.0, 0])}, 0.0),
        # no-till on 40 %, straw nowhere: 0.4 · 0.09 · 0.92
        ({"tillage_share": ([0, 0], [0, 0.4])}, 0.4 * 0.09 * 0.92),
        # both: (1 + 0.036)(0.92 + 0.3 · 0.08) − 0.92, more than the sum of the two
        (
            {"tillage_share": ([0, 0], [0, 0.4]), "straw_return_share": ([0, 0], [0.3, 0])},
            1.036 * 0.944 - 0.92,
        ),
        # 40 t N at 100 kg/ha manure 400 of 1,000 ha: medium input without straw
        ({"manure_field_share": ([0], [1.0])}, 0.4 * 0.08),
        # on land that returns its straw already: high input with manure
        (
            {"manure_field_share": ([0], [1.0]), "straw_return_share": ([1, 0], [0, 0])},
            0.4 * 0.44,
        ),
        # cover crops on 10 % of land of which half returns straw: 0.1 · (0.5 · 0.08 + 0.5 · 0.11)
        (
            {
                "soil_practice_share": ([0, 0], [0.1, 0]),
                "straw_return_share": ([0.5, 0], [0, 0]),
            },
            0.1 * (0.5 * 0.08 + 0.5 * 0.11),
        ),
    ],
)
def test_tier_1_by_hand(changes, per_hectare):
    dimensions = {
        "straw_return_share": ("crop", CROPS),
        "tillage_share": ("tillage", TILLAGE),
        "soil_practice_share": ("practice", PRACTICES),
        "manure_field_share": ("animal", ANIMALS),
    }
    shares = {name: cohorts(*dimensions[name], *pair) for name, pair in changes.items()}
    found, nitrogen = gain(**shares)
    assert float(found.sel(crop="maize")) == pytest.approx(1000 * STOCK * per_hectare / 20)
    assert float(found.sel(crop="rice")) == 0
    assert (nitrogen == 0).all()


def test_a_practice_that_stops_loses_what_it_gained_and_sets_nitrogen_free():
    stopped = {"straw_return_share": cohorts("crop", CROPS, [0.3, 0], [-0.3, 0])}
    found, nitrogen = gain(**stopped)
    loss = 1000 * STOCK * 0.3 * 0.08 / 20
    assert float(found.sel(crop="maize")) == pytest.approx(-loss)
    assert float(nitrogen.sel(crop="maize")) == pytest.approx(loss / 10)


def test_more_manure_than_the_land_takes_counts_once():
    plenty = arguments()["field_manure_nitrogen"] * 10
    all_land = {
        "manure_field_share": cohorts("animal", ANIMALS, [0], [1.0]),
        "field_manure_nitrogen": plenty,
    }
    found, _ = gain(**all_land)
    assert float(found.sel(crop="maize")) == pytest.approx(1000 * STOCK * 0.08 / 20)


def test_the_profile_keeps_a_quarter_of_what_the_topsoil_gains_by_tillage():
    shares = {"tillage_share": cohorts("tillage", TILLAGE, [0, 0], [0, 0.4])}
    topsoil, _ = gain(**shares)
    profile, _ = gain(**shares, depth="profile")
    np.testing.assert_allclose(profile.sel(crop="maize"), topsoil.sel(crop="maize") / 4)


def test_a_measured_stock_stands_for_the_reference():
    shares = {"straw_return_share": cohorts("crop", CROPS, [0, 0], [0.3, 0])}
    found, _ = gain(**shares, initial_stock="measured")
    assert float(found.sel(crop="maize")) == pytest.approx(1000 * 60 * 0.3 * 0.08 / 20)


def test_rothc_by_hand():
    """Each cohort answers by its own year; manure is spread over the dry land."""
    found, _ = gain(
        soil_model="rothc",
        straw_return_share=cohorts("crop", CROPS, [0.2, 0], [0.3, 0]),
        manure_field_share=cohorts("animal", ANIMALS, [0.5], [0.1]),
        soil_practice_share=cohorts("practice", PRACTICES, [0, 0], [0.1, 0.05]),
        tillage_share=cohorts("tillage", TILLAGE, [0, 0], [0, 0.4]),
    )
    straw = 5 * 0.4 * (0.2 * 0.1 + 0.3 * 0.5)
    manure = 0.6 * (0.5 * 0.2 + 0.1 * 0.6)
    practice = 0.1 * 1.5 * 0.7 + 0.05 * 2.0 * 0.8 + STOCK * (0.1 * 0.001 + 0.05 * 0.002)
    tillage = STOCK * 0.4 * 0.09 / 20
    assert float(found.sel(crop="maize")) == pytest.approx(
        1000 * (straw + manure + practice + tillage)
    )
    assert float(found.sel(crop="rice")) == 0


def test_tier_2_by_hand():
    found, _ = gain(
        soil_model="tier_2",
        straw_return_share=cohorts("crop", CROPS, [0.2, 0], [0.3, 0]),
        tillage_share=cohorts("tillage", TILLAGE, [0, 0], [0.1, 0.4]),
    )
    straw = 5 * 0.4 * (0.2 * 0.05 + 0.3 * 0.2)
    tillage = STOCK * (0.1 * 0.003 + 0.4 * 0.006)
    assert float(found.sel(crop="maize")) == pytest.approx(1000 * (straw + tillage))


@pytest.mark.parametrize("soil_model", ["tier_1", "tier_2", "rothc"])
def test_more_straw_never_lowers_soil_carbon(soil_model):
    found = [
        gain(
            soil_model=soil_model, straw_return_share=cohorts("crop", CROPS, [0, 0], [share, share])
        )[0].sel(crop="maize")
        for share in (0, 0.2, 0.5, 1)
    ]
    assert np.diff([float(one) for one in found]).min() > 0


def test_months_of_tier_1_follow_their_days():
    shares = {"straw_return_share": cohorts("crop", CROPS, [0, 0], [0.3, 0])}
    months = magnitude(cropland_carbon(**arguments(**shares))["soil_carbon_gain"], "t C/yr")
    ratio = months.sel(crop="maize", month=1) / months.sel(crop="maize", month=2)
    assert ratio.item() == pytest.approx(31 / 28)


def test_the_cropland_example_of_the_ipcc(compare):
    """One million hectares: gains of the three strata less that of the first year's."""
    file = Path(__file__).parents[1] / "reference" / "ipcc_cropland_soil.yaml"
    example = YAML(typ="safe").load(file)
    factors = {
        "soil_carbon_reference": array(example["reference_stock"], "t C/ha"),
        "factor_land_use": array(example["land_use"], "1"),
        "factor_tillage": array(
            [example["tillage"][t] for t in TILLAGE], "1", ("tillage",), tillage=TILLAGE
        ),
        "factor_input": array(
            [example["input"][name] for name in ("low", "medium", "medium", "medium")],
            "1",
            ("level",),
            level=LEVELS,
        ),
    }

    def over_poor_land(field):
        """Return Mt C that the field holds above full tillage and low input, after 20 years."""
        shares = {
            "straw_return_share": cohorts(
                "crop", CROPS, [0, 0], [float(field["input"] == "medium"), 0]
            ),
            "tillage_share": cohorts(
                "tillage", TILLAGE, [0, 0], [float(field["tillage"] == t) for t in TILLAGE]
            ),
        }
        yearly = gain(**factors, **shares)[0].sel(crop="maize").item()
        return yearly * example["years"] * field["area"] / 1000 / 1e6

    ends = [sum(map(over_poor_land, example[year])) for year in ("first", "last")]
    printed = example["printed"]
    assert ends[1] - ends[0] == pytest.approx(printed["last"] - printed["first"], abs=0.01)
    compare(
        "cropland_carbon",
        "yearly change of the stock of a million hectares",
        (ends[1] - ends[0]) / 20,
        printed["change_per_year"],
        unit="Mt C/yr",
        abs=5e-4,
        source=example["source"],
    )
