"""Field N2O against figures worked out by hand from IPCC 2019 ch. 11, and published ones."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.documentation.test_status import BY_HAND
from ecoassess.models.field_nitrogen import field_nitrogen
from ecoassess.units import magnitude, quantify

REFERENCE = YAML(typ="safe").load(Path(__file__).parents[1] / "reference" / "field_nitrogen.yaml")
CROPS = ["maize", "rice"]
ANIMALS = ["cow", "pig"]
PRACTICES = ["soil_testing", "variable_rate", "inhibitor", "controlled_release"]
PATHWAYS = ["direct", "volatilised", "leached"]
SOURCES = ["synthetic", "manure", "residue", "mineralised"]
WET = {
    "direct_factor": [0.016, 0.006, 0.006, 0.006],
    "volatilisation_factor": 0.014,
    "leached_fraction": 0.24,
}
DRY = {
    "direct_factor": [0.005] * 4,
    "volatilisation_factor": 0.005,
    "leached_fraction": 0.0,
}
FACTORS = {"wet": WET, "dry": DRY}


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def by_crop(values, unit):
    return array([values], unit, ("atom", "crop"), atom=[1], crop=CROPS)


def share(values, dimension, labels):
    return array([values], "1", ("cohort", dimension), cohort=[0], **{dimension: labels})


def by_source(values):
    return array(values, "t N2O_N/t N", ("source",), source=SOURCES)


def factors(climate):
    chosen = FACTORS[climate]
    return {
        "direct_factor": by_source(chosen["direct_factor"]),
        "volatilisation_factor": array(chosen["volatilisation_factor"], "t N2O_N/t N"),
        "leached_fraction": array(chosen["leached_fraction"], "1"),
    }


def arguments(climate="wet", practices=(0, 0, 0, 0), drained=(0, 0), tillage=(0, 0), **changes):
    """Return 1,000 ha of maize beside 500 ha of paddy; IPCC factors, all fertiliser urea.

    Straw is 5.22 and 6.23 t/ha, of which 4.698 and 4.984 can be taken away.
    """
    base = {
        "crop_area": by_crop([1000, 500], "ha"),
        "crop_yield": by_crop([6, 5], "t/ha"),
        "straw_yield": by_crop([5.22, 6.23], "t dm/ha/yr"),
        "collectable_straw": by_crop([4.698, 4.984], "t dm/ha/yr"),
        "field_manure_nitrogen": array(
            [[30, 20]], "t N/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
        ),
        "mineralised_nitrogen": by_crop([7, 0], "t N/yr"),
        "straw_return_share": share([0, 0], "crop", CROPS),
        "manure_field_share": share([0, 0], "animal", ANIMALS),
        "nitrogen_practice_share": share(practices, "nitrogen_practice", PRACTICES),
        "drainage_share": share(drained, "drainage", ["single", "multiple"]),
        "tillage_share": share(tillage, "tillage", ["reduced", "no_till"]),
        "upland": array([1, 0], "1", ("crop",), crop=CROPS),
        "dry_matter_fraction": array([0.87, 0.89], "t dm/t", ("crop",), crop=CROPS),
        "harvests": array(1, "1/yr"),
        "straw_nitrogen": array([0.006, 0.007], "t N/t dm", ("crop",), crop=CROPS),
        "below_ground_ratio": array([0.22, 0.16], "1", ("crop",), crop=CROPS),
        "below_ground_nitrogen": array([0.007, 0.009], "t N/t dm", ("crop",), crop=CROPS),
        "synthetic_nitrogen_rate": array([180, 150], "kg N/ha/yr", ("crop",), crop=CROPS),
        "nitrogen_practice_rate": array(
            [0.85, 0.9, 1, 1], "1", ("nitrogen_practice",), nitrogen_practice=PRACTICES
        ),
        "nitrogen_practice_factor": array(
            [[1, 1, 1], [1, 1, 1], [0.52, 1.357, 0.52], [0.762, 0.606, 0.729]],
            "1",
            ("nitrogen_practice", "pathway"),
            nitrogen_practice=PRACTICES,
            pathway=PATHWAYS,
        ),
        "tillage_nitrous_oxide_factor": array(
            [1.0, 1.1], "1", ("tillage",), tillage=["reduced", "no_till"]
        ),
        "flooded_paddy_factor": array(0.003, "t N2O_N/t N"),
        "drained_paddy_factor": array(0.005, "t N2O_N/t N"),
        "urea_share": array(1, "1"),
        "volatilised_fraction_synthetic": array(
            [0.15, 0.08], "1", ("fertiliser",), fertiliser=["urea", "ammonium_based"]
        ),
        "volatilised_fraction_manure": array(0.21, "1"),
        "paddy_leached_fraction": array(0.24, "1"),
        "leaching_factor": array(0.011, "t N2O_N/t N"),
    }
    return base | factors(climate) | changes


def emissions(climate="wet", practices=(0, 0, 0, 0), **changes):
    """Return t N2O-N/yr by pathway and source of nitrogen."""
    with xr.set_options(arithmetic_join="exact"):
        result = field_nitrogen(**arguments(climate, practices, **changes))
    found = {}
    for pathway in PATHWAYS:
        one = magnitude(result[f"{pathway}_nitrous_oxide"], "t N2O_N/yr")
        assert set(one.dims) == {"atom", "source"}
        assert list(one["source"].values) == SOURCES
        found[pathway] = one.sel(atom=1)
    return found


def total(**changes):
    return float(sum(one.sum(skipna=False) for one in emissions(**changes).values()))


def without_nitrogen():
    """Return changes by which no nitrogen reaches the field."""
    return {
        "straw_yield": by_crop([0, 0], "t dm/ha/yr"),
        "collectable_straw": by_crop([0, 0], "t dm/ha/yr"),
        "crop_yield": by_crop([0, 0], "t/ha"),
        "mineralised_nitrogen": by_crop([0, 0], "t N/yr"),
        "synthetic_nitrogen_rate": array([0, 0], "kg N/ha/yr", ("crop",), crop=CROPS),
    }


def one_tonne(nitrogen, paddy=False):
    """Return changes by which one tonne of one source reaches the field."""
    place = [0, 1] if paddy else [1, 0]
    return (
        without_nitrogen()
        | {
            # 1 t N on one of 1,000 ha of maize or 500 ha of paddy
            "synthetic": {
                "synthetic_nitrogen_rate": array(
                    [place[0] * 1.0, place[1] * 2.0], "kg N/ha/yr", ("crop",), crop=CROPS
                )
            },
            "mineralised": {"mineralised_nitrogen": by_crop(place, "t N/yr")},
            "manure": {
                "field_manure_nitrogen": array(
                    [[1.0, 0.75]], "t N/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
                ),
                "manure_field_share": share([0.25, 1.0], "animal", ANIMALS),
            },
        }[nitrogen]
    )


@pytest.mark.parametrize("case", REFERENCE["one_tonne"]["cases"], ids=lambda case: case["name"])
def test_one_tonne_of_nitrogen_by_hand(case, compare):
    found = emissions(case["climate"], **one_tonne(case["nitrogen"]))
    for pathway, kilograms in case["kilograms"].items():
        for source in SOURCES:
            expected = kilograms if source == case["nitrogen"] else 0
            ours = 1000 * found[pathway].sel(source=source).item()
            if expected:
                compare(
                    "field_nitrogen",
                    f"N2O-N of a tonne of {source} nitrogen, {case['climate']}, {pathway}",
                    ours,
                    expected,
                    unit="kg",
                    source=BY_HAND,
                )
            else:
                assert ours == pytest.approx(0)


@pytest.mark.parametrize("case", REFERENCE["published"]["cases"], ids=lambda case: case["name"])
def test_published_factor_of_a_tonne(case, compare):
    found = total(
        **one_tonne(case["nitrogen"]),
        direct_factor=by_source([case["direct_factor"]] * 4),
        volatilisation_factor=array(case["volatilisation_factor"], "t N2O_N/t N"),
        volatilised_fraction_synthetic=array(
            [case["volatilised_fraction"], 0],
            "1",
            ("fertiliser",),
            fertiliser=["urea", "ammonium_based"],
        ),
    )
    compare(
        "field_nitrogen",
        f"N2O-N of a tonne of nitrogen, aggregated factors, {case['nitrogen']}",
        found,
        case["tonnes_nitrous_oxide_nitrogen"],
        unit="t N2O-N",
        abs=1e-12,
        source=REFERENCE["published"]["cases"][0]["source"],
    )


@pytest.mark.parametrize(
    "case", REFERENCE["published"]["direct_co2e"], ids=lambda case: case["name"]
)
def test_published_warming_of_a_tonne(case, compare):
    changes = one_tonne("synthetic", case["paddy"]) | {
        "direct_factor": by_source([case["factor"]] * 4),
        "flooded_paddy_factor": array(case["factor"], "t N2O_N/t N"),
    }
    result = field_nitrogen(**arguments(**changes))["direct_nitrous_oxide"]
    grams = 273 * float(magnitude(result, "g N2O/yr").sum())
    compare(
        "field_nitrogen",
        f"warming by the direct N2O of a tonne of nitrogen: {case['name']}",
        grams,
        case["grams"],
        unit="g CO2e",
        source=case["source"],
    )


def test_wet_maize_emits_more_than_the_national_estimate_and_dry_maize_less(compare):
    national = REFERENCE["national_maize"]
    manufacture = national["million_tonnes_co2e_manufacture"]
    nitrogen = (
        national["million_tonnes_nitrogen_wheat_and_maize"]
        * manufacture["maize"]
        / sum(manufacture.values())
    )
    emitted = national["thousand_tonnes_nitrous_oxide_direct"]["maize"] * 28 / 44 / 1000
    wet, dry = (
        emissions(climate, **one_tonne("synthetic"))["direct"].sel(source="synthetic").item()
        for climate in ("wet", "dry")
    )
    compare(
        "field_nitrogen",
        "direct N2O-N of a tonne of nitrogen on maize in China, between our dry and our wet zone",
        (dry, wet),
        emitted / nitrogen,
        unit="t N2O-N/t N",
        contains=True,
        source=national["source"],
    )


# Maize, 1,000 ha: stubble 5.22 − 4.698 = 0.522 t/ha with 0.006 = 3.132 kg N/ha; roots
#   0.22 · (6 · 0.87 + 5.22) = 2.2968 t/ha with 0.007 = 16.0776 kg N/ha; straw 4.698 · 6 = 28.188.
# Paddy, 500 ha: stubble 1.246 · 7 = 8.722; roots 0.16 · (5 · 0.89 + 6.23) = 1.7088 with 9 =
#   15.3792; straw 4.984 · 7 = 34.888.
@pytest.mark.parametrize(
    ("returned", "maize", "paddy"),
    [(0.0, 19.2096, 24.1012), (0.5, 33.3036, 41.5452), (1.0, 47.3976, 58.9892)],
)
def test_residue_nitrogen_by_hand(returned, maize, paddy):
    found = emissions(straw_return_share=share([returned] * 2, "crop", CROPS))
    assert found["direct"].sel(source="residue").item() == pytest.approx(
        maize * 0.006 + 0.5 * paddy * 0.003
    )
    assert found["volatilised"].sel(source="residue").item() == 0
    assert found["leached"].sel(source="residue").item() == pytest.approx(
        (maize + 0.5 * paddy) * 0.24 * 0.011
    )


def test_area_scales_residues_above_and_below_ground():
    one, three = (
        emissions(crop_area=by_crop([area, 0], "ha"))["direct"].sel(source="residue").item()
        for area in (1000, 3000)
    )
    assert three == pytest.approx(3 * one)


def test_fertiliser_of_both_crops_by_hand():
    # 180 t N on maize, 75 t N on paddy; 0.6 of it urea: Frac_GASF 0.6 · 0.15 + 0.4 · 0.08 = 0.122
    found = emissions("wet", urea_share=array(0.6, "1"))
    assert [found[p].sel(source="synthetic").item() for p in PATHWAYS] == pytest.approx(
        [180 * 0.016 + 75 * 0.003, 255 * 0.122 * 0.014, 255 * 0.24 * 0.011]
    )
    # in a dry climate the irrigated paddy leaches all the same
    found = emissions("dry", urea_share=array(0.6, "1"))
    assert [found[p].sel(source="synthetic").item() for p in PATHWAYS] == pytest.approx(
        [180 * 0.005 + 75 * 0.003, 255 * 0.122 * 0.005, 75 * 0.24 * 0.011]
    )


def test_practices_by_hand():
    # Soil testing on 40 %, inhibitor on 25 % of the land, as chance has it. Of 255 t N:
    #   rate        1 − 0.4 · 0.15 = 0.94            → 239.7 t N
    #   direct      0.94 · (1 − 0.25 · 0.48) = 0.8272
    #   volatilised 0.94 · (1 + 0.25 · 0.357) = 1.023895
    #   leached     0.94 · (1 − 0.25 · 0.48) = 0.8272
    found = emissions("wet", (0.4, 0, 0.25, 0))
    assert [found[p].sel(source="synthetic").item() for p in PATHWAYS] == pytest.approx(
        [
            0.8272 * (180 * 0.016 + 75 * 0.003),
            1.023895 * 255 * 0.15 * 0.014,
            0.8272 * 255 * 0.24 * 0.011,
        ]
    )
    spread = field_nitrogen(**arguments("wet", (0.4, 0, 0.25, 0)))["synthetic_nitrogen"]
    assert magnitude(spread, "t N/yr").sel(atom=1).values == pytest.approx([0.94 * 180, 0.94 * 75])


def test_practices_leave_other_nitrogen_alone():
    none, all_of_it = (emissions("wet", (a, a, a, a)) for a in (0, 0.7))
    for pathway in PATHWAYS:
        for source in SOURCES[1:]:
            assert (
                all_of_it[pathway].sel(source=source).item()
                == none[pathway].sel(source=source).item()
            )


@pytest.mark.parametrize("climate", ["wet", "dry"])
@pytest.mark.parametrize("practice", PRACTICES)
def test_each_practice_lowers_nitrous_oxide(climate, practice):
    levels = [
        total(climate=climate, practices=[a * (one == practice) for one in PRACTICES])
        for a in (0, 0.3, 1.0)
    ]
    assert levels[2] < levels[1] < levels[0]
    # linear in one practice's share of the land
    assert levels[1] == pytest.approx(0.7 * levels[0] + 0.3 * levels[2])


@pytest.mark.parametrize("climate", ["wet", "dry"])
def test_linear_in_nitrogen(climate):
    def synthetic(factor):
        rate = array([180 * factor, 150 * factor], "kg N/ha/yr", ("crop",), crop=CROPS)
        found = emissions(climate, (0.2, 0.1, 0.3, 0.4), synthetic_nitrogen_rate=rate)
        return [found[pathway].sel(source="synthetic").item() for pathway in PATHWAYS]

    assert synthetic(0) == [0, 0, 0]
    assert synthetic(3) == pytest.approx([3 * one for one in synthetic(1)])


def test_drainage_adds_nitrous_oxide_on_paddy_only():
    # 75 t N of fertiliser and 12.0506 t N of residue: 0.002 t more of each
    flooded, drained = (emissions(drained=d)["direct"] for d in ((0, 0), (0.7, 0.3)))
    assert (drained - flooded).values == pytest.approx([0.15, 0, 0.002 * 12.0506, 0])
    no_paddy = {"crop_area": by_crop([1000, 0], "ha")}
    assert total(drained=(1, 0), **no_paddy) == total(**no_paddy)


def test_tillage_acts_on_direct_emissions_of_dry_fields():
    # half the dry land under no-till: 1.05 times what the dry fields emit
    manure = share([1, 0], "animal", ANIMALS)
    tilled, half = (emissions(tillage=t, manure_field_share=manure) for t in ((0, 0), (0.2, 0.5)))
    added = (half["direct"] - tilled["direct"]).values
    assert added == pytest.approx(
        [0.05 * 180 * 0.016, 0.05 * 30 * 0.006, 0.05 * 19.2096 * 0.006, 0.05 * 7 * 0.006]
    )
    for pathway in ("volatilised", "leached"):
        xr.testing.assert_identical(half[pathway], tilled[pathway])


def test_only_the_sum_of_the_cohorts_counts():
    split = array(
        [[0.5, 0, 0.1, 0], [-0.1, 0, 0.15, 0]],
        "1",
        ("cohort", "nitrogen_practice"),
        cohort=[0, 1],
        nitrogen_practice=PRACTICES,
    )
    assert total(nitrogen_practice_share=split) == pytest.approx(total(practices=(0.4, 0, 0.25, 0)))


def test_crops_and_sources_add_up():
    """Each crop alone, and manure alone, add up to all together."""
    manure = {"manure_field_share": share([0.5, 0.5], "animal", ANIMALS)}
    parts = [
        total(crop_area=by_crop([1000, 0], "ha"), practices=(0.4, 0, 0.2, 0)),
        total(
            crop_area=by_crop([0, 500], "ha"),
            mineralised_nitrogen=by_crop([0, 0], "t N/yr"),
            practices=(0.4, 0, 0.2, 0),
        ),
        total(crop_area=by_crop([0, 0], "ha"), **without_nitrogen(), **manure),
    ]
    assert sum(parts) == pytest.approx(total(practices=(0.4, 0, 0.2, 0), **manure))


def test_a_run_without_animals():
    nothing = {
        "field_manure_nitrogen": array(
            np.zeros((1, 0)), "t N/yr", ("atom", "animal"), atom=[1], animal=[]
        ),
        "manure_field_share": array(
            np.zeros((1, 0)), "1", ("cohort", "animal"), cohort=[0], animal=[]
        ),
    }
    assert total(**nothing) == pytest.approx(total())


def test_draws_of_any_coefficient_reach_the_result():
    drawn = array(
        [[0.016, 0.02]] + [[0.006, 0.006]] * 3,
        "t N2O_N/t N",
        ("source", "draw"),
        source=SOURCES,
        draw=[0, 1],
    )
    result = field_nitrogen(**arguments(direct_factor=drawn))["direct_nitrous_oxide"]
    assert set(result.dims) == {"draw", "atom", "source"}
    synthetic = magnitude(result, "t N2O_N/yr").sel(atom=1, source="synthetic")
    assert synthetic.values == pytest.approx([180 * 0.016 + 0.225, 180 * 0.02 + 0.225])


def test_a_crop_without_data_leaves_no_sum_but_manure_stands():
    found = emissions(crop_area=by_crop([1000, np.nan], "ha"))
    assert np.isnan(found["direct"].sel(source=["synthetic", "residue"]).values).all()
    assert np.isfinite(found["direct"].sel(source="manure").item())
