"""From an effect towards a credit: additionality, leakage and reversal, each a line of its own.

None of these is in the assessment's totals: an effect is what the project changes, and what of it
could be sold is another question, with rules of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import RootModel

from ecoassess.configuration import Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Title
from ecoassess.ledger import TERRITORIAL, lines, net_by_atom
from ecoassess.project import Project
from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.assessment import Outcome
    from ecoassess.run import Assessment

MODEL = "crediting"
UNITS = {
    "non_additional_share": "1",
    "activity_shift_leakage": "1",
    "market_leakage": "1",
    "permanence_period": "yr",
    "buffer_share": "1",
    "methodology_deduction": "1",
    "sampling_precision": "1",
    "conservative_quantile": "1",
    "half_width_quantile": "1",
}
"""The coefficients of crediting and the units in which they are taken."""

Z_95, Z_90 = 1.959964, 1.644854
"""Standard normal quantiles of two-sided 95 and 90 % intervals."""

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "technology", "technology_zh"),
    *("line", "counted", "period"),
    *("value", "p2.5", "p97.5", "unit", "eligible_under", "note"),
]


class Methodology(Strict):
    """A crediting methodology of `configs/methodologies.yaml`.

    Parameters
    ----------
    counts
        Technology that it credits → the components that it counts.
    """

    title: Title
    source: str
    counts: dict[str, list[str]]
    conditions: str


class _File(RootModel[dict[str, Methodology]]):
    pass


def read_methodologies(project: Project, chosen: str | None) -> dict[str, Methodology]:
    """Read the methodologies and check that the one a run names is among them."""
    document = read_yaml(project.configs / "methodologies.yaml")
    known = validate(document, _File).root
    if chosen is not None and chosen not in known:
        raise InputError(
            Problem(
                what="no such crediting methodology",
                key="credits.methodology",
                found=chosen,
                expected=", ".join(known),
                remedy="correct the name in the run configuration",
            )
        )
    return known


def credits_table(assessment: Assessment) -> pd.DataFrame:
    """Return the lines from effect to credit per zone and technology, in t CO2e of the year.

    effect
        The territorial net of the technology, as in `assessment.csv`.
    non_additional, activity_shift_leakage, market_leakage
        Shares of what is left of a positive effect, negative.
    expected_reversal
        Share of what is left of it that fire, wind and insects are expected to release over the
        permanence period: 1 − (1 − Σ d fd)^years, with the disturbance of stand_increment.
    buffer
        What a risk buffer withholds. It stands for the same risk: of the two one is counted.
    conservative_deduction
        What the width of the interval of what is left takes away.
    after_deductions
        The effect and the lines that the run counts.
    credit
        Only where the run names a methodology: what its rules leave of the effect.
    """
    rules = assessment.session.run.config.credits
    methodologies = read_methodologies(assessment.session.project, rules.methodology)
    draws = credit_draws(assessment)
    known = set(assessment.session.kernels[MODEL]["market_leakage"].labels["technology"])
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    rows: list[list[object]] = []
    for name, outcome in assessment.outcomes.items():
        technology = outcome.technology
        if name not in known or technology.basis != "effect" or TERRITORIAL not in technology.nets:
            continue
        effect = net_by_atom(outcome, assessment.gwp)
        under = [key for key, one in methodologies.items() if name in one.counts]
        for zone in zones:
            members = zone.weights != 0
            total = effect[:, members] @ zone.weights[members]
            counted = rules.counted()
            table = credit_lines(total, name, draws, counted)
            why = "; ".join(dict.fromkeys(outcome.reason[int(i)] for i in np.flatnonzero(members)))
            notes = dict.fromkeys(table, "" if np.isfinite(total).all() else why)
            if rules.methodology:
                table["credit"], notes["credit"] = _credit(
                    assessment,
                    outcome,
                    zone.weights,
                    rules.methodology,
                    methodologies[rules.methodology].counts.get(name, ()),
                    draws,
                )
            for line, values in table.items():
                finite = np.isfinite(values).all()
                rows.append(
                    [
                        *(zone.zoning, zone.code, zone.en, zone.zh, name, technology.zh, line),
                        line in ("effect", "after_deductions", *counted),
                        str(assessment.session.month.year),
                        values[0] + 0.0,  # no -0
                        *(
                            np.quantile(values[1:] + 0.0, (0.025, 0.975))
                            if finite
                            else (np.nan,) * 2
                        ),
                        "t CO2e",
                        ", ".join(under) or "none known",
                        notes[line],
                    ]
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def credit_draws(assessment: Assessment) -> dict[str, np.ndarray]:
    """Return coefficient, or coefficient/label → draws, with the yearly loss to disturbance."""
    sample = assessment.runner.sample
    result: dict[str, np.ndarray] = {}
    for name, unit in UNITS.items():
        coefficient = assessment.session.kernels[MODEL][name]
        values = magnitude(coefficient.draws(sample), unit)
        (dimension,) = coefficient.labels or (None,)
        if dimension is None:
            result[name] = values.values
        else:
            for label in map(str, values[dimension].values):
                result[f"{name}/{label}"] = values.sel({dimension: label}).values
    disturbed, lost = (
        magnitude(assessment.runner.coefficient("stand_increment", name), unit)
        for name, unit in (("disturbance_share", "1/yr"), ("disturbance_killed", "1"))
    )
    result["yearly_loss"] = (disturbed * lost).sum("disturbance").values
    return result


def credit_lines(
    effect: np.ndarray,
    technology: str,
    draws: Mapping[str, np.ndarray],
    counted: Sequence[str],
) -> dict[str, np.ndarray]:
    """Return line → draws: the effect, every deduction, and what those that count leave."""
    parts = _parts(effect, technology, draws, counted)
    left = effect + sum((parts[line] for line in parts if line in counted), np.zeros(1))
    parts["conservative_deduction"] = -_conservative(left, draws)
    if "conservative_deduction" in counted:
        left = left + parts["conservative_deduction"]
    return {"effect": effect, **parts, "after_deductions": left}


def _conservative(left: np.ndarray, draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the deduction for uncertainty, at most what is left, and none of a loss.

    deduction = z_conservative · (half-width of the 90 % interval) / z_90

    ART (2021), TREES 2.0, eq. 10 and 11: the step from the middle of a normal distribution down to
    its 30th percentile.
    """
    if not np.isfinite(left).all():
        return np.full(left.shape, np.nan)
    half_width = np.diff(np.quantile(left[1:], (0.05, 0.95))).item() / 2
    step = draws["conservative_quantile"][0] / draws["half_width_quantile"][0] * half_width
    return np.asarray(np.clip(left, 0, step))


def _parts(
    effect: np.ndarray,
    technology: str,
    draws: Mapping[str, np.ndarray],
    counted: Sequence[str],
) -> dict[str, np.ndarray]:
    """Return the lines between effect and credit, each on what the counted ones before it leave.

    A loss is not lessened by them.
    """
    left = np.maximum(effect, 0)
    released = 1 - (1 - draws["yearly_loss"]) ** draws["permanence_period"]
    shares = {
        "non_additional": draws[f"non_additional_share/{technology}"],
        "activity_shift_leakage": draws[f"activity_shift_leakage/{technology}"],
        "market_leakage": draws[f"market_leakage/{technology}"],
        "expected_reversal": released,
        "buffer": draws["buffer_share"],
    }
    parts = {}
    for line, share in shares.items():
        parts[line] = -left * share
        if line in counted:
            left = left + parts[line]
    return parts


def _credit(
    assessment: Assessment,
    outcome: Outcome,
    weights: np.ndarray,
    methodology: str,
    pools: Sequence[str],
    draws: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, str]:
    """Return what a methodology's rules leave, and a note.

    credit = (counted pools) (1 − deduction for non-permanence) − what the sampling precision asks:
    the part of the 90 % half-width beyond the allowed share of the value.
    """
    if not pools:
        return np.full(2, np.nan), f"not eligible under {methodology}"
    members = weights != 0
    amount = sum(
        line.amount.sum(axis=2)[:, members] @ weights[members]
        for line in lines(outcome, assessment.gwp)
        if line.component in pools
    )
    values = np.asarray(amount)
    half_width = Z_90 / Z_95 * np.diff(np.quantile(values[1:], (0.025, 0.975))).item() / 2
    allowed = draws[f"sampling_precision/{methodology}"][0] * abs(values[0])
    deduction = max(0.0, half_width - allowed)
    kept = 1 - draws[f"methodology_deduction/{methodology}"]
    note = (
        f"deducted for precision: {deduction:.4g} t CO2e; the model's spread stands for a sample's"
    )
    credit = values - deduction
    return np.where(credit > 0, credit * kept, credit), note


__all__ = ["credit_draws", "credit_lines", "credits_table"]
