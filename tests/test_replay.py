"""A replay gives what the runner gives, for any sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ecoassess.ledger import lines
from ecoassess.replay import CHUNK, record
from ecoassess.sampling import LatinHypercube


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(0, marks=pytest.mark.by_hand),
        pytest.param(7, marks=pytest.mark.by_hand),
        CHUNK + 30,
    ],
    ids=["central", "few", "two chunks"],
)
def test_a_replay_is_the_assessment(published: Any, size: int) -> None:
    """All components of all technologies and all nets, to rounding."""
    assessment = published.assessment
    replay = record(assessment.runner, assessment.gwp)
    sample = LatinHypercube(size, 3)
    amounts, nets = replay.amounts(sample), replay.nets(sample)
    again = assessment.runner.sampled(sample)
    compared = 0
    for technology in again.technologies:
        for line in lines(again.evaluate(technology), assessment.gwp):
            if line.kind == "stock" or ":" in line.component:
                continue
            expected = line.amount.sum(axis=2)
            got = (
                nets[technology.name, line.boundary]
                if line.component == "net"
                else amounts[technology.name, line.component]
            )
            scale = np.nanmax(np.abs(expected), initial=0)
            np.testing.assert_allclose(
                got, np.broadcast_to(expected, got.shape), rtol=1e-9, atol=1e-12 * scale
            )
            compared += 1
    assert compared > 150
