"""Effects of technologies that act on one stock add up to their joint effect, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from ecoassess.assessment import Runner
from ecoassess.units import magnitude


def shared_results(assessment: Any) -> list[str]:
    """Return the results of models that several technologies report as components."""
    names = [name for o in assessment.outcomes.values() for name in o.technology.components]
    modelled = assessment.session.book.variables
    return [n for n in dict.fromkeys(names) if n in modelled and names.count(n) > 1]


def joint_effect(runner: Runner, name: str, unit: str) -> np.ndarray:
    """Return the difference of all adoption as in the project and as in the baseline."""
    every = frozenset().union(*(t.adopts for t in runner.technologies))
    ends = [magnitude(runner.variable(name, state), unit) for state in (every, frozenset())]
    change = ends[0] - ends[1]
    return by_draw(change)


def by_draw(amount: xr.DataArray) -> np.ndarray:
    """Return the sum over labels and months, by draw and atom."""
    rest = [d for d in amount.dims if d not in ("draw", "atom")]
    return amount.sum(rest, skipna=False).transpose("draw", "atom").values


def test_parts_add_up_to_the_whole(published: Any) -> None:
    assessment = published.assessment
    names = shared_results(assessment)
    assert {"soil_carbon_gain", "direct_nitrous_oxide", "paddy_methane"} <= set(names)
    for name in names:
        parts = [
            (o.technology.components[name], o.amounts[name])
            for o in assessment.outcomes.values()
            if name in o.technology.components
        ]
        total = sum(by_draw(amount) for _, amount in parts)
        joint = joint_effect(assessment.runner, name, parts[0][0].unit)
        sign = 1 if parts[0][0].account == "removal" else -1
        scale = np.nanmax(np.abs(joint))
        assert scale > 0, name
        np.testing.assert_allclose(total, sign * joint, rtol=1e-9, atol=1e-9 * scale, err_msg=name)


def test_order_moves_effects_between_technologies_and_not_their_sum(published: Any) -> None:
    """Straw before tillage or after it: other shares of one joint effect."""
    assessment = published.assessment
    runner = assessment.runner
    turned = Runner(
        runner.book,
        list(reversed(runner.technologies)),
        runner.activity,
        runner.allocation,
        runner.sample,
    )
    sums = []
    for one in (runner, turned):
        effects = [
            one.evaluate(t).amounts["soil_carbon_gain"].sum(skipna=True).item()
            for t in one.technologies
            if "soil_carbon_gain" in t.components
        ]
        sums.append(sum(effects))
    assert sums[0] == pytest.approx(sums[1], rel=1e-9)


def joint_of(assessment: Any) -> Any:
    (found,) = [o for o in assessment.outcomes.values() if o.technology.joint]
    return found


def test_a_joint_technology_is_the_sum_of_those_before_it(published: Any) -> None:
    """Its amounts are the differences that each of them makes in turn, added up."""
    assessment = published.assessment
    runner = assessment.runner
    joint = joint_of(assessment)
    first = runner.before[joint.technology.name]
    turns = [t for t in runner.technologies if set(t.adopts) & first]
    assert len(turns) > 2
    sums: dict[str, Any] = dict.fromkeys(joint.amounts, 0)
    for one in turns:
        without, with_it = (
            joint.technology(**runner.arguments(joint.technology, state))
            for state in runner.states(one)
        )
        for name in sums:
            change = with_it[name] - without[name]
            sums[name] = sums[name] + magnitude(change, joint.technology.outputs[name])
    for name, total in sums.items():
        assert np.nanmax(np.abs(total)) > 0, name
        scale = float(np.nanmax(np.abs(total)))
        np.testing.assert_allclose(
            joint.amounts[name].transpose(*total.dims), total, rtol=1e-9, atol=1e-9 * scale
        )


def test_straw_fires_of_the_joint_account_are_those_of_the_model(published: Any) -> None:
    assessment = published.assessment
    runner, joint = assessment.runner, joint_of(assessment)
    project = runner.before[joint.technology.name]
    units = {"sulfur_dioxide": "t SO2/yr", "fine_particles": "t PM2_5/yr"}
    for name, unit in units.items():
        with_it, without = (
            magnitude(runner.variable(f"straw_fire_{name}", state), unit).sum("crop")
            for state in (project, frozenset())
        )
        fires = joint.amounts[name].sel(pollution_source="open_burning").sum("month")
        avoided = (without - with_it).transpose(*fires.dims)
        np.testing.assert_allclose(fires, avoided, rtol=1e-9, atol=1e-9)


def test_a_joint_technology_changes_nothing_for_those_after_it(published: Any) -> None:
    runner = published.assessment.runner
    joint = joint_of(published.assessment).technology
    others = [t for t in runner.technologies if not t.joint]
    first = Runner(runner.book, [joint, *others], runner.activity, runner.allocation, runner.sample)
    assert all(first.before[t.name] == runner.before[t.name] for t in others)


def test_a_joint_technology_with_none_before_it_is_nothing_and_says_why(published: Any) -> None:
    runner = published.assessment.runner
    joint = joint_of(published.assessment).technology
    alone = Runner(runner.book, [joint], runner.activity, runner.allocation, runner.sample)
    found = alone.evaluate(joint)
    for name, amount in found.amounts.items():
        assert np.nanmax(np.abs(amount)) == 0, name
    assert all("no technology before it in the run" in reason for reason in found.reason)
    assert "measured" not in found.status


def test_missing_power_does_not_make_the_rest_missing(published: Any) -> None:
    """No small hydropower is planned in Yanbian: its technology has no result, the air has."""
    assessment = published.assessment
    joint, hydro = joint_of(assessment), assessment.outcomes["small_hydro"]
    counties = np.isin(
        assessment.runner.activity.adcode, list(published.session.run.config.counties)
    )
    assert np.isnan(hydro.amounts["avoided_grid_emissions"].values[:, counties]).all()
    for name, amount in joint.amounts.items():
        of_grid = amount.sel(pollution_source="grid_power").transpose("draw", "atom", ...)
        assert np.isfinite(of_grid.values[:, counties]).all(), name
    reasons = [r for r, here in zip(joint.reason, counties, strict=True) if here]
    assert all("taken as none" in reason for reason in reasons)
