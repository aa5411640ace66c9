"""What every technology and model keeps, whatever its equation.

Nothing here names one: each test runs over all that are discovered, with all their methods.
The first part works on small made-up quantities, drawn from the declared ranges of the variables;
the second on the configured run.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ecoassess import ledger
from ecoassess.activity import Field
from ecoassess.assessment import Outcome, Runner
from ecoassess.book import Book
from ecoassess.calendar import Month
from ecoassess.coefficients import central_values
from ecoassess.derived import FUNCTIONS, SEASON_MODEL, SEASON_UNITS
from ecoassess.equation import Equation, discover_models
from ecoassess.errors import RunError
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.run import Session
from ecoassess.sampling import LatinHypercube
from ecoassess.technology import Technology, discover
from ecoassess.units import magnitude, quantify
from ecoassess.variables import Variable
from ecoassess.verification import verify

PROJECT = find_project(Path(__file__))
TECHNOLOGIES = discover(PROJECT)
EQUATIONS: dict[str, Equation] = {**TECHNOLOGIES, **discover_models(PROJECT)}
MONTH = Month(2024, 6)
COUNTIES = ["222401", "222404", "231086"]
ATOMS = np.arange(1, len(COUNTIES) + 1)
DRAWS = 4
SAMPLE = LatinHypercube(DRAWS, 20240601)
COHORTS = np.array([1995, 2010, 2018, 2024])
ADDED = {"baseline": [0.2, 0.0, 0.0, 0.0], "project": [0.2, 0.3, -0.1, 0.15]}
"""Shares added in each cohort; one falls."""


def variants() -> Iterator[Any]:
    """Yield each technology and model with each choice of its methods.

    Where more than one method differs from its default the choice is a slow one.
    """
    for name, equation in EQUATIONS.items():
        defaults = [options[0] for options in equation.methods.values()]
        for choice in itertools.product(*equation.methods.values()):
            differ = sum(one != default for one, default in zip(choice, defaults, strict=True))
            yield pytest.param(
                equation,
                dict(zip(equation.methods, choice, strict=True)),
                id="-".join([name, *choice]),
                marks=[pytest.mark.by_hand] if differ > 1 else [],
            )


@pytest.fixture(scope="module")
def opened() -> Session:
    return open_run(PROJECT, PROJECT.configs / "runs" / "yanbian.yaml", MONTH)


@dataclass(frozen=True)
class World:
    """Three atoms with made-up data, on which an equation can be evaluated."""

    equation: Equation
    runner: Runner

    @cached_property
    def arguments(self) -> dict[str, Any]:
        return self.runner.arguments(self.equation, frozenset(self.runner.book.variables))

    def result(self, **changed: Any) -> dict[str, xr.DataArray]:
        """Return the equation's result as plain numbers in the declared units."""
        found = self.equation(**{**self.arguments, **changed})
        return {name: magnitude(found[name], unit) for name, unit in self.equation.outputs.items()}

    def data(self, kind: str | None = None) -> list[str]:
        """Return the arguments that are data or results of models, of one kind or all."""
        variables = self.runner.book.variables
        return [
            name
            for name in self.equation.arguments
            if name in variables
            and not variables[name].adoption
            and not variables[name].cohort_age
            and kind in (None, variables[name].kind)
        ]

    def outcome(self) -> Outcome:
        assert isinstance(self.equation, Technology)
        return self.runner.evaluate(self.equation)


def make_world(
    session: Session, equation: Equation, methods: dict[str, str], attempt: int
) -> World:
    """Draw data from the ranges of the variables; another `attempt` draws others."""
    config = session.run.config.model_copy(
        update={"draws": DRAWS, "methods": {**session.run.config.methods, equation.name: methods}}
    )
    variables, book = session.variables, session.book
    monthly = np.linspace(-15, 22, 12) + np.zeros((len(COUNTIES), 1))
    of_month = {"adcode": COUNTIES, "month": np.arange(1, 13)}
    climate = SimpleNamespace(
        zone=_zones(equation, book),
        temperature=xr.DataArray(monthly, of_month, dims=("adcode", "month")),
        precipitation=xr.DataArray(monthly + 40, of_month, dims=("adcode", "month")),
        irradiation=xr.DataArray(monthly + 80, of_month, dims=("adcode", "month")),
    )
    values: dict[str, xr.DataArray] = {}
    months = set()
    if isinstance(equation, Technology):
        months = {c.month_share for c in equation.components.values() if c.month_share}
    adoption: dict[str, dict[str, xr.DataArray]] = {"baseline": {}, "project": {}}
    for name in [*book.variables_behind(equation), *months]:
        variable = variables[name]
        if variable.cohort_age:
            continue
        if variable.adoption:
            labels = _labels(session, name, variable.by)
            for state, added in ADDED.items():
                array = xr.DataArray(added, dims="cohort", coords={"cohort": COHORTS})
                if variable.by:
                    array = array.expand_dims({variable.by: labels}, axis=1)
                adoption[state][name] = array / len(labels) if variable.exclusive else array
        else:
            values[name] = _values(session, name, variable, climate, attempt)
    activity = SimpleNamespace(
        config=config,
        month=MONTH,
        atom=ATOMS,
        adcode=np.array(COUNTIES),
        climate=climate,
        present={},
        errors=None,
        field=lambda name: Field(values[name], ["measured"] * 3, ["A"] * 3, [""] * 3, {}),
        first_group=lambda groups: [groups[0]] * len(ATOMS),
    )
    allocation = SimpleNamespace(
        adoption=adoption, cohort=COHORTS, unchanged={}, curtailed={}, exogenous={}
    )
    technologies = with_those_before(equation, book) if isinstance(equation, Technology) else []
    return World(equation, Runner(book, technologies, activity, allocation, SAMPLE))


def with_those_before(technology: Technology, book: Book) -> list[Technology]:
    """Return a technology alone, a joint one after another that adopts all it rests on."""
    if not technology.joint:
        return [technology]
    adopts = tuple(sorted(book.adoptions_behind(technology)))
    return [replace(technology, name="those before", joint=False, adopts=adopts), technology]


def _zones(equation: Equation, book: Book) -> dict[str, str]:
    """Give each county a climate zone that the coefficients know."""
    tables = [
        coefficient.labels["climate_zone"]
        for one in book.behind(equation)
        for name in one.arguments
        if (coefficient := book.coefficient(one.name, name))
        and "climate_zone" in coefficient.entry.dimensions
    ]
    known = sorted(set.intersection(*map(set, tables))) if tables else ["cool_temperate_dry"]
    return dict(zip(COUNTIES, itertools.cycle(known), strict=False))


def _labels(session: Session, name: str, dimension: str | None) -> list[str]:
    """Return the labels of a dimension as statistics, coefficients or the scenario give them."""
    if dimension is None:
        return ["any"]
    known = session.book.labels(dimension) or list(session.run.scenario.baseline.get(name, {}))
    assert known, f"nothing names the labels of {dimension}"
    return known


def _values(
    session: Session,
    name: str,
    variable: Variable,
    climate: Any,
    attempt: int,
) -> xr.DataArray:
    if variable.derived:
        seasons = central_values(SEASON_MODEL, session.kernels[SEASON_MODEL], SEASON_UNITS)
        array = FUNCTIONS[variable.derived](climate, MONTH, seasons)
        array = array.rename(adcode="atom").assign_coords(atom=ATOMS)
        return quantify(array, variable.unit)
    low, high = variable.range
    place = 0.05 + 0.9 * LatinHypercube(1, attempt).uniform(name)[0]
    atoms = [0.01, 0.025, 0.006] if variable.kind == "extensive" else [1.0, 0.9, 0.8]
    array = xr.DataArray(
        low + (high - low) * place * np.array(atoms), dims="atom", coords={"atom": ATOMS}
    )
    if variable.by:
        labels = _labels(session, name, variable.by)
        factors = 1 / (1 + 0.5 * np.arange(len(labels)))
        array = array * xr.DataArray(factors, dims=variable.by, coords={variable.by: labels})
    if variable.aged:
        age = np.arange(1, 61)
        array = array * xr.DataArray(1 / age, dims="age", coords={"age": age})
        array = array * xr.DataArray(np.linspace(0.9, 1.1, DRAWS + 1), dims="draw")
    if variable.simulated and variable.monthly:
        array = array * xr.DataArray(
            np.linspace(0.5, 1, 12), dims="month", coords={"month": np.arange(1, 13)}
        )
    return quantify(array, variable.unit)


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    return {}


@pytest.fixture
def world(
    opened: Session,
    equation: Equation,
    methods: dict[str, str],
    worlds: dict[str, World],
    request: pytest.FixtureRequest,
) -> World:
    """The first made-up data that the equation's own checks accept."""
    key = request.node.callspec.id
    for attempt in range(200):
        if key in worlds:
            break
        candidate = make_world(opened, equation, methods, attempt)
        try:
            candidate.result()
            if isinstance(equation, Technology):
                candidate.outcome()
        except RunError:
            continue
        worlds[key] = candidate
    assert key in worlds, "no made-up data within the ranges of the variables were accepted"
    return worlds[key]


def same(one: Mapping[str, xr.DataArray], other: Mapping[str, xr.DataArray]) -> None:
    assert set(one) == set(other)
    for name, array in one.items():
        assert set(array.dims) == set(other[name].dims), name
        np.testing.assert_allclose(
            array.values,
            other[name].transpose(*array.dims).values,
            rtol=1e-9,
            atol=1e-12 * max(1.0, float(np.nanmax(np.abs(array.values), initial=0))),
            err_msg=name,
        )


def with_units(value: xr.DataArray, change: Any) -> xr.DataArray:
    """Return `value` with its quantity changed by a function."""
    return value.copy(data=change(value.data))


def arrays(world: World) -> dict[str, xr.DataArray]:
    return {n: v for n, v in world.arguments.items() if isinstance(v, xr.DataArray)}


def elsewhere(value: xr.DataArray) -> xr.DataArray:
    """Return the same quantity in another unit of its kind."""
    return with_units(
        value, lambda q: q.to("percent") if q.units.dimensionless else q.to_base_units()
    )


every_variant = pytest.mark.parametrize(("equation", "methods"), list(variants()))
every_technology_variant = pytest.mark.parametrize(
    ("equation", "methods"), [v for v in variants() if isinstance(v.values[0], Technology)]
)
every_equation = pytest.mark.parametrize("equation", list(EQUATIONS.values()), ids=list(EQUATIONS))
every_technology = pytest.mark.parametrize(
    "technology", list(TECHNOLOGIES.values()), ids=list(TECHNOLOGIES)
)


@every_variant
def test_gives_finite_results_for_complete_data(world: World) -> None:
    found = world.result()
    for name, array in found.items():
        label = [d for d in array.dims if d not in ("draw", "atom", "month")]
        # An equation may not hold for a label at all, such as a Tier 2 one for poultry.
        holds = array.notnull().any([d for d in array.dims if d not in label])
        assert holds.any(), name
        assert np.isfinite(array.where(holds, 0).values).all(), name
    assert any((array.values != 0).any() for array in found.values())


@every_variant
def test_idle_arguments_have_no_part_in_the_result(world: World, methods: dict[str, str]) -> None:
    equation = world.equation
    options = {option for choice in equation.methods.values() for option in choice}
    assert set(equation.only_with) <= options
    assert {n for names in equation.only_with.values() for n in names} <= set(equation.arguments)
    idle = equation.idle({equation.name: methods})
    missing = {
        name: with_units(world.arguments[name], lambda q: q * np.nan)
        for name in idle
        if isinstance(world.arguments[name], xr.DataArray)
    }
    same(world.result(), world.result(**missing))


@every_variant
def test_inputs_are_not_changed(world: World) -> None:
    before = {name: value.copy(deep=True) for name, value in arrays(world).items()}
    world.result()
    for name, value in arrays(world).items():
        assert value.data.units == before[name].data.units, name
        np.testing.assert_array_equal(value.data.magnitude, before[name].data.magnitude)
        assert list(value.coords) == list(before[name].coords), name


@pytest.mark.slow
@every_variant
def test_an_input_in_another_unit_gives_the_same(world: World) -> None:
    expected = world.result()
    others = {name: elsewhere(value) for name, value in arrays(world).items()}
    same(expected, world.result(**others))
    for name, value in others.items():
        same(expected, world.result(**{name: value}))


@every_variant
def test_an_input_of_another_kind_is_refused(world: World) -> None:
    """Units are not decoration: data of a wrong dimension stop the technology or its checks."""
    for name in world.data("extensive"):
        if not matters(world, name, world.arguments[name] * 1.5):
            continue  # the chosen methods do without it
        wrong = with_units(arrays(world)[name], lambda q: q * q.units)
        with pytest.raises(Exception, match=r"[Cc]annot (convert|compare)|dimension|unit"):
            world.result(**{name: wrong})


@every_variant
def test_results_follow_extensive_data(world: World) -> None:
    factor = 3.0
    scaled = [name for name in world.data("extensive") if name not in not_linear_in(world.equation)]
    more = world.result(**{name: world.arguments[name] * factor for name in scaled})
    extensive = {
        name
        for name in world.equation.outputs
        if isinstance(world.equation, Technology)
        or world.runner.book.variables[name].kind == "extensive"
    }
    assert scaled or not extensive or not_linear_in(world.equation)
    expected = {n: a * (factor if n in extensive else 1) for n, a in world.result().items()}
    same(expected, more)


def not_linear_in(equation: Equation) -> tuple[str, ...]:
    return equation.not_linear_in if isinstance(equation, Technology) else ()


@every_technology_variant
def test_equal_states_have_no_effect(world: World) -> None:
    allocation = world.runner.allocation
    assert isinstance(world.equation, Technology)
    if world.equation.basis == "inventory":
        assert not allocation.adoption["project"], "an inventory does not hang on adoption"
        return
    runner = Runner(
        world.runner.book,
        with_those_before(world.equation, world.runner.book),
        world.runner.activity,
        SimpleNamespace(
            adoption=dict.fromkeys(("baseline", "project"), allocation.adoption["project"]),
            cohort=allocation.cohort,
            unchanged={},
            curtailed={},
            exogenous={},
        ),
        SAMPLE,
    )
    for name, amount in runner.evaluate(world.equation).amounts.items():
        assert (amount.values == 0).all(), name
    assert any((a.values != 0).any() for a in world.outcome().amounts.values())


@every_variant
def test_missing_data_gives_missing_never_zero(world: World) -> None:
    if not world.data():
        pytest.skip("it takes no data")
    nothing = {name: world.arguments[name] * np.nan for name in world.data()}
    for name, array in world.result(**nothing).items():
        assert np.isnan(array.values).all(), name


@every_variant
def test_missing_data_stay_in_their_atom(world: World) -> None:
    if not world.data():
        pytest.skip("it takes no data")
    expected = world.result()
    hole = xr.DataArray([1.0, np.nan, 1.0], dims="atom", coords={"atom": ATOMS})
    holed = world.result(**{name: world.arguments[name] * hole for name in world.data()})
    for name, array in holed.items():
        assert np.isnan(array.sel(atom=2).values).all(), name
        same(
            {name: expected[name].sel(atom=[1, 3])},
            {name: array.sel(atom=[1, 3])},
        )


@pytest.mark.slow
@every_variant
def test_a_missing_label_is_not_counted_as_zero(world: World) -> None:
    for name in world.data():
        value = world.arguments[name]
        for dimension in set(value.dims) - {"atom", "month", "draw"}:
            for label in value[dimension].values:
                here = value[dimension] == label
                if not matters(world, name, value * xr.where(here, 1.5, 1.0)):
                    continue  # such as maize for a paddy
                totals = [
                    array.sum(set(array.dims) - {"draw", "atom"}, skipna=False).values
                    for array in world.result(**{name: value.where(~here)}).values()
                ]
                assert any(np.isnan(total).all() for total in totals), (name, label)


def matters(world: World, name: str, other: xr.DataArray) -> bool:
    """Return whether another value of an argument changes the result, or is refused."""
    try:
        found = world.result(**{name: other})
    except RunError:
        return True
    return any(
        not np.allclose(array, found[one], rtol=1e-12, atol=0, equal_nan=True)
        for one, array in world.result().items()
    )


@every_variant
def test_widths_of_zero_give_the_central_result(world: World) -> None:
    central = {
        name: value.isel(draw=[0] * (DRAWS + 1)).assign_coords(draw=value["draw"])
        for name, value in arrays(world).items()
        if "draw" in value.dims
    }
    assert central
    expected, narrow = world.result(), world.result(**central)
    for name, array in narrow.items():
        if "draw" not in array.dims:
            continue
        for draw in range(DRAWS + 1):
            same(
                {name: expected[name].isel(draw=0, drop=True)},
                {name: array.isel(draw=draw, drop=True)},
            )


def potentials(session: Session) -> dict[str, float]:
    """Return the warming potentials of the run's set."""
    chosen = session.book.shared["gwp_100"].select({"gwp": session.run.config.choices["gwp"]})
    return {value.labels[0]: value.central for value in chosen.table}


@every_technology_variant
def test_components_add_up_to_the_net(world: World, opened: Session) -> None:
    components = world.equation.components
    found = list(ledger.lines(world.outcome(), potentials(opened)))
    whole = {line.component: line for line in found if ":" not in line.component}
    for line in found:
        if line.component != ledger.NET:
            assert components[line.component.split(":")[0]].basis == line.basis
    assert {line.boundary for line in found if line.component == ledger.NET} == set(
        world.equation.nets
    )
    for boundary in {c.boundary for c in components.values()}:
        members = [
            whole[name].amount
            for name, c in components.items()
            if c.kind == "flux" and c.boundary == boundary and c.warms
        ]
        nets = [
            line.amount
            for line in found
            if line.component == ledger.NET and line.boundary == boundary
        ]
        assert len(nets) == bool(members)
        if members:
            np.testing.assert_allclose(nets[0], sum(members), rtol=1e-12)
    for name in components:
        parts = [line.amount for line in found if line.component.startswith(f"{name}:")]
        if parts:
            np.testing.assert_allclose(whole[name].amount, sum(parts), rtol=1e-9)


@every_technology_variant
def test_months_add_up_to_the_year(world: World, opened: Session) -> None:
    gwp = potentials(opened)
    outcome = world.outcome()
    for line in ledger.lines(outcome, gwp):
        if line.kind != "flux" or line.component == ledger.NET or ":" in line.component:
            continue
        component = world.equation.components[line.component]
        amount = outcome.amounts[line.component]
        year = amount.sum([d for d in amount.dims if d not in ("draw", "atom")])
        np.testing.assert_allclose(
            line.amount.sum(axis=2), year.values * ledger.co2e_factor(component, gwp), rtol=1e-9
        )


@every_equation
def test_each_coefficient_names_source_place_and_grade(opened: Session, equation: Equation) -> None:
    taken = {
        name: coefficient
        for one in opened.book.behind(equation)
        for name in one.arguments
        if (coefficient := opened.book.coefficient(one.name, name))
    }
    assert taken
    for name, coefficient in taken.items():
        assert coefficient.table, name
        for value in coefficient.table:
            assert value.source in opened.sources, (name, value.labels)
            assert value.locator, (name, value.labels)
            assert value.grade in ("A", "B", "C"), (name, value.labels)


@every_equation
def test_the_docstring_is_a_scientific_record(equation: Equation) -> None:
    lines = equation.documentation.splitlines()
    headings = [one for one, under in itertools.pairwise(lines) if under and set(under) == {"-"}]
    for heading in ("Formula", "Source", "Validity"):
        assert heading in headings
        text = lines[lines.index(heading) + 2 :]
        assert any(line.strip() for line in text[:3]), f"{heading} is empty"


@every_equation
def test_no_empirical_number_stands_in_the_code(equation: Equation) -> None:
    module = inspect.getmodule(equation.function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(module)))
    numbers = [
        (node.lineno, node.value)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
        and node.value not in (0, 1, 2)
    ]
    assert not numbers, f"numbers in {equation.name}: {numbers}"


# The configured run.


@pytest.mark.slow
@every_technology
def test_maps_add_up_to_the_table(published: Any, technology: Technology) -> None:
    if technology.name not in published.session.technologies:
        pytest.skip("not in the run configuration")
    if ledger.TERRITORIAL not in technology.nets:
        pytest.skip("it has no net in CO2e, and no map")
    comparisons = [
        c
        for c in verify(published.session, published.folder)
        if Path(c.map).stem == technology.name
    ]
    assert [c for c in comparisons if not c.holds] == []
    compared = {c.zoning for c in comparisons}
    rows = year_of(published, technology)
    with_data = rows[rows["zoning"].isin(["county", "prefecture", "park_region"])].dropna(
        subset=["value"]
    )
    assert compared >= set(with_data["zoning"])


def year_of(published: Any, technology: Technology) -> Any:
    """Return the rows of the territorial net of the year."""
    rows = published.assessment.rows
    return rows[
        (rows["technology"] == technology.name)
        & (rows["component"] == ledger.NET)
        & (rows["boundary"] == "territorial")
        & (rows["period"] == "2024")
    ]


IDENTITY = ["technology", "component", "boundary", "period"]


def test_the_prefecture_is_the_sum_of_its_counties(published: Any) -> None:
    rows = published.assessment.rows
    counties = rows[rows["zoning"] == "county"].groupby(IDENTITY)["value"].sum(min_count=1)
    prefecture = rows[rows["zoning"] == "prefecture"].set_index(IDENTITY)["value"]
    assert len(prefecture) == len(counties)
    np.testing.assert_allclose(
        prefecture.sort_index().to_numpy(), counties.sort_index().to_numpy(), rtol=1e-9
    )


@pytest.mark.parametrize("zoning", ["park_province", "park_county"])
def test_the_park_is_the_sum_of_its_parts(published: Any, zoning: str) -> None:
    rows = published.assessment.rows
    parts = rows[rows["zoning"] == zoning].groupby(IDENTITY)["value"].sum(min_count=1)
    whole = rows[rows["zoning"] == "park_region"].set_index(IDENTITY)["value"]
    np.testing.assert_allclose(
        whole.sort_index().to_numpy(), parts.sort_index().to_numpy(), rtol=1e-9
    )


def test_park_and_neighbours_are_not_added_to_the_prefecture(published: Any) -> None:
    """Each atom counts once in the prefecture, and none outside its counties."""
    config = published.session.run.config
    adcode = published.session.observe().atoms["adcode"]
    (prefecture,) = [z for z in published.assessment.zones if z.zoning == "prefecture"]
    assert set(adcode[prefecture.weights == 1]) == set(config.counties)
    assert set(adcode[prefecture.weights == 0]) == set(config.neighbours)
    listed = published.assessment.rows.query("zoning == 'county'")["adcode"]
    assert set(listed) == set(config.counties)


def test_months_of_the_table_add_up_to_the_year(published: Any) -> None:
    rows = published.assessment.rows
    keys = ["zoning", "adcode", "technology", "component", "boundary"]
    for kind in ("flux", "stock"):
        part = rows[rows["kind"] == kind]
        year = part[part["period"] == "2024"].set_index(keys)["value"].sort_index()
        months = part[part["period"] != "2024"].sort_values([*keys, "period"]).groupby(keys)
        other = months["value"].sum(min_count=12) if kind == "flux" else months["value"].last()
        if len(year):
            scale = np.nanmax(np.abs(year.to_numpy()))
            np.testing.assert_allclose(
                other.sort_index().to_numpy(), year.to_numpy(), rtol=1e-9, atol=1e-12 * scale
            )


def test_coverage_and_status_tell_whether_there_is_a_value(published: Any) -> None:
    rows = published.assessment.rows
    missing = rows["value"].isna()
    assert ((rows["status"] == "missing") == missing).all()
    assert ((rows["coverage"] == 0) == missing).all()
    assert ((rows["evidence"] == "missing") == missing).all()
    assert (rows.loc[missing, "reason"] != "").all()
    assert rows["coverage"].between(0, 1).all()
    for column in ("mean", "sd", "p2.5", "p50", "p97.5", "native_value"):
        absent = rows[column].isna() & (rows["component"] != ledger.NET)
        assert (absent == (missing & (rows["component"] != ledger.NET))).all(), column


def test_intervals_hold_their_medians(published: Any) -> None:
    rows = published.assessment.rows.dropna(subset=["value"])
    assert (rows["p2.5"] <= rows["p50"]).all()
    assert (rows["p50"] <= rows["p97.5"]).all()
    assert (rows["sd"] >= 0).all()


def test_nothing_published_is_wider_than_the_declared_columns(published: Any) -> None:
    rows = published.assessment.rows
    assert list(rows.columns) == ledger.COLUMNS
    keys = ["zoning", "adcode", *IDENTITY]
    assert not rows.duplicated(keys).any()


def test_a_hole_in_the_data_does_not_fill_up_in_the_ledger(published: Any) -> None:
    """A technology whose data miss in one county: that county misses, the sum says so."""
    outcome = next(iter(published.assessment.outcomes.values()))
    activity = published.assessment.runner.activity
    hole = xr.DataArray(
        np.where(activity.adcode == "222401", np.nan, 1.0),
        dims="atom",
        coords={"atom": activity.atom},
    )
    holed = replace(
        outcome,
        amounts={name: amount * hole for name, amount in outcome.amounts.items()},
        status=["missing" if c == "222401" else "measured" for c in activity.adcode],
        reason=["not counted" if c == "222401" else "" for c in activity.adcode],
    )
    rows = ledger.summarise(
        holed,
        published.assessment.zones,
        activity.group_area(outcome.technology.paint),
        MONTH,
        "yanbian",
        published.assessment.gwp,
    )
    year = rows[(rows["component"] == ledger.NET) & (rows["period"] == "2024")]
    one = year.query("zoning == 'county' and adcode == '222401'").iloc[0]
    assert np.isnan(one["value"])
    assert (one["status"], one["coverage"], one["reason"]) == ("missing", 0.0, "not counted")
    whole = year.query("zoning == 'prefecture'").iloc[0]
    assert 0 < whole["coverage"] < 1
    assert "not counted" in whole["reason"]
    others = year.query("zoning == 'county' and adcode != '222401'")["value"].sum()
    assert whole["value"] == pytest.approx(others, rel=1e-9)
