"""Stand growth: hand-worked years, closed forms, and what must hold for any forest."""

import dataclasses
from itertools import pairwise
from math import exp
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.coefficients import read_coefficients
from ecoassess.models.stand_curves import Curves, Growth, at_temperature, from_age_groups
from ecoassess.models.stand_disturbances import POOLS, Disturbances, Event, killing, matrix
from ecoassess.models.stand_growth import UNITS, State, Turnover, from_bare, project, step
from ecoassess.project import find_project
from ecoassess.units import parse_unit

REFERENCE = YAML(typ="safe").load(Path(__file__).parents[1] / "reference" / "stand_growth.yaml")
OLDEST = 40


def constants(**rates):
    """Return a turnover with plain numbers for one type; what is not named is nothing."""
    names = [field.name for field in dataclasses.fields(Turnover)]
    still = dict.fromkeys(names, 0.0) | {"closed_canopy": 1e-3}
    return Turnover(**{name: np.array([rate]) for name, rate in (still | rates).items()})


def straight(per_year=2.0, last=OLDEST, below=0.5):
    """Return stands that gain the same above ground every year, and `below` as much under it."""
    above = per_year * np.arange(last + 1.0)[None]
    return Growth(above, below * above, np.zeros(above.shape, bool))


def state(area, density=0.0):
    area = np.asarray(area, float)
    return State.of(area, np.broadcast_to(density, (len(POOLS), *area.shape)))


def random_case(seed):
    """Return a state, its growth, turnover and disturbances with draws, counties and types."""
    random = np.random.default_rng(seed)
    draws, counties, types = 2, 3, 4
    batch = (draws, 1, types)

    def between(low, high, shape=batch):
        return random.uniform(low, high, shape)

    curves = Curves(
        between(50, 150), between(0.01, 0.1), between(1, 3), random.integers(20, OLDEST, batch)
    )
    growth = Growth.of(curves, between(0.2, 0.6), between(0.1, 0.3), OLDEST)
    turnover = Turnover(
        between(0, 3), between(0, 3), between(1, 60), between(0, 0.05), between(0, 0.2),
        between(0, 1), between(0, 0.1), between(0, 1), between(0, 1),
    )  # fmt: skip
    area = between(0, 1e4, (draws, counties, types, OLDEST + 1))
    area[..., random.random(OLDEST + 1) < 0.3] = 0.0
    split = random.dirichlet(np.ones(len(POOLS) + 2), (len(POOLS), draws, 1, types))
    any_matrix = np.moveaxis(split, -1, 1)
    fire = matrix(
        {
            ("above", "air"): between(0, 0.5),
            ("above", "dead_wood"): between(0, 0.5),
            ("below", "dead_wood"): 1.0,
            ("litter", "air"): 0.9,
        }
    )
    cut = matrix(
        {("above", "products"): 0.7, ("above", "dead_wood"): 0.3, ("below", "dead_wood"): 1}
    )
    share = between(0, 0.1, (counties, types))
    regeneration = random.dirichlet(np.ones(types), types)
    events = {
        "clear_cut": Event(
            cut, True, amount=between(0, 1e5, (draws, counties, types)), ages=(20, 99)
        ),
        "thinning": Event(any_matrix, False, share=share, ages=(10, 30)),
        "fire": Event(fire, True, share=share / 10),
        "wind": Event(any_matrix, False, share=share),
        "insects": Event(cut, False, share=share),
    }
    disturbances = Disturbances(events, regeneration, between(0, 100, (counties, types)))
    density = between(0, 100, (len(POOLS), *area.shape))
    return State.of(area, density), growth, turnover, disturbances


@pytest.mark.parametrize("seed", range(25))
def test_every_year_closes(seed):
    """Carbon, area and signs, whatever the parameters."""
    now, growth, turnover, disturbances = random_case(seed)
    for _ in range(8):
        before = now
        now, fluxes = step(before, growth, turnover, disturbances)
        change = now.carbon.sum(axis=(0, -1, -2)) - before.carbon.sum(axis=(0, -1, -2))
        given = sum(fluxes.emitted.values()) + sum(fluxes.products.values())
        flow = fluxes.net_primary_production - fluxes.heterotrophic_respiration - given
        scale = before.carbon.sum()
        np.testing.assert_allclose(change, flow.sum(axis=-1), rtol=1e-9, atol=1e-12 * scale)
        added = disturbances.added.sum(axis=-1)
        np.testing.assert_allclose(
            now.area.sum(axis=(-1, -2)), before.area.sum(axis=(-1, -2)) + added, rtol=1e-12
        )
        assert (now.area >= 0).all()
        assert (now.carbon >= 0).all()
        for flows in (fluxes.emitted, fluxes.products, fluxes.hit, fluxes.unmet):
            assert all((flow >= 0).all() for flow in flows.values())


@pytest.mark.parametrize("seed", range(5))
def test_without_change_of_type_each_type_closes(seed):
    start, growth, turnover, disturbances = random_case(seed)
    alone = dataclasses.replace(disturbances, regeneration=None)
    after, fluxes = step(start, growth, turnover, alone)
    given = sum(fluxes.emitted.values()) + sum(fluxes.products.values())
    np.testing.assert_allclose(
        after.carbon.sum(axis=(0, -1)) - start.carbon.sum(axis=(0, -1)),
        fluxes.net_primary_production - fluxes.heterotrophic_respiration - given,
        rtol=1e-9,
        atol=1e-12 * start.carbon.sum(),
    )


@pytest.mark.parametrize("seed", range(5))
def test_twice_the_area_gives_twice_the_carbon(seed):
    start, growth, turnover, disturbances = random_case(seed)
    factor = 7.0
    events = {
        name: event
        if event.amount is None
        else dataclasses.replace(event, amount=factor * event.amount)
        for name, event in disturbances.events.items()
    }
    larger = dataclasses.replace(disturbances, events=events, added=factor * disturbances.added)
    once = project(start, growth, turnover, 5, disturbances)
    more = project(State(factor * start.area, factor * start.carbon), growth, turnover, 5, larger)
    for name, values in once.items():
        np.testing.assert_allclose(more[name], factor * values, rtol=1e-9, atol=1e-6, err_msg=name)


def test_two_years_by_hand():
    """One hectare of age 10 and one of the last age; a clear-cut of the older in the first year.

    Curves gain 2 above and 1 below every year; the canopy is closed at 2 t C/ha above ground, where
    litterfall is 3 and fine roots 1 t C/ha; mortality 0.05; dead wood decays by 0.1 (a fifth to
    the soil), litter by 0.5 (a tenth), soil by 0.01.
    """
    growth = straight(2.0)
    turnover = constants(
        litterfall=3.0, fine_roots=1.0, closed_canopy=2.0, mortality=0.05, dead_wood_decay=0.1,
        litter_decay=0.5, soil_decay=0.01, dead_wood_to_soil=0.2, litter_to_soil=0.1,
    )  # fmt: skip
    area = np.zeros((1, OLDEST + 1))
    area[0, [10, OLDEST]] = 1.0
    density = np.zeros((5, 1, OLDEST + 1))
    density[:, 0, 10] = [20, 10, 5, 4, 100]
    density[:, 0, OLDEST] = [80, 40, 5, 4, 100]
    cut = matrix(
        {("above", "products"): 0.6, ("above", "dead_wood"): 0.4, ("below", "dead_wood"): 1.0}
    )
    events = {"cut": Event(cut, True, share=np.array([1.0]), ages=(OLDEST, OLDEST))}
    first, fluxes = step(State.of(area, density), growth, turnover, Disturbances(events))

    # the stand of age 10: 20 + 2 above and 10 + 1 below, middle 21 and 10.5
    litter = 4 + 3 + 1
    wood = 5 + 0.05 * 31.5
    soil = 0.99 * (100 + 0.2 * 0.1 * wood + 0.1 * 0.5 * litter)
    eleven = [22, 11, 0.9 * wood, 0.5 * litter, soil]
    assert first.carbon[:, 0, 11] == pytest.approx(eleven, rel=1e-14)
    # the one that was cut: 48 away, 32 + 40 into dead wood; then a year of growth from nothing
    assert fluxes.products["cut"] == pytest.approx([48])
    young_litter = 4 + 0.5 * (3 + 1)  # half closed: 1 above ground in the middle of the year
    young_wood = 5 + 72 + 0.05 * 1.5
    young_soil = 0.99 * (100 + 0.2 * 0.1 * young_wood + 0.1 * 0.5 * young_litter)
    one = [2, 1, 0.9 * young_wood, 0.5 * young_litter, young_soil]
    assert first.carbon[:, 0, 1] == pytest.approx(one, rel=1e-14)
    assert first.area[0, [1, 11]] == pytest.approx([1, 1])
    assert first.area.sum() == pytest.approx(2)
    grown = 2 * 3
    turned = (3 + 1 + 0.05 * 31.5) + (1.5 + 0.5 + 0.05 * 1.5)
    assert fluxes.net_primary_production == pytest.approx([grown + turned])
    decayed = 0.1 * 0.8 * (wood + young_wood) + 0.5 * 0.9 * (litter + young_litter)
    decayed += 0.01 / 0.99 * (soil + young_soil)
    assert fluxes.heterotrophic_respiration == pytest.approx([decayed])

    second, _ = step(first, growth, turnover)
    wood = eleven[2] + 0.05 * 34.5
    litter = eleven[3] + 3 + 1
    soil = 0.99 * (eleven[4] + 0.2 * 0.1 * wood + 0.1 * 0.5 * litter)
    assert second.carbon[:, 0, 12] == pytest.approx(
        [24, 12, 0.9 * wood, 0.5 * litter, soil], rel=1e-14
    )


def test_pools_under_constant_input_follow_the_geometric_series():
    """Full-grown stands: dead wood after n years is I (1 - k) / k (1 - (1 - k)^n)."""
    growth = Growth(*np.full((2, 1, 2), 0.0), np.zeros((1, 2), bool))
    turnover = constants(mortality=0.01, dead_wood_decay=0.04)
    area = np.array([[0.0, 3.0]])
    density = np.zeros((5, 1, 2))
    density[:2, 0, 1] = [80, 20]
    result = project(State.of(area, density), growth, turnover, 100)
    n = np.arange(1, 101)
    expected = 3 * 0.01 * 100 * 0.96 / 0.04 * (1 - 0.96**n)
    np.testing.assert_allclose(result["dead_wood"][:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(result["above"][:, 0], 240, rtol=1e-14)


def test_oldest_stands_are_cut_first_and_exactly_as_much_as_asked():
    """10 ha of 30 years (60 t C) and 10 ha of 20 (40): 700 takes all of the older and 2.5 ha."""
    growth, turnover = straight(2.0, below=0.0), constants()
    area = np.zeros((1, OLDEST + 1))
    area[0, [20, 30]] = 10.0
    density = np.zeros((5, 1, OLDEST + 1))
    density[0] = growth.above
    cut = matrix({("above", "products"): 1.0})

    def asked(amount, ages=(0, np.inf)):
        event = Event(cut, True, amount=np.array([amount]), ages=ages)
        return step(State.of(area, density), growth, turnover, Disturbances({"cut": event}))

    after, fluxes = asked(700.0)
    assert fluxes.products["cut"] == pytest.approx([700.0], rel=1e-14)
    assert fluxes.hit["cut"] == pytest.approx([12.5], rel=1e-14)
    assert after.area[0, [1, 21, 31]] == pytest.approx([12.5, 7.5, 0.0], abs=1e-12)
    after, fluxes = asked(90.0)
    assert after.area[0, [1, 21, 31]] == pytest.approx([1.5, 10, 8.5], rel=1e-14)
    _, fluxes = asked(1200.0)
    assert fluxes.products["cut"] == pytest.approx([1000.0])
    assert fluxes.unmet["cut"] == pytest.approx([200.0])
    after, fluxes = asked(100.0, ages=(15, 25))
    assert after.area[0, [1, 21, 31]] == pytest.approx([2.5, 7.5, 10], rel=1e-14)


def test_thinning_keeps_the_age_and_takes_its_share():
    growth, turnover = straight(2.0, below=0.0), constants()
    area = np.zeros((1, OLDEST + 1))
    area[0, 20] = 8.0
    density = np.zeros((5, 1, OLDEST + 1))
    density[0] = growth.above
    thin = Event(matrix({("above", "products"): 0.3}), False, share=np.array([0.5]))
    after, fluxes = step(State.of(area, density), growth, turnover, Disturbances({"thin": thin}))
    assert fluxes.products["thin"] == pytest.approx([8 * 0.5 * 0.3 * 40])
    assert after.area[0, 21] == pytest.approx(8.0)
    assert after.carbon[0, 0, 21] == pytest.approx(8 * (0.85 * 40 + 2))


def test_each_disturbance_acts_on_what_those_before_it_left():
    """Two fires of a tenth each burn 1 - 0.9² of the area, in either order."""
    burn = Event(matrix({("above", "air"): 1.0}), True, share=np.array([0.1]))
    area = np.zeros((1, OLDEST + 1))
    area[0, 20] = 100.0
    _, fluxes = step(
        state(area, 1.0), straight(), constants(), Disturbances({"first": burn, "second": burn})
    )
    assert fluxes.hit["first"] == pytest.approx([10.0])
    assert fluxes.hit["second"] == pytest.approx([9.0])
    assert fluxes.emitted["second"] == pytest.approx([9.0])


def test_renewed_area_changes_its_type_with_its_carbon():
    growth = Growth(*np.zeros((2, 2, 11)), np.zeros((2, 11), bool))
    turnover = Turnover(*np.zeros((2, 2)), np.ones(2), *np.zeros((6, 2)))
    area = np.zeros((2, 11))
    area[0, 5] = 10.0
    cut = Event(matrix({("above", "dead_wood"): 1.0}), True, share=np.array([1.0, 0.0]))
    regeneration = np.array([[0.2, 0.8], [0.0, 1.0]])
    after, _ = step(state(area, 3.0), growth, turnover, Disturbances({"cut": cut}, regeneration))
    assert after.area[:, 1] == pytest.approx([2.0, 8.0])
    assert after.carbon[:, 1, 1] == pytest.approx([0, 8 * 3, 8 * 6, 8 * 3, 8 * 3])


def test_planted_area_is_what_a_stand_from_bare_ground_becomes():
    _, growth, turnover, _ = random_case(3)
    stand = from_bare(growth, turnover, 60)
    batch = (2, 1, 4)
    start = state(np.zeros((*batch, OLDEST + 1)))
    planted = Disturbances(added=np.full(batch, 5.0))
    result = project(start, growth, turnover, 60, [planted] + [Disturbances()] * 59)
    for index, pool in enumerate(POOLS):
        expected = 5 * np.moveaxis(stand[index], -1, 0)
        np.testing.assert_allclose(result[pool], expected, rtol=1e-12, atol=1e-12, err_msg=pool)


def test_litterfall_stays_level_beyond_a_closed_canopy():
    """2 t C/ha a year more, 1, 3, 5 in the middle of the years: closed from 5 on, 2 + 3 t C/ha."""
    turnover = constants(litterfall=2.0, fine_roots=3.0, closed_canopy=5.0)
    litter = from_bare(straight(2.0), turnover, 5)[POOLS.index("litter"), 0]
    falls = [(2 + 3) * part for part in (1 / 5, 3 / 5, 1, 1, 1)]
    assert np.diff(litter, prepend=0) == pytest.approx(falls)


def test_initial_litter_decays_under_a_planted_stand():
    turnover = constants(litter_decay=0.5, litter_to_soil=0.2)
    initial = np.zeros((5, 1))
    initial[POOLS.index("litter")] = 8.0
    bare = from_bare(straight(0.0), turnover, 2, initial)
    assert bare[:, 0, 1] == pytest.approx([0, 0, 0, 2.0, 0.2 * 6.0])


def test_curve_by_hand():
    """K (1 - exp(-r t))^p with K 200, r 0.04, p 2; level and flagged after 50 years."""
    curves = Curves(*(np.array([value]) for value in (200.0, 0.04, 2.0, 50.0)))
    ages = np.array([0, 25, 50, 51, 80])
    expected = [200 * (1 - exp(-0.04 * age)) ** 2 for age in (0, 25, 50, 50, 50)]
    assert curves.volume(ages)[0] == pytest.approx(expected, rel=1e-14)
    assert curves.beyond(ages)[0].tolist() == [False, False, False, True, True]


def test_no_growth_after_the_valid_age_but_a_flag():
    curves = Curves(*(np.array([value]) for value in (200.0, 0.04, 2.0, 20.0)))
    growth = Growth.of(curves, np.array([0.3]), np.array([0.2]), OLDEST)
    area = np.zeros((1, OLDEST + 1))
    area[0, 18] = 2.0
    density = np.zeros((5, 1, OLDEST + 1))
    density[:2, 0] = [growth.above[0], growth.below[0]]
    result = project(State.of(area, density), growth, constants(), 30)
    assert (result["net_increment"][:2] > 0).all()
    assert (result["net_increment"][2:] == 0).all()
    assert result["beyond_valid_age"][:, 0] == pytest.approx([0, 0] + [2.0] * 28)
    total = 2 * 0.3 * 200 * (1 - exp(-0.04 * 20)) ** 2
    assert result["above"][-1] == pytest.approx([0.8 * total])
    assert result["below"][-1] == pytest.approx([0.2 * total])


def test_age_groups_are_spread_over_their_years():
    """10 ha of 1..20, 30 of 21..30, 5 of 31..40: 0.5, 3 and 0.5 ha a year."""
    by_age = from_age_groups(np.array([[10.0, 30.0, 5.0]]), np.array([20, 30]), 40)
    expected = np.r_[0, np.full(20, 0.5), np.full(10, 3.0), np.full(10, 0.5)]
    np.testing.assert_allclose(by_age[0], expected, rtol=1e-14)


def test_age_groups_keep_their_sums():
    random = np.random.default_rng(2)
    area = random.uniform(0, 1e5, (3, 2, 4, 5))
    limits = np.array([[20, 30, 40, 60], [40, 60, 80, 120], [10, 15, 20, 30], [60, 100, 120, 160]])
    by_age = from_age_groups(area, limits, 200)
    for kind, ends in enumerate(limits):
        edges = [0, *ends, 200]
        for group in range(5):
            part = by_age[..., kind, edges[group] + 1 : edges[group + 1] + 1].sum(axis=-1)
            np.testing.assert_allclose(part, area[..., kind, group], rtol=1e-13)
    np.testing.assert_allclose(by_age.sum(axis=-1), area.sum(axis=-1), rtol=1e-13)


def test_decay_at_another_temperature():
    """0.5 at 10 °C and Q10 2: 0.25 at 0 °C; never more than all."""
    assert at_temperature(0.5, 0.0, 2.0, 10.0) == pytest.approx(0.25)
    assert at_temperature(0.5, 30.0, 2.0, 10.0) == pytest.approx(1.0)


def test_what_cannot_be_is_refused():
    falling = np.array([[0.0, 2.0, 1.0]])
    with pytest.raises(ValueError, match="falls with age"):
        Growth(falling, falling, np.zeros(falling.shape, bool))
    with pytest.raises(ValueError, match="not 0 at age 0"):
        Growth(falling[:, 1:][:, ::-1], falling[:, 1:][:, ::-1], np.zeros((1, 2), bool))
    with pytest.raises(ValueError, match=r"mortality is 1\.2, expected a number from 0 to 1"):
        constants(mortality=1.2)
    with pytest.raises(ValueError, match="more of above than there is"):
        matrix({("above", "products"): 0.7, ("above", "dead_wood"): 0.4})
    with pytest.raises(ValueError, match="what is not moved"):
        matrix({("above", "above"): 0.7})
    with pytest.raises(ValueError, match="either a share of the area or an amount"):
        Event(matrix({("above", "air"): 1.0}), True)
    with pytest.raises(ValueError, match="do not add up to 1"):
        Disturbances(regeneration=np.array([[0.5, 0.4], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="area is -1"):
        state(np.array([[-1.0, 1.0]]))
    with pytest.raises(ValueError, match="expected 5 pools"):
        State(np.ones((1, 3)), np.ones((5, 3)))
    with pytest.raises(ValueError, match="the curves end at age 40, the areas at 2"):
        step(state(np.ones((1, 3))), straight(), constants())
    with pytest.raises(ValueError, match="not rising whole years"):
        from_age_groups(np.ones((1, 3)), np.array([20, 20]), 40)
    with pytest.raises(ValueError, match="3 age groups need 2 limits"):
        from_age_groups(np.ones((1, 3)), np.array([20]), 40)
    with pytest.raises(ValueError, match="1 years of disturbances for 2 years"):
        project(state(np.ones((1, OLDEST + 1))), straight(), constants(), 2, [Disturbances()])
    burn = Event(matrix({("above", "air"): 1.0}), True, share=np.array([0.1]))
    with pytest.raises(ValueError, match="different disturbances by name"):
        project(
            state(np.ones((1, OLDEST + 1))), straight(), constants(), 2,
            [Disturbances(), Disturbances({"fire": burn})],
        )  # fmt: skip


def test_what_a_disturbance_kills():
    """Half is killed: 0.6 of it away, 0.1 to litter, the rest dead wood; half of litter burns."""
    fate = {("above", "products"): 0.6, ("above", "litter"): 0.1, ("litter", "air"): 0.5}
    table = killing(0.5, fate)
    above, below, wood, litter = (POOLS.index(pool) for pool in POOLS[:4])
    assert table[above].ravel() == pytest.approx([0.5, 0, 0.15, 0.05, 0, 0.3, 0])
    assert table[below].ravel() == pytest.approx([0, 0.5, 0.5, 0, 0, 0, 0])
    assert table[litter].ravel() == pytest.approx([0, 0, 0, 0.5, 0, 0, 0.5])
    assert table[wood, wood] == 1
    with pytest.raises(ValueError, match="more than all of what is killed of above"):
        killing(0.5, {("above", "products"): 0.6, ("above", "litter"): 0.5})


# The coefficients


@pytest.fixture(scope="module")
def coefficients():
    """Return the coefficient file; that its sources are known is checked where it is used."""
    path = find_project(Path(__file__)).configs / "models" / "stand_growth.yaml"

    class Sources(dict):
        def __contains__(self, key):
            return isinstance(key, str)

    return read_coefficients(path, Sources())


def by_label(coefficient):
    return {value.labels: value.central for value in coefficient.table}


def curve_of(coefficients, *labels):
    names = ("growth_asymptote", "growth_rate", "growth_shape", "growth_valid_age")
    return Curves(*(np.array([by_label(coefficients[name])[labels]]) for name in names))


def test_the_file_holds_what_the_kernel_takes(coefficients):
    assert list(coefficients) == list(UNITS)
    for name, unit in UNITS.items():
        assert parse_unit(coefficients[name].unit) == parse_unit(unit)
    kinds = by_label(coefficients["growth_asymptote"])
    assert len(kinds) == 20
    for name in ("growth_rate", "growth_shape", "growth_valid_age"):
        assert by_label(coefficients[name]).keys() == kinds.keys()
    assert {label[:2] for label in by_label(coefficients["age_group_limit"])} == kinds.keys()
    fates = by_label(coefficients["disturbance_fate"])
    for disturbance in dict.fromkeys(label[0] for label in fates):
        fate = {label[1:]: share for label, share in fates.items() if label[0] == disturbance}
        table = killing(0.5, fate)
        np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-12)


def test_rates_are_those_of_the_age_of_maturity(coefficients):
    """1.5 over the last year of the near-mature group, to three figures; broadleaves as natural."""
    rates, limits = (by_label(coefficients[n]) for n in ("growth_rate", "age_group_limit"))
    conifers = ("larch", "korean_pine", "spruce_fir", "conifer_mixed")
    for (origin, kind), rate in rates.items():
        if origin == "natural" or kind == "poplar":
            mature = limits[origin, kind, "near_mature"]
            assert rate * mature == pytest.approx(1.5, rel=0.005), (origin, kind)
        elif kind not in conifers:
            assert rate == rates["natural", kind], kind


def test_shape_meets_jilins_age_groups(compare):
    """115 (1 - exp(-1.5 x))^1.2 within 3 t C/ha of each group's density, as the file says."""
    jilin = REFERENCE["jilin_age_groups"]
    density = 100 * np.array(jilin["carbon"]) / np.array(jilin["area"])
    curves = Curves(*(np.array([value]) for value in (115.0, 1.5 / 80, 1.2, 500.0)))
    # groups to 40, 60, 80 and 120 years, the oldest to 160, each at the middle of its years
    middles = [np.arange(low, high) + 0.5 for low, high in pairwise([0, 40, 60, 80, 120, 160])]
    means = [curves.volume(ages).mean() for ages in middles]
    compare(
        "stand_growth",
        "carbon density of five age groups of Jilin's forests",
        means,
        density,
        unit="t C/ha",
        abs=3.0,
        source=jilin["source"],
    )
    share = np.array(jilin["area"]) / np.sum(jilin["area"])
    assert np.dot(means, share) / 115 == pytest.approx(0.575, abs=0.001)


@pytest.mark.parametrize("name", REFERENCE["stands"])
def test_published_stands_lie_within_the_range_of_their_type(coefficients, name, compare):
    """The mean of published over computed carbon is within what the asymptote's range allows."""
    case = REFERENCE["stands"][name]
    age, carbon = np.array(case["stands"]).T
    labels = (case["origin"], case["forest_type"])
    computed = curve_of(coefficients, *labels).volume(age)[0]
    ratio = (carbon * case.get("carbon_fraction", 1.0) / computed).mean()
    found = next(v for v in coefficients["growth_asymptote"].table if v.labels == labels)
    low, high = (end / found.central for end in found.spread.interval)
    compare(
        "stand_growth",
        f"{name.replace('_', ' ')}: mean ratio of {len(age)} stands to the curve, "
        "and the relative range of the curve's asymptote",
        (low, high),
        ratio,
        unit="1",
        contains=True,
        source=case["source"],
    )


def test_planted_korean_pine_grows_fastest_near_29_years(coefficients, compare):
    """Sun 2013, abstract: the yearly increment peaks near 29 years."""
    volume = curve_of(coefficients, "planted", "korean_pine").volume(np.arange(60))[0]
    compare(
        "stand_growth",
        "age of planted Korean pine at its largest yearly increment, middle of the year",
        np.diff(volume).argmax() + 0.5,
        29,
        unit="yr",
        abs=1,
        source="Sun 2013, abstract",
    )
