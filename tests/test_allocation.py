"""Adoption paths and claims by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecoassess.allocation import Allocation, allocate
from ecoassess.book import Book
from ecoassess.configuration import Document
from ecoassess.errors import InputError
from ecoassess.run_config import Run, RunConfig
from ecoassess.scenario import AdoptionPath, Scenario, level
from ecoassess.technology import Component, Technology
from ecoassess.units import Unit
from ecoassess.variables import Variable

Share = Annotated[xr.DataArray, Unit("1")]


def path(knots: dict[str, float]) -> AdoptionPath:
    return AdoptionPath(knots=knots, source="s", grade="C")


@pytest.mark.parametrize(
    ("year", "share"),
    [
        (2019, 0.0),  # before the first knot
        (2020, 0.2),
        (2022, 0.3),  # 0.2 + 2 · (0.6 − 0.2) / 8
        (2025, 0.45),
        (2028, 0.6),
        (2040, 0.6),  # constant after the last
    ],
)
def test_levels_are_straight_between_knots(year: int, share: float) -> None:
    found = level(path({"2020": 0.2, "2028": 0.6}), np.array([year]))
    assert found[0] == pytest.approx(share)


@given(
    first=st.floats(0, 1),
    second=st.floats(0, 1),
    year=st.integers(1990, 2050),
)
def test_levels_stay_between_their_knots(first: float, second: float, year: int) -> None:
    found = level(path({"2010": first, "2030": second}), np.array([year]))[0]
    if year < 2010:
        assert found == 0
    else:
        assert min(first, second) - 1e-12 <= found <= max(first, second) + 1e-12


@pytest.mark.parametrize(
    "knots",
    [{"2020": 35.0}, {"2020": -0.1}, {"20": 0.1}, {"next": 0.1}, {"2030": 0.1, "2020": 0.2}, {}],
)
def test_impossible_paths_are_refused(knots: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        path(knots)


def straw(straw_share: Share) -> dict[str, xr.DataArray]:
    """Use straw."""
    return {"straw": straw_share}


def pellets(pellet_share: Share) -> dict[str, xr.DataArray]:
    """Use straw too."""
    return {"pellets": pellet_share}


def straw_and_pellets(straw_share: Share, pellet_share: Share) -> dict[str, xr.DataArray]:
    """Use straw in two ways."""
    return {"straw": straw_share + pellet_share}


def technology(function: Any, argument: str) -> Technology:
    component = Component("t CO2/yr", basis="effect", account="removal", zh="x")
    return Technology(
        function.__name__,
        function,
        "x",
        sector="x",
        components={"c": component},
        adopts=(argument,),
        claims={"straw": (argument,)},
    )


def variable(by: str | None) -> Variable:
    return Variable(en="x", zh="x", unit="1", kind="intensive", by=by, adoption=True, range=[0, 1])


VARIABLES = {"straw_share": variable("crop"), "pellet_share": variable("crop")}
TECHNOLOGIES = [technology(straw, "straw_share"), technology(pellets, "pellet_share")]


def make_run(
    baseline: dict[str, dict[str, dict[str, float]]],
    project: dict[str, dict[str, dict[str, float]]],
    other_uses: dict[str, dict[str, float]] | None = None,
    on_excess: str = "refuse",
    rule: str | None = None,
    exogenous: Any = None,
) -> Run:
    title = {"en": "x", "zh": "x"}

    def states(paths: Any) -> Any:
        return {
            name: {
                label: {"knots": knots, "source": "s", "grade": "C"}
                if "knots" not in knots
                else {"source": "s", "grade": "C", **knots}
                for label, knots in labels.items()
            }
            for name, labels in paths.items()
        }

    scenario = Scenario.model_validate(
        {
            "title": title,
            "baseline": states(baseline),
            "project": states(project),
            "exogenous": exogenous or {},
            "resources": {
                "straw": {"title": title, "other_uses": other_uses or {}, "on_excess": rule}
            },
        }
    )
    config = RunConfig.model_construct(
        on_excess_claim=on_excess, counties={"1": None, "2": None}, neighbours={}
    )
    document = Document(Path("scenario.yaml"), {}, {})
    return Run(Path("run.yaml"), config, scenario, document, document)


def one(share: float) -> dict[str, float]:
    return {"2020": share}


def both(maize: float, rice: float, pellets_maize: float = 0.0) -> Any:
    return {
        "straw_share": {"maize": one(maize), "rice": one(rice)},
        "pellet_share": {"maize": one(pellets_maize), "rice": one(0.0)},
    }


def allocation(run: Run, year: int = 2024) -> Allocation:
    return allocate(run, TECHNOLOGIES, Book({}, {}, VARIABLES, {}, {}), year)


def test_cohorts_are_what_each_year_adds() -> None:
    """0.2 in 2020, up to 0.5 in 2023, then down to 0.4 in 2024 (a falling share)."""
    paths = both(0.0, 0.0)
    rising = {
        **paths,
        "straw_share": {"maize": {"2020": 0.2, "2023": 0.5, "2024": 0.4}, "rice": one(0.0)},
    }
    found = allocation(make_run(paths, rising)).adoption["project"]["straw_share"]
    assert list(found["cohort"].values) == [2020, 2021, 2022, 2023, 2024]
    np.testing.assert_allclose(found.sel(crop="maize"), [0.2, 0.1, 0.1, 0.1, -0.1])
    np.testing.assert_allclose(found.sel(crop="rice"), 0)


def test_cohorts_reach_back_to_the_first_knot_of_both_states() -> None:
    baseline = {
        "straw_share": {"maize": {"2015": 0.1}, "rice": one(0.0)},
        "pellet_share": {"maize": one(0.0), "rice": one(0.0)},
    }
    found = allocation(make_run(baseline, both(0.3, 0.0))).adoption
    for state in ("baseline", "project"):
        assert found[state]["straw_share"]["cohort"].values[0] == 2015
    np.testing.assert_allclose(found["baseline"]["straw_share"].sel(crop="maize")[0], 0.1)
    np.testing.assert_allclose(found["project"]["straw_share"].sel(crop="maize", cohort=2020), 0.3)


@given(shares=st.lists(st.floats(0, 1), min_size=2, max_size=5), year=st.integers(2020, 2040))
def test_cohorts_add_up_to_the_level(shares: list[float], year: int) -> None:
    knots = {str(2020 + 3 * i): share for i, share in enumerate(shares)}
    paths = both(0.0, 0.0)
    project = {**paths, "straw_share": {"maize": knots, "rice": one(0.0)}}
    found = allocation(make_run(paths, project), year).adoption["project"]["straw_share"]
    total = float(found.sel(crop="maize").sum("cohort"))
    assert total == pytest.approx(level(path(knots), np.array([year]))[0], abs=1e-12)


def test_claims_beyond_the_supply_are_refused() -> None:
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.3), {"maize": {"feed": 0.3}})
    with pytest.raises(InputError) as caught:
        allocation(run)
    (problem,) = caught.value.problems
    assert problem.what == "more straw is claimed than there is (project, maize)"
    assert problem.found == "1.100 of the supply: straw 0.500, pellets 0.300, feed 0.300"


def test_claims_up_to_the_supply_pass() -> None:
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.2), {"maize": {"feed": 0.3}})
    assert allocation(run).claims.query("state == 'project' and label == 'maize'")[
        "share"
    ].sum() == pytest.approx(1.0)


def test_curtailing_leaves_other_uses_and_other_labels_alone() -> None:
    """0.7 is left of maize straw for claims of 0.5 and 0.3: each keeps 0.7 / 0.8."""
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.3), {"maize": {"feed": 0.3}}, "proportional")
    found = allocation(run)
    share = found.claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.4375)
    assert share["project", "maize", "pellets"] == pytest.approx(0.2625)
    assert share["project", "maize", "feed"] == 0.3
    assert share["project", "rice", "straw"] == pytest.approx(0.1)
    assert share["baseline", "maize", "straw"] == pytest.approx(0.1)
    adopted = found.adoption["project"]["straw_share"]
    assert adopted.dims == ("cohort", "crop")
    assert float(adopted.sel(crop="maize").sum()) == pytest.approx(0.4375)
    assert float(adopted.sel(crop="rice").sum()) == pytest.approx(0.1)


def test_shares_of_one_technology_add_up_to_its_claim() -> None:
    both_shares = replace(
        TECHNOLOGIES[0],
        adopts=("straw_share", "pellet_share"),
        claims={"straw": ("straw_share", "pellet_share")},
        function=straw_and_pellets,
    )
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.2))
    claims = allocate(run, [both_shares], Book({}, {}, VARIABLES, {}, {}), 2024).claims
    share = claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.7)


def test_every_label_is_curtailed() -> None:
    """Both crops are over-claimed: 0.7 and 0.4 are left."""
    uses = {"maize": {"feed": 0.3}, "rice": {"feed": 0.6}}
    found = allocation(make_run(both(0.1, 0.1), both(0.9, 0.8), uses, "proportional"))
    share = found.claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.7)
    assert share["project", "rice", "straw"] == pytest.approx(0.4)


def test_other_uses_that_take_all_leave_nothing() -> None:
    run = make_run(both(0.1, 0.1), both(0.5, 0.1), {"maize": {"feed": 1.0}}, "proportional")
    share = allocation(run).claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == 0


def test_states_must_name_the_same_labels() -> None:
    project = both(0.1, 0.1)
    project["straw_share"]["wheat"] = one(0.1)
    with pytest.raises(InputError, match="a path for each label"):
        allocation(make_run(both(0.1, 0.1), project))


def test_an_adoption_that_the_baseline_lacks_is_named() -> None:
    paths = {"straw_share": {"maize": one(0.1), "rice": one(0.1)}}
    with pytest.raises(InputError) as caught:
        allocation(make_run(paths, paths))
    assert [p.what for p in caught.value.problems] == [
        "the baseline says nothing about 'pellet_share'"
    ]


def test_what_the_project_does_not_name_is_as_in_the_baseline() -> None:
    """Only the straw of rice changes; maize and pellets are the baseline's, and the reason is."""
    found = allocation(make_run(both(0.1, 0.1, 0.2), {"straw_share": {"rice": one(0.3)}}))
    shares = found.adoption["project"]["straw_share"].sum("cohort")
    assert shares.sel(crop="rice") == pytest.approx(0.3)
    assert shares.sel(crop="maize") == pytest.approx(0.1)
    assert list(found.unchanged) == ["pellet_share"]


def test_practices_that_exclude_each_other_cover_no_more_than_everything() -> None:
    """0.7 and 0.2 grow to 0.7 and 0.4 in 2023: refused, with the year."""
    shares = {
        "straw_share": {"maize": {"2020": 0.7}, "rice": {"2020": 0.2, "2023": 0.4}},
        "pellet_share": {"maize": one(0.0), "rice": one(0.0)},
    }
    exclusive = VARIABLES["straw_share"].model_copy(update={"exclusive": True})
    apart = {**VARIABLES, "straw_share": exclusive}
    book = Book({}, {}, apart, {}, {})
    with pytest.raises(InputError, match=r"cover more than everything[\s\S]*1\.100 in 2023"):
        allocate(make_run(shares, shares), TECHNOLOGIES, book, 2024)
    assert allocate(make_run(shares, shares), TECHNOLOGIES, book, 2020).cohort[-1] == 2020


def test_years_in_which_nothing_changes_are_no_cohorts() -> None:
    paths = both(0.1, 0.1)
    later = {**paths, "straw_share": {"maize": {"2020": 0.1, "2022": 0.1, "2023": 0.4}}}
    later["straw_share"]["rice"] = one(0.1)
    found = allocation(make_run(paths, later), 2025)
    assert list(found.cohort) == [2020, 2023, 2025]


def in_county(maize: float, county: float, pellets_maize: float = 0.0) -> Any:
    """Return a state in which county 2 has a path of its own for the straw of maize."""
    paths = both(maize, 0.1, pellets_maize)
    paths["straw_share"]["maize"] = {
        "knots": {"2020": maize},
        "counties": {"2": {"knots": {"2020": 0.0, "2024": county}}},
    }
    return paths


def test_a_county_has_a_path_of_its_own() -> None:
    """Everywhere 0.3 from 2020 on, but in county 2 0.1 more each year up to 0.4 in 2024."""
    found = allocation(make_run(both(0.1, 0.1), in_county(0.3, 0.4))).adoption
    assert found["baseline"]["straw_share"].dims == ("cohort", "crop")
    shares = found["project"]["straw_share"]
    assert list(shares["adcode"].values) == ["1", "2"]
    np.testing.assert_allclose(shares.sel(adcode="1", crop="maize"), [0.3, 0, 0, 0, 0])
    np.testing.assert_allclose(shares.sel(adcode="2", crop="maize"), [0, 0.1, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(shares.sel(crop="rice").sum("cohort"), 0.1)


def test_claims_are_counted_county_by_county() -> None:
    """0.5 + 0.2 + feed 0.3 is all there is; in county 2 0.9 + 0.2 + 0.3 is not."""
    with pytest.raises(InputError) as caught:
        allocation(make_run(both(0.1, 0.1), in_county(0.5, 0.9, 0.2), {"maize": {"feed": 0.3}}))
    (problem,) = caught.value.problems
    assert problem.what == "more straw is claimed than there is (project, maize, 2)"
    assert problem.found == "1.400 of the supply: straw 0.900, pellets 0.200, feed 0.300"


def test_only_the_county_that_claims_too_much_is_cut() -> None:
    """In county 2 0.7 is left for 0.9 + 0.2: straw gets 0.7 · 0.9 / 1.1, pellets the rest."""
    uses = {"maize": {"feed": 0.3}}
    run = make_run(both(0.1, 0.1), in_county(0.5, 0.9, 0.2), uses, rule="proportional")
    found = allocation(run)
    claims = found.claims.query("state == 'project' and label == 'maize'")
    given = claims.set_index(["adcode", "use"])
    assert given["share"]["1", "straw"] == pytest.approx(0.5)
    assert given["share"]["2", "straw"] == pytest.approx(0.7 * 0.9 / 1.1)
    assert given["share"]["2", "pellets"] == pytest.approx(0.7 * 0.2 / 1.1)
    assert given["claimed"]["2", "straw"] == pytest.approx(0.9)
    assert set(claims["rule"]) == {"proportional"}
    assert found.curtailed["straw_share"] == "cut to what is left of straw (maize, 2, project)"
    level_of_2 = found.adoption["project"]["straw_share"].sel(adcode="2", crop="maize")
    assert float(level_of_2.sum()) == pytest.approx(0.7 * 0.9 / 1.1)


def test_those_later_in_the_list_are_cut_first() -> None:
    """0.7 is left: straw, first in the list, has its 0.5; pellets want 0.3 and get 0.2."""
    uses = {"maize": {"feed": 0.3}}
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.3), uses, rule="order")
    share = allocation(run).claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.5)
    assert share["project", "maize", "pellets"] == pytest.approx(0.2)


def test_a_share_is_cut_in_the_years_in_which_too_much_is_claimed() -> None:
    """0.7 is left of which straw takes 0.4 in 2020, rising to 0.8 in 2024: 0.7 from 2023 on."""
    paths = both(0.1, 0.1)
    rising = {**paths, "straw_share": {"maize": {"2020": 0.4, "2024": 0.8}, "rice": one(0.1)}}
    run = make_run(paths, rising, {"maize": {"feed": 0.3}}, rule="order")
    added = allocation(run).adoption["project"]["straw_share"].sel(crop="maize")
    np.testing.assert_allclose(added, [0.4, 0.1, 0.1, 0.1, 0.0], atol=1e-12)


def test_amounts_that_are_taken_come_before_claims_that_are_cut() -> None:
    """Feed 0.3 and an amount of 0.25 leave 0.45 of the maize straw; of rice nothing is taken."""
    run = make_run(both(0.1, 0.1), both(0.9, 0.1), {"maize": {"feed": 0.3}}, rule="proportional")
    book = Book({}, {}, VARIABLES, {}, {})
    taken = {("project", "straw", "maize"): 0.25}
    share = allocate(run, TECHNOLOGIES, book, 2024, taken).claims.set_index(
        ["state", "label", "use"]
    )["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.45)
    assert share["project", "rice", "straw"] == pytest.approx(0.1)
    assert share["baseline", "maize", "straw"] == pytest.approx(0.1)


def test_parts_of_a_resource_may_have_dimensions_of_other_names() -> None:
    """Land is a planting site to one technology and a solar site to another, of fewer labels."""
    variables = {"straw_share": variable("crop"), "pellet_share": variable("stalk")}
    project = {
        "straw_share": {"maize": one(0.6), "rice": one(0.1)},
        "pellet_share": {"maize": one(0.6)},
    }
    run = make_run({**project, "straw_share": both(0.1, 0.1)["straw_share"]}, project, rule="order")
    found = allocate(run, TECHNOLOGIES, Book({}, {}, variables, {}, {}), 2024)
    share = found.claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "pellets"] == pytest.approx(0.4)
    assert ("project", "rice", "pellets") not in share.index
    assert found.adoption["project"]["pellet_share"].dims == ("cohort", "stalk")


def test_a_county_that_the_run_does_not_have_is_named() -> None:
    paths = in_county(0.3, 0.4)
    paths["straw_share"]["maize"]["counties"]["9"] = {"knots": {"2020": 0.1}}
    with pytest.raises(InputError, match=r"no such county in the run\s+found: 9\s+expected: 1, 2"):
        allocation(make_run(both(0.1, 0.1), paths))


@pytest.mark.parametrize("name", ["straw_share", "age", "gwp_100", "nothing", "straw/nothing"])
def test_what_has_no_exogenous_path_is_refused(name: str) -> None:
    """Adoption, ages, what the ledger takes, and what is not there."""
    age = Variable(en="x", zh="x", unit="yr", kind="intensive", cohort_age=True, range=[0, 1])
    book = Book({}, {}, {**VARIABLES, "age": age}, {}, {})
    course = {name: {"base_year": 2020, "knots": one(1.0), "source": "s", "grade": "C"}}
    with pytest.raises(InputError, match="an exogenous path moves data or coefficients"):
        allocate(make_run(both(0.1, 0.1), {}, exogenous=course), TECHNOLOGIES, book, 2024)


def test_an_exogenous_path_gives_the_factor_of_the_year() -> None:
    """From 1 in 2020 to 0.6 in 2028: 0.8 in 2024."""
    herd = Variable(en="x", zh="x", unit="1", kind="intensive", statistic="herd", range=[0, 1])
    book = Book({}, {}, {**VARIABLES, "herd": herd}, {}, {})
    knots = {"2020": 1.0, "2028": 0.6}
    course = {"herd": {"base_year": 2020, "knots": knots, "source": "s", "grade": "C"}}
    run = make_run(both(0.1, 0.1), {}, exogenous=course)
    found = allocate(run, TECHNOLOGIES, book, 2024)
    assert list(found.exogenous) == ["herd"]
    assert found.exogenous["herd"].since(np.array([np.nan])) == pytest.approx(0.8)
