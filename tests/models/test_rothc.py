"""RothC: the official test runs, hand-worked months, and what must hold in any soil."""

from math import exp
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ecoassess.models import rothc, rothc_rates
from ecoassess.models.rothc import Inputs, Pools
from ecoassess.models.rothc_rates import Climate, Soil, Turnover

REFERENCE = Path(__file__).parents[1] / "reference"
OFFICIAL = YAML(typ="safe").load(REFERENCE / "rothc_official.yaml")
ROWS = pd.read_csv(REFERENCE / "rothc_input.csv")
ACTIVE = ["decomposable", "resistant", "biomass", "humus"]

# Yanji, roughly: cold winter, rain in summer
TEMPERATURE = np.array([-20.0, -9.1, -1.3, 7.2, 13.8, 18.3, 21.9, 21.8, 15.5, 7.8, -2.1, -11.1])
PRECIPITATION = np.array([5.0, 6, 11, 26, 57, 81, 110, 118, 52, 25, 15, 7])
PET = np.array([5.0, 10, 30, 65, 105, 120, 125, 110, 75, 45, 15, 6])
CLIMATE = Climate(TEMPERATURE, PRECIPITATION, PET)
SUMMER = np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0])  # plants from May to September
COVER_CROP = np.array([0.0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0])
SOIL = Soil(np.array([12.0, 25.0, 40.0]), np.array(25.0))
TURNOVER = rothc_rates.turnover(CLIMATE, SOIL, SUMMER)
HARVEST = Inputs(2.5 * np.eye(12)[9], 0.4 * np.eye(12)[3])
START = Pools(*(np.array([share]) for share in (0.3, 6.0, 0.8, 30.0, 3.0)))


def table(pools, names=ACTIVE):
    """Return the pools as an array (..., pool)."""
    return np.stack([getattr(pools, name) for name in names], axis=-1)


def rows(part):
    """Return climate, cover and inputs of some rows of the official input."""
    climate = Climate.from_pan(*(part[c] for c in list(part)[2:5]))
    inputs = Inputs(part.plant.to_numpy(), part.manure.to_numpy(), part.ratio.iloc[0])
    return climate, part.cover.to_numpy(), inputs


def official(case):
    """Run spin-up and series as published; return turnover, deficit, first and later states."""
    soil = Soil(case["clay"], case["depth"])
    climate, cover, inputs = rows(ROWS[:12])
    average = rothc_rates.turnover(climate, soil, cover)
    zero = np.zeros(1)
    empty = Pools(zero, zero, zero, zero, np.array([case["inert"]]))
    years = case["spin_up"]["months"] // 12
    first = rothc.simulate(empty, inputs, average, years, "last_year").pools
    carried = rothc_rates.moisture_deficit(climate, soil, cover)[-1]
    climate, cover, inputs = rows(ROWS[12:])
    deficit = rothc_rates.moisture_deficit(climate, soil, cover, carried)
    turnover = rothc_rates.turnover(climate, soil, cover, carried)
    start = Pools(*(pool[-1] for pool in vars(first).values()))
    later = rothc.simulate(start, inputs, turnover, len(cover) // 12, "months")
    return start, deficit, soil, turnover, later


def test_official_python_run(compare):
    """RothC_Py: all pools of 828 months in double precision."""
    case = OFFICIAL["python"]
    start, _, _, _, later = official(case)
    near = {"unit": "t C/ha", "abs": case["tolerance"], "source": case["source"]}
    spun_up = case["spin_up"]["pools"]
    compare("rothc", "pools after the spin-up", table(start)[0], [spun_up], **near)
    published = pd.read_csv(REFERENCE / "rothc_py_months.csv")
    assert len(published) == 828
    pools = table(later.pools)[:, 0]
    compare("rothc", "four pools of 828 months", pools, published[ACTIVE], **near)


def test_official_fortran_run(compare):
    """RothC_Code: pools, total, respired carbon, modifiers and deficit as printed."""
    case = OFFICIAL["fortran"]
    start, deficit, soil, turnover, later = official(case)
    printed = {
        "rel": case["relative_tolerance"],
        "abs": case["tolerance"],
        "source": case["source"],
    }
    carbon = {"unit": "t C/ha", **printed}
    spun_up = case["spin_up"]["pools"]
    compare("rothc", "pools after the spin-up", table(start)[0], [spun_up], **carbon)
    published = pd.read_csv(REFERENCE / "rothc_fortran_months.csv")
    pools = table(later.pools)[:, 0]
    compare("rothc", "four pools of 828 months", pools, published[ACTIVE], **carbon)
    total, respired = later.total[:, 0], later.respired[:, 0]
    compare("rothc", "total carbon of 828 months", total, published["total"], **carbon)
    compare("rothc", "carbon respired in 828 months", respired, published["respired"], **carbon)
    a = rothc_rates.temperature_modifier(ROWS.temperature[12:])
    b = rothc_rates.moisture_modifier(deficit, soil)[:, 0]
    c = np.where(ROWS.cover[12:] == 1, 0.6, 1.0)
    compare("rothc_rates", "temperature modifier", a, published["temperature_modifier"], **printed)
    compare("rothc_rates", "moisture modifier", b, published["moisture_modifier"], **printed)
    np.testing.assert_array_equal(c, published["cover_modifier"])
    np.testing.assert_allclose(turnover.rate[:, 0], a * b * c, rtol=1e-14)
    digit = {**printed, "abs": case["deficit_tolerance"], "unit": "mm"}
    compare(
        "rothc_rates", "moisture deficit", deficit[:, 0], published["moisture_deficit"], **digit
    )
    assert (published["moisture_modifier"] == 0.2).sum() > 10  # dry months are among them


def test_single_month_by_hand():
    rate = 0.9
    inputs = Inputs(np.eye(12)[0] * 1.22, np.eye(12)[0] * 0.5)
    turnover = Turnover(np.full(12, rate), np.array(20.0))
    pools = rothc.simulate(START, inputs, turnover, 1, "months").pools
    x = 1.67 * (1.85 + 1.60 * exp(-0.0786 * 20))
    kept = [exp(-k * rate / 12) for k in (10, 0.3, 0.66, 0.02)]
    lost = sum(c * (1 - s) for c, s in zip((0.3, 6.0, 0.8, 30.0), kept, strict=True))
    expected = [
        0.3 * kept[0] + 1.22 * 1.44 / 2.44 + 0.49 * 0.5,
        6.0 * kept[1] + 1.22 / 2.44 + 0.49 * 0.5,
        0.8 * kept[2] + 0.46 / (x + 1) * lost,
        30.0 * kept[3] + 0.54 / (x + 1) * lost + 0.02 * 0.5,
    ]
    np.testing.assert_allclose(table(pools)[0, 0], expected, rtol=1e-13)
    assert pools.inert[0, 0] == 3.0


def test_temperature_modifier():
    values = rothc_rates.temperature_modifier([-60.0, -20.0, -18.27, -5.001, -5.0, 10.0])
    np.testing.assert_array_equal(values[:4], 0.0)
    assert values[4] == pytest.approx(47.91 / (1 + exp(106.06 / 13.27)), rel=1e-14)
    assert values[5] == pytest.approx(47.91 / (1 + exp(106.06 / 28.27)), rel=1e-14)


def test_bare_soil_stays_as_dry_as_plants_left_it():
    """Clay 0 and 23 cm: largest deficit 20 mm, bare 0.556 x 20 = 11.12, wet above 8.88."""
    balance = [-15, -5, 6, -5, 20, -30, -1, 0, 0, 0, 0, 0]
    cover = np.array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    rain = np.maximum(balance, 0.0)
    climate = Climate(np.full(12, 10.0), rain, rain - balance)
    soil = Soil(np.array(0.0), np.array(23.0))
    deficit = rothc_rates.moisture_deficit(climate, soil, cover, initial=0.0)[:, 0]
    expected = [-15, -15, -9, -11.12, 0, -20, -20, -20, -20, -20, -20, -20]
    np.testing.assert_allclose(deficit, expected, rtol=1e-14)
    b = rothc_rates.moisture_modifier(deficit[:6, None], soil)[:, 0]
    dry = [0.2 + 0.8 * (20 - d) / (20 - 8.88) for d in (15, 15, 9, 11.12)]
    np.testing.assert_allclose(b, [*dry, 1.0, 0.2], rtol=1e-13)


def test_largest_deficit_grows_with_depth():
    """The manual's formula: 20 + 1.3 x 23.4 - 0.01 x 23.4^2 = 44.9444 mm in 23 cm."""
    soil = Soil(np.array(23.4), np.array([23.0, 46.0]))
    np.testing.assert_allclose(soil.largest_deficit, [-44.9444, -2 * 44.9444], rtol=1e-12)


def test_deficit_repeats():
    """Where precipitation nearly meets evapotranspiration the deficit creeps for centuries."""
    net = np.repeat([-0.03, -5.0, 0.0, 0.03, 40.0], 4)
    depth = np.array(60.0)  # holds the whole yearly swing, so that no month resets the deficit
    patterns = [SUMMER, 1 - SUMMER, np.zeros(12), np.ones(12)]
    cover = np.stack(patterns * 5, axis=1)
    pet = PET[:, None] * (PRECIPITATION.sum() - net) / PET.sum()
    soil = Soil(np.array(25.0), depth)
    periodic = rothc_rates.moisture_deficit(Climate(TEMPERATURE, PRECIPITATION, pet), soil, cover)
    years = 4000
    series = Climate(*(np.tile(part, (years, 1)) for part in (CLIMATE.temperature,
        CLIMATE.precipitation, pet)))  # fmt: skip
    long = rothc_rates.moisture_deficit(series, soil, np.tile(cover, (years, 1)), initial=0.0)
    np.testing.assert_allclose(periodic, long[-12:], rtol=0, atol=1e-7)
    slow = long[11::12][50:200] - long[-1]  # a case creeps indeed
    assert (np.abs(slow).min(axis=0) > 1).any()


def test_frozen_months_change_nothing():
    trajectory = rothc.simulate(START, HARVEST, TURNOVER, 1, "months")
    january = table(trajectory.pools)[0]
    np.testing.assert_array_equal(january, np.tile([0.3, 6.0, 0.8, 30.0], (3, 1)))
    assert (trajectory.respired[0] == 0).all()


@pytest.mark.parametrize("report", ["years", "months", "last_year"])
def test_carbon_is_conserved(report):
    """Whether the year is mapped or stepped; 200 years."""
    trajectory = rothc.simulate(START, HARVEST, TURNOVER, 200, report)
    entered = 200 * (HARVEST.plant.sum() + HARVEST.manure.sum())
    balance = START.total + entered - trajectory.respired[-1]
    np.testing.assert_allclose(trajectory.total[-1], balance, rtol=1e-11)


def test_reports_agree(monkeypatch):
    """Mapped years, stepped years, inputs and rates as series, small blocks: one trajectory."""
    months = rothc.simulate(START, HARVEST, TURNOVER, 7, "months")
    monkeypatch.setattr(rothc, "BLOCK", 2)
    years = rothc.simulate(START, HARVEST, TURNOVER, 7)
    last = rothc.simulate(START, HARVEST, TURNOVER, 7, "last_year")
    long = Inputs(np.tile(HARVEST.plant, (7, 1)), HARVEST.manure)
    series = rothc.simulate(START, long, TURNOVER, 7)
    rates = Turnover(np.tile(TURNOVER.rate, (7, 1)), TURNOVER.clay)
    slow = rothc.simulate(START, HARVEST, rates, 7)
    near = {"rtol": 1e-13}
    for other in (years, series, slow):
        np.testing.assert_allclose(table(other.pools), table(months.pools)[11::12], **near)
        np.testing.assert_allclose(other.respired, months.respired[11::12], **near)
    np.testing.assert_allclose(table(last.pools), table(months.pools)[71:84], **near)
    np.testing.assert_allclose(last.respired, months.respired[71:84], **near)


def test_columns_are_independent():
    together = rothc.simulate(START, HARVEST, TURNOVER, 5)
    for column in range(3):
        alone = Turnover(TURNOVER.rate[:, column], TURNOVER.clay[column])
        total = rothc.simulate(START, HARVEST, alone, 5).total[:, 0]
        np.testing.assert_allclose(total, together.total[:, column], rtol=1e-14)


def test_equilibrium_is_where_10000_years_lead():
    pools = rothc.equilibrium(HARVEST, TURNOVER, inert=2.0)
    long = rothc.simulate(START, HARVEST, TURNOVER, 10_000, "last_year").pools
    np.testing.assert_allclose(table(pools), table(long)[-1], rtol=1e-10)
    np.testing.assert_array_equal(pools.inert, [2.0, 2.0, 2.0])
    next_year = rothc.simulate(pools, HARVEST, TURNOVER, 1)
    np.testing.assert_allclose(next_year.total[0], pools.total, rtol=1e-13)
    entered = HARVEST.plant.sum() + HARVEST.manure.sum()
    np.testing.assert_allclose(next_year.respired[0], entered, rtol=1e-11)


def test_equilibrium_of_one_pool_by_hand():
    """DPM in December: what October's input leaves after November and December, summed up."""
    rate = np.full(12, 0.5)
    pools = rothc.equilibrium(Inputs(np.eye(12)[9]), Turnover(rate, np.array(20.0)))
    month = exp(-10 * 0.5 / 12)
    expected = 1.44 / 2.44 * month**2 / (1 - month**12)
    assert pools.decomposable[0] == pytest.approx(expected, rel=1e-12)


def test_official_spin_up_is_near_equilibrium():
    """It stops when a year adds less than 1e-6; humus keeps some 98.7 % a year: 1e-4 are left."""
    case = OFFICIAL["python"]
    climate, cover, inputs = rows(ROWS[:12])
    turnover = rothc_rates.turnover(climate, Soil(case["clay"], case["depth"]), cover)
    missing = rothc.equilibrium(inputs, turnover).total[0] - sum(case["spin_up"]["pools"])
    assert 0 < missing < 2e-4


def test_inputs_for_stock():
    stock = np.array([30.0, 50.0, 90.0])
    shares = np.array([0, 0, 0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0, 0])
    inputs, pools = rothc.inputs_for_stock(stock, shares, TURNOVER, manure=HARVEST.manure)
    np.testing.assert_allclose(pools.total, stock, rtol=1e-13)
    np.testing.assert_allclose(inputs.plant / inputs.plant.sum(axis=0), shares[:, None] + 0 * stock)
    np.testing.assert_allclose(pools.inert, 0.049 * stock**1.139, rtol=1e-14)
    kept = rothc.simulate(pools, inputs, TURNOVER, 50)
    np.testing.assert_allclose(kept.total, np.tile(stock, (50, 1)), rtol=1e-12)
    with pytest.raises(ValueError, match="less than manure and inert carbon"):
        rothc.inputs_for_stock(5.0, shares, TURNOVER, manure=20 * HARVEST.manure)


def test_inputs_recover_the_equilibrium_they_made():
    inert = 3.0
    stock = rothc.equilibrium(HARVEST, TURNOVER).total + inert
    inputs, _ = rothc.inputs_for_stock(stock, np.eye(12)[9], TURNOVER, manure=HARVEST.manure)
    unit = rothc.equilibrium(Inputs(np.eye(12)[9]), TURNOVER).total
    shift = (inert - 0.049 * stock**1.139) / unit  # Falloon's inert pool is not 3
    np.testing.assert_allclose(inputs.plant.sum(axis=0), 2.5 + shift, rtol=1e-12)


@pytest.mark.parametrize("report", ["years", "months", "last_year"])
@pytest.mark.parametrize(
    "extra",
    [Inputs(0.7 * np.eye(12)[9], ratio=0.25), Inputs(np.zeros(12), 0.7 * np.eye(12)[4])],
    ids=["plants", "manure"],
)
def test_response_is_what_extra_inputs_add(extra, report):
    """Whatever the soil held; twice the extra adds twice as much."""
    base = Inputs(HARVEST.plant)
    if extra.ratio[0] == rothc.ARABLE:
        both = Inputs(base.plant, extra.manure)
    else:  # of two plant inputs with two ratios, the mixture
        resistant = extra.plant / (1 + extra.ratio)
        decomposable = extra.plant - resistant
        october = base.plant[9] * 1.44 / 2.44 + decomposable[9], base.plant[9] / 2.44 + resistant[9]
        both = Inputs(base.plant + extra.plant, ratio=october[0] / october[1])
    difference = (
        rothc.simulate(START, both, TURNOVER, 20, report).total
        - rothc.simulate(START, base, TURNOVER, 20, report).total
    )
    alone = rothc.response(extra, TURNOVER, 20, report)
    np.testing.assert_allclose(alone, difference, rtol=0, atol=1e-12)
    double = Inputs(2 * extra.plant, 2 * extra.manure, extra.ratio)
    np.testing.assert_allclose(rothc.response(double, TURNOVER, 20, report), 2 * alone, rtol=1e-13)


def test_months_of_a_cohort_add_up_to_its_year():
    extra = Inputs(np.eye(12)[9])
    years = rothc.response(extra, TURNOVER, 12)
    for age in (1, 2, 12):
        gains = np.diff(rothc.response(extra, TURNOVER, age, "last_year"), axis=0)
        assert gains.shape == (12, 3)
        before = years[age - 2] if age > 1 else 0.0
        np.testing.assert_allclose(gains.sum(axis=0), years[age - 1] - before, rtol=1e-12)
        assert (gains[9] > 0).all()  # straw of October
        assert (gains[0] == 0).all()  # frozen
        assert (gains[6] <= 0).all()


def test_response_saturates_at_its_equilibrium():
    extra = Inputs(np.eye(12)[9])
    gains = rothc.response(extra, TURNOVER, 10_000)
    assert (np.diff(gains, axis=0) > -1e-12).all()
    np.testing.assert_allclose(gains[-1], rothc.equilibrium(extra, TURNOVER).total, rtol=1e-9)


def test_practice_that_stops():
    """Inputs kept up for s years leave R(n) - R(n - s)."""
    once = np.eye(12)[9][:, None]
    stopped = Inputs(np.concatenate([np.tile(once, (8, 1)), np.zeros((12 * 12, 1))]))
    gains = rothc.response(stopped, TURNOVER, 20)
    kept = rothc.response(Inputs(once), TURNOVER, 20)
    np.testing.assert_allclose(gains[8:], kept[8:] - kept[:12], rtol=1e-12)
    assert (np.diff(gains[7:], axis=0) < 0).all()


def test_cover_response():
    """Plants on the field in April and October shade and dry it: less decomposition."""
    after = rothc_rates.turnover(CLIMATE, SOIL, COVER_CROP)
    gain = rothc.cover_response(HARVEST, TURNOVER, after, 30)
    assert (np.diff(gain, axis=0, prepend=0.0) > 0).all()
    assert (np.diff(gain, 2, axis=0) < 0).all()  # less and less
    same = rothc.cover_response(HARVEST, TURNOVER, TURNOVER, 3, "months")
    np.testing.assert_array_equal(same, 0.0)  # though the months of a year differ
    long = rothc.cover_response(HARVEST, TURNOVER, after, 10_000, "last_year")[-1]
    difference = (
        rothc.equilibrium(HARVEST, after).total - rothc.equilibrium(HARVEST, TURNOVER).total
    )
    np.testing.assert_allclose(long, difference, rtol=1e-9)


def test_cover_and_its_own_input_add_up():
    after = rothc_rates.turnover(CLIMATE, SOIL, COVER_CROP)
    root = Inputs(0.5 * np.eye(12)[9])
    start = rothc.equilibrium(HARVEST, TURNOVER)
    both = Inputs(HARVEST.plant + root.plant, HARVEST.manure)
    together = rothc.simulate(start, both, after, 15).total - start.total
    cover = rothc.cover_response(HARVEST, TURNOVER, after, 15)
    np.testing.assert_allclose(together, cover + rothc.response(root, after, 15), atol=1e-11)


share = st.floats(0.0, 1.0)


@settings(max_examples=40, deadline=None)
@given(
    clay=st.floats(0, 100),
    depth=st.floats(5, 100),
    warming=st.floats(-40, 20),
    rain=st.floats(0, 5),
    cover=st.lists(st.sampled_from([0.0, 1.0]), min_size=12, max_size=12),
    plant=st.lists(st.floats(0, 2), min_size=12, max_size=12),
    extra=share,
)
def test_any_soil(clay, depth, warming, rain, cover, plant, extra):
    """More input never lowers the stock, bare soil turns over faster, carbon is conserved."""
    climate = Climate(TEMPERATURE + warming, rain * PRECIPITATION, PET)
    soil = Soil(clay, depth)
    turnover = rothc_rates.turnover(climate, soil, cover)
    inputs = Inputs(np.array(plant))
    less = rothc.simulate(START, inputs, turnover, 9)
    more = rothc.simulate(START, Inputs(np.array(plant) + extra), turnover, 9)
    assert (more.total >= less.total).all()
    balance = START.total + 9 * sum(plant) - less.respired[-1]
    np.testing.assert_allclose(less.total[-1], balance, rtol=1e-11)
    covered = rothc_rates.turnover(climate, soil, np.ones(12)).rate
    bare = rothc_rates.turnover(climate, soil, np.zeros(12)).rate
    assert (covered * (1 / 0.6 - 1e-9) <= bare).all()
    assert (bare <= rothc_rates.temperature_modifier(climate.temperature)).all()


def test_more_clay_keeps_more_carbon():
    """x falls with clay; under equal rates the stock rises."""
    turnover = Turnover(np.full(12, 0.6), np.linspace(0, 100, 21))
    assert (np.diff(rothc.equilibrium(HARVEST, turnover).total) > 0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Soil(np.array(101.0), np.array(23.0)), "clay is 101, expected"),
        (lambda: Soil(np.array(np.nan), np.array(23.0)), "clay is nan"),
        (lambda: Soil(np.array(20.0), np.array(0.0)), "depth is 0"),
        (lambda: Climate(TEMPERATURE + 273.15, PRECIPITATION, PET), "temperature is 253.15"),
        (lambda: Climate(TEMPERATURE, -PRECIPITATION, PET), "precipitation is -5"),
        (lambda: Climate(TEMPERATURE[:11], PRECIPITATION, PET), "months of whole years"),
        (lambda: Inputs(-np.ones(12)), "plant input is -1"),
        (lambda: Inputs(np.ones(12), np.full(12, np.nan)), "manure input is nan"),
        (lambda: Inputs(np.ones(12), ratio=np.array(-1.0)), "DPM/RPM ratio is -1"),
        (lambda: Turnover(np.full(12, -0.1), np.array(20.0)), "rate modifier is -0.1"),
        (lambda: Pools(*np.array([[1.0], [1.0], [-1.0], [1.0], [1.0]])), "pool biomass is -1"),
        (lambda: rothc_rates.turnover(CLIMATE, SOIL, SUMMER / 2), "plant cover is a fraction"),
        (lambda: rothc_rates.moisture_deficit(CLIMATE, SOIL, SUMMER, 5.0), "initial deficit is 5"),
        (lambda: rothc_rates.moisture_deficit(CLIMATE, SOIL, SUMMER, -500.0), "beyond the soil's"),
        (lambda: rothc.simulate(START, HARVEST, TURNOVER, 0), "years is 0"),
        (lambda: rothc.simulate(START, HARVEST, TURNOVER, 2, "days"), "report is 'days'"),
        (lambda: rothc.simulate(START, Inputs(np.ones(24)), TURNOVER, 3), "has 24 months"),
        (lambda: rothc.response(Inputs(np.ones((12, 2))), TURNOVER, 1), r"\[2, 3\] columns"),
        (lambda: rothc.equilibrium(Inputs(np.ones(24)), TURNOVER), "one year of 12 months"),
        (
            lambda: rothc.equilibrium(HARVEST, Turnover(np.zeros(12), np.array(20.0))),
            "no equilibrium",
        ),
        (lambda: rothc.inputs_for_stock(0.0, np.eye(12)[9], TURNOVER), "stock is 0"),
        (lambda: rothc.inputs_for_stock(50.0, np.ones(12), TURNOVER), "shares add up to 12"),
    ],
)
def test_impossible_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
