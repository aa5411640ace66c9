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

from ecoassess.allocation import Allocation, allocate, level
from ecoassess.book import Book
from ecoassess.configuration import Document
from ecoassess.errors import InputError
from ecoassess.run_config import AdoptionPath, Run, RunConfig, Scenario
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
) -> Run:
    title = {"en": "x", "zh": "x"}

    def states(paths: Any) -> Any:
        return {
            name: {
                label: {"knots": knots, "source": "s", "grade": "C"}
                for label, knots in labels.items()
            }
            for name, labels in paths.items()
        }

    scenario = Scenario.model_validate(
        {
            "title": title,
            "baseline": states(baseline),
            "project": states(project),
            "resources": {"straw": {"title": title, "other_uses": other_uses or {}}},
        }
    )
    config = RunConfig.model_construct(on_excess_claim=on_excess)
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
    run = make_run(both(0.1, 0.1), both(0.5, 0.1, 0.3), {"maize": {"feed": 0.3}}, "curtail")
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
    found = allocation(make_run(both(0.1, 0.1), both(0.9, 0.8), uses, "curtail"))
    share = found.claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == pytest.approx(0.7)
    assert share["project", "rice", "straw"] == pytest.approx(0.4)


def test_other_uses_that_take_all_leave_nothing() -> None:
    run = make_run(both(0.1, 0.1), both(0.5, 0.1), {"maize": {"feed": 1.0}}, "curtail")
    share = allocation(run).claims.set_index(["state", "label", "use"])["share"]
    assert share["project", "maize", "straw"] == 0


def test_states_must_name_the_same_labels() -> None:
    project = both(0.1, 0.1)
    project["straw_share"]["wheat"] = one(0.1)
    with pytest.raises(InputError, match="a path for each label"):
        allocation(make_run(both(0.1, 0.1), project))


def test_an_absent_adoption_is_named_for_both_states() -> None:
    paths = {"straw_share": {"maize": one(0.1)}}
    with pytest.raises(InputError) as caught:
        allocation(make_run(paths, paths))
    assert [p.what for p in caught.value.problems] == [
        "the baseline says nothing about 'pellet_share'",
        "the project says nothing about 'pellet_share'",
    ]


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
