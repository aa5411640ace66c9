"""The herd against IPCC's own rows and figures worked out by hand."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.coefficients import read_coefficients
from ecoassess.errors import InputError
from ecoassess.models.herd import herd
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude, parse_unit, quantify

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "configs" / "models" / "herd.yaml"
TABLES = YAML(typ="safe").load(ROOT / "tests" / "reference" / "ipcc_2019_dairy_rows.yaml")
ROWS = TABLES["rows"]
ANIMALS = ["breeding_cow", "other_cattle", "pig", "deer"]
CATTLE = ["breeding_cow", "other_cattle", "dairy_cow"]
FEEDING = ["better_forage", "additive", "productivity"]
UNITS = herd.model.returns


def coefficients(file=FILE):
    sources = dict.fromkeys(re.findall(r"source: (\w+)", file.read_text(encoding="utf-8")))
    return read_coefficients(file, sources)


SHIPPED = {
    name: coefficient.draws(LatinHypercube(0, 1)).isel(draw=0, drop=True)
    for name, coefficient in coefficients().items()
}


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def cattle(values, unit):
    return array(values, unit, ("cattle",), cattle=CATTLE)


def feeding(shares, years=1):
    rows = np.zeros((years, 3))
    rows[0] = shares
    return array(rows, "1", ("cohort", "feeding"), cohort=np.arange(years), feeding=FEEDING)


def months(values, unit):
    return array([values], unit, ("atom", "month"), atom=[1], month=np.arange(1, 13))


def arguments(stock=(1000, 1000, 1000, 1000), shares=(0, 0, 0), animals=ANIMALS, **changes):
    """Return a herd in one atom with the shipped central coefficients."""
    base = {
        "animal_stock": array([stock], "head", ("atom", "animal"), atom=[1], animal=animals),
        "feeding_share": feeding(shares),
        "monthly_temperature": months([280.0] * 12, "K"),
        "day_share": months(np.full(12, 1 / 12), "1"),
        "enteric_method": "tier_2",
        "winter_housing": "sheltered",
    }
    for name, value in SHIPPED.items():
        cut = value.sel(animal=animals) if "animal" in value.dims else value
        base[name] = cut
    return base | changes


def run(**changes):
    result = herd.model(**arguments(**changes))
    return {name: magnitude(result[name], unit).squeeze("atom") for name, unit in UNITS.items()}


def per_head(animal, **changes):
    """Return the results of one animal, kg per head and year."""
    return {name: value.sel(animal=animal).item() for name, value in run(**changes).items()}


# Published rows


@cache
def results_of_rows():
    """Return what the model gives for all rows at once, kg per head and year."""

    def each(value, unit):
        table = [[value(row)] * 3 for row in ROWS.values()]
        return array(table, unit, ("row", "cattle"), row=list(ROWS), cattle=CATTLE)

    activity = {"stall": 0, "pasture": 0.17}
    weight = each(lambda row: row["animal"]["weight"], "kg/head")
    return run(
        animals=["dairy_cow"],
        stock=[1000],
        body_weight=weight,
        mature_weight=weight,
        milk_yield=each(lambda row: row["animal"]["milk"], "kg/head/day"),
        milk_fat=each(lambda row: row["animal"]["fat"], "1"),
        milk_protein=each(lambda row: row["animal"]["protein"], "1"),
        calving_share=each(lambda row: row["animal"]["calving"], "1"),
        digestibility=each(lambda row: row["ration"]["digestibility"], "1"),
        crude_protein=each(lambda row: row["ration"]["crude_protein"], "kg/kg dm"),
        activity_coefficient=each(lambda row: activity[row["ration"]["feeding"]], "1"),
        methane_conversion=each(lambda row: row.get("methane_conversion", 0), "1"),
    )


@pytest.mark.parametrize("name", ROWS)
def test_ipcc_dairy_rows_give_their_printed_results(name, compare):
    animal, printed = ROWS[name]["animal"], ROWS[name]["printed"]
    got = {key: value.sel(row=name).item() for key, value in results_of_rows().items()}
    per_tonne_day = 1000 / 365 / animal["weight"]
    retained = 365 * animal["milk"] * animal["protein"] / 6.38
    nitrogen = got["nitrogen_excretion"]
    found = {
        "methane": (got["enteric_methane"], "kg/head/yr", 0.5),
        "solids": (got["volatile_solids"] * per_tonne_day, "kg/day per 1,000 kg", 0.05),
        "nitrogen": (nitrogen * per_tonne_day, "kg/day per 1,000 kg", 0.005),
        "retained": (retained / (nitrogen + retained), "1", 0.005),
    }
    for what, known in printed.items():
        ours, unit, half_digit = found[what]
        compare(
            "herd",
            f"dairy cow of {name.replace('_', ' ')}: {what}",
            ours,
            known,
            unit=unit,
            abs=half_digit,
            source=TABLES["source"],
        )


def test_the_regional_herd_lies_among_published_factors(compare):
    # Yanbian 2022: 246,700 breeding females of 479,000 cattle. Kilogrammes a head and year of
    # other cattle: IPCC 2019 Table 10.11 Asia 43 (high productivity) to 56 (low); the Chinese
    # provincial guide 52.9 (large farms) to 67.9 (households).
    methane = run(animals=CATTLE[:2], stock=[246_700, 232_300])["enteric_methane"]
    compare(
        "herd",
        "enteric methane of a head of Yanbian's cattle",
        methane.sum().item() * 1000 / 479_000,
        (43, 67.9),
        unit="kg/head/yr",
        between=True,
        source="IPCC 2019 Vol. 4 Table 10.11, Asia; guide to provincial inventories (2011)",
    )


# By hand


def test_growing_cattle_by_hand():
    # 300 kg, 600 kg when mature, 0.5 kg a day, stall, DE 65 %, protein 12 %, Y_m 6 %
    reference = per_head(
        "other_cattle",
        body_weight=cattle([1, 300, 1], "kg/head"),
        mature_weight=cattle([1, 600, 1], "kg/head"),
        weight_gain=cattle([0, 0.5, 0], "kg/head/day"),
        digestibility=cattle([0.5, 0.65, 0.5], "1"),
        crude_protein=cattle([0.1, 0.12, 0.1], "kg/kg dm"),
        methane_conversion=cattle([0, 0.06, 0], "1"),
    )
    maintenance = 0.322 * 300**0.75  # 23.21 MJ
    growth = 22.02 * (300 / (1.0 * 600)) ** 0.75 * 0.5**1.097  # 6.12 MJ
    rem = 1.123 - 4.092e-3 * 65 + 1.126e-5 * 65**2 - 25.4 / 65  # 0.514
    reg = 1.164 - 5.160e-3 * 65 + 1.308e-5 * 65**2 - 37.4 / 65  # 0.308
    gross = (maintenance / rem + growth / reg) / 0.65  # 100.0 MJ
    assert (maintenance, growth) == (pytest.approx(23.21, abs=0.005), pytest.approx(6.12, abs=0.01))
    assert (rem, reg, gross) == pytest.approx((0.5138, 0.3085, 100.0), abs=0.05)
    assert reference["enteric_methane"] == pytest.approx(gross * 0.06 * 365 / 55.65)
    assert reference["volatile_solids"] == pytest.approx(365 * gross * (0.35 + 0.04) * 0.92 / 18.45)
    retained = 0.5 * (268 - 7.03 * growth / 0.5) / 1000 / 6.25
    assert reference["nitrogen_excretion"] == pytest.approx(
        365 * (gross / 18.45 * 0.12 / 6.25 - retained)
    )
    assert reference["animal_product"] == pytest.approx(0.5 * 365)


def test_suckler_cow_by_hand():
    got = per_head("breeding_cow")
    maintenance = 0.322 * 420**0.75
    milk = 1.9 * (1.47 + 0.40 * 4.7)
    pregnancy = 0.10 * 0.75 * maintenance
    net = maintenance * (1 + 0.07) + milk + pregnancy
    rem = 1.123 - 4.092e-3 * 60 + 1.126e-5 * 60**2 - 25.4 / 60
    gross = net / rem / 0.60
    assert got["enteric_methane"] == pytest.approx(gross * 0.07 * 365 / 55.65)
    assert got["nitrogen_excretion"] == pytest.approx(
        365 * (gross / 18.45 * 0.106 / 6.25 - 1.9 * 0.033 / 6.38)
    )
    assert got["animal_product"] == pytest.approx(0.75 * 26)


def test_cold_counts_outdoors_only():
    # half the year at -20 °C, half at 25 °C: 40 K below 20 °C half of the time
    cold = {"monthly_temperature": months([253.15] * 6 + [298.15] * 6, "K")}
    inside = per_head("other_cattle", **cold)
    assert inside == per_head("other_cattle")
    outside = per_head("other_cattle", **cold, winter_housing="open_yard")
    rem = 1.123 - 4.092e-3 * 65 + 1.126e-5 * 65**2 - 25.4 / 65
    more_energy = 0.0048 * 40 / 2 * 280**0.75 / rem / 0.65
    more = outside["enteric_methane"] - inside["enteric_methane"]
    assert more == pytest.approx(more_energy * 0.063 * 365 / 55.65)
    warm = {"monthly_temperature": months([300.0] * 12, "K"), "winter_housing": "open_yard"}
    assert per_head("other_cattle", **warm) == inside


def test_animals_without_description_take_factors_per_head():
    for shares in [(0, 0, 0), (0.3, 0.3, 0.3)]:
        got = per_head("pig", shares=shares)
        assert got["enteric_methane"] == pytest.approx(1.0)
        assert got["volatile_solids"] == pytest.approx(5.8 * 0.058 * 365)
        assert got["nitrogen_excretion"] == pytest.approx(0.61 * 0.058 * 365)
        assert np.isnan(got["animal_product"])
    got = per_head("other_cattle", enteric_method="tier_1", shares=(0.3, 0.3, 0.3))
    assert got["enteric_methane"] == pytest.approx(54)
    assert got["volatile_solids"] == pytest.approx(9.8 * 0.207 * 365)
    assert got["animal_product"] == pytest.approx(0.65 * 365)


# Measures


def test_better_forage_by_hand():
    # a fifth of the growing cattle eat a ration of DE 0.67 instead of 0.65
    maintenance = 0.322 * 280**0.75
    growth = 22.02 * (280 / 550) ** 0.75 * 0.65**1.097

    def gross(de):
        rem = 1.123 - 4.092e-3 * de + 1.126e-5 * de**2 - 25.4 / de
        reg = 1.164 - 5.160e-3 * de + 1.308e-5 * de**2 - 37.4 / de
        return (maintenance / rem + growth / reg) / (de / 100)

    methane = (0.8 * gross(65) + 0.2 * gross(67)) * 0.063 * 365 / 55.65
    got = per_head("other_cattle", shares=(0.2, 0, 0))
    assert got["enteric_methane"] == pytest.approx(methane)


def test_additive_takes_its_share_of_methane_only():
    usual, fed = per_head("other_cattle"), per_head("other_cattle", shares=(0, 0.5, 0))
    assert fed["enteric_methane"] == pytest.approx(usual["enteric_methane"] * (1 - 0.5 * 0.33))
    for name in ("volatile_solids", "nitrogen_excretion", "animal_product"):
        assert fed[name] == pytest.approx(usual[name])


def test_productivity_by_hand():
    # all growing cattle gain 0.65 · 1.17 a day, and 1/1.17 of them are left
    rem = 1.123 - 4.092e-3 * 65 + 1.126e-5 * 65**2 - 25.4 / 65
    reg = 1.164 - 5.160e-3 * 65 + 1.308e-5 * 65**2 - 37.4 / 65
    growth = 22.02 * (280 / 550) ** 0.75 * (0.65 * 1.17) ** 1.097
    gross = (0.322 * 280**0.75 / rem + growth / reg) / 0.65 / 1.17
    got = per_head("other_cattle", shares=(0, 0, 1))
    assert got["enteric_methane"] == pytest.approx(gross * 0.063 * 365 / 55.65)
    retained = (0.268 * 0.65 * 1.17 - 0.00703 * growth) / 6.25 / 1.17
    assert got["nitrogen_excretion"] == pytest.approx(
        365 * (gross / 18.45 * 0.115 / 6.25 - retained)
    )


def test_productivity_of_suckler_cows_by_hand():
    # 7 % more calves and milk from 1/1.07 of the cows
    maintenance = 0.322 * 420**0.75
    milk, pregnancy = 1.9 * (1.47 + 0.40 * 4.7), 0.10 * 0.75 * maintenance
    rem = 1.123 - 4.092e-3 * 60 + 1.126e-5 * 60**2 - 25.4 / 60
    gross = (maintenance * (1 + 0.07) + 1.07 * (milk + pregnancy)) / rem / 0.60 / 1.07
    got = per_head("breeding_cow", shares=(0, 0, 1))
    assert got["enteric_methane"] == pytest.approx(gross * 0.07 * 365 / 55.65)


@pytest.mark.parametrize("animal", CATTLE[:2])
def test_productivity_lowers_emissions_per_product(animal):
    usual, better = per_head(animal), per_head(animal, shares=(0, 0, 1))
    assert better["animal_product"] == pytest.approx(usual["animal_product"])
    for name in ("enteric_methane", "volatile_solids", "nitrogen_excretion"):
        assert better[name] < usual[name]


def test_everything_falls_when_feed_is_better_digested():
    steps = [[de] * 3 for de in (0.50, 0.55, 0.60, 0.65, 0.70, 0.75)]
    better = array(steps, "1", ("draw", "cattle"), draw=np.arange(6), cattle=CATTLE)
    got = run(animals=CATTLE, stock=(1000, 1000, 1000), digestibility=better)
    for name in ("enteric_methane", "volatile_solids", "nitrogen_excretion"):
        assert (got[name].diff("draw") < 0).all()


def test_state_is_linear_in_shares_and_cohorts_add_up():
    usual = per_head("other_cattle")
    singles = [per_head("other_cattle", shares=np.eye(3)[i]) for i in range(3)]
    mixed = per_head("other_cattle", shares=(0.2, 0.3, 0.1))
    for name, value in mixed.items():
        effects = [single[name] - usual[name] for single in singles]
        assert value == pytest.approx(usual[name] + np.dot((0.2, 0.3, 0.1), effects))
    cohorts = feeding((0.2, 0.3, 0.1), years=2)
    cohorts[1] = quantify(xr.DataArray([0.1, -0.3, 0.0], dims="feeding"), "1")
    assert per_head("other_cattle", feeding_share=cohorts) == pytest.approx(
        per_head("other_cattle", shares=(0.3, 0, 0.1))
    )


# Properties


def test_herd_is_linear_in_heads():
    one, three = run(), run(stock=(3000, 3000, 3000, 3000))
    for name, value in one.items():
        np.testing.assert_allclose(three[name], 3 * value)


def test_no_conversion_no_methane():
    got = run(methane_conversion=cattle([0, 0, 0], "1"))["enteric_methane"]
    assert got.sel(animal=CATTLE[:2]).values.tolist() == [0, 0]
    assert (got.sel(animal=["pig", "deer"]) > 0).all()


@pytest.mark.parametrize("names", [["body_weight"], ["weight_gain"], ["digestibility"], [*SHIPPED]])
def test_units_do_not_matter(names):
    base = arguments(shares=(0.2, 0.3, 0.1), winter_housing="open_yard")
    other = {}
    for name in names:
        value = base[name].data
        same = value.to("percent") if value.units.dimensionless else value.to_base_units()
        other[name] = base[name].copy(data=same)
    expected, got = herd.model(**base), herd.model(**base | other)
    for key, unit in UNITS.items():
        np.testing.assert_allclose(magnitude(got[key], unit), magnitude(expected[key], unit))


def test_missing_stock_stays_missing_there_only():
    got = run(stock=(1000, np.nan, 1000, np.nan))
    for name in ("enteric_methane", "volatile_solids", "nitrogen_excretion"):
        assert got[name].isnull().values.tolist() == [False, True, False, True]


def test_missing_climate_is_no_warmth():
    climate = {"monthly_temperature": months([np.nan] * 12, "K"), "winter_housing": "open_yard"}
    got = run(**climate)["enteric_methane"]
    assert got.isnull().values.tolist() == [True, True, False, False]


def test_a_herd_without_cattle():
    got = run(animals=["pig"], stock=[1000])
    assert got["enteric_methane"].item() == pytest.approx(1.0)


def test_labels_must_agree():
    measures = array([[0.1]], "1", ("cohort", "feeding"), cohort=[0], feeding=["other"])
    with pytest.raises(ValueError, match="exact"):
        herd.model(**arguments(feeding_share=measures))


def test_units_of_results_are_as_declared():
    result = herd.model(**arguments())
    for name, unit in UNITS.items():
        assert result[name].data.units.is_compatible_with(parse_unit(unit))


def test_draws_are_possible():
    drawn = {name: c.draws(LatinHypercube(300, 3)) for name, c in coefficients().items()}
    for name, value in drawn.items():
        if "animal" in value.dims:
            drawn[name] = value.sel(animal=ANIMALS)
    result = herd.model(**arguments(shares=(0.3, 0.3, 0.3), **drawn))
    for name in ("enteric_methane", "volatile_solids", "nitrogen_excretion"):
        values = magnitude(result[name], UNITS[name])
        assert (values > 0).all()
        central, mean = values.isel(draw=0), values.isel(draw=slice(1, None)).mean("draw")
        np.testing.assert_allclose(mean, central, rtol=0.05)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "dairy_cow: {value: 0.063, bounds: [0, 0.14], range: [0.050, 0.076]}",
            "dairy_cow: {value: 1.2, bounds: [0, 2], range: [1.1, 1.3]}",
        ),
        (
            "breeding_cow: {value: 0.60, bounds: [0.45, 0.75], range: [0.55, 0.65]}",
            "breeding_cow: {value: 1.02, bounds: [0.45, 1.2], range: [0.95, 1.1]}",
        ),
    ],
)
def test_shares_above_one_are_refused(tmp_path, old, new):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    edited = tmp_path / "herd.yaml"
    edited.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="a share above 1"):
        coefficients(edited)
