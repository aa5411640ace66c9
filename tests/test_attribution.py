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
        runner.book, list(reversed(runner.technologies)), runner.activity, runner.allocation
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
