"""Errors of the county figures of one variable: counted ones, and parts of a larger zone's.

What the prefecture's figure leaves is handed out anew in each draw (`sharing_out`). Labels that lie
on one land (crops) are handed out one after another, each to where those before it left room. All
errors are factors by draw, and that of draw 0 is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy import special

from ecoassess.correlation import mixed
from ecoassess.halves import Z95
from ecoassess.sampling import LatinHypercube
from ecoassess.sharing_out import Remainder, centred, remainder, shared_out
from ecoassess.uncertainty import Spread
from ecoassess.units import convert, magnitude, quantify

if TYPE_CHECKING:
    from ecoassess.activity import Activity, Field
    from ecoassess.activity_uncertainty import Widths
    from ecoassess.inputs.statistics import Figure
    from ecoassess.run_config import RunConfig
    from ecoassess.sampling import Sample
    from ecoassess.variables import Variable

Figures = Mapping[str, "Figure"]
Errors = dict[str, np.ndarray]

OWN_DRAWS = LatinHypercube(1000, 0)
"""Draws by which weights are centred, the same ones in all runs."""

WIDEST = 0.9
"""The largest half-width of an error: from a tenth of the value to nearly twice it."""


def error_draws(half_width: float, uniform: np.ndarray) -> np.ndarray:
    """Return lognormal factors of mean 1, after a 1; the ends of the 95 % interval are 1 ± w."""
    spread = Spread("lognormal", 1.0, interval=(1 - half_width, 1 + half_width))
    drawn = spread.draw(uniform) if half_width else np.ones(uniform.size)
    return np.concatenate([[1.0], drawn])


def factor_draws(factor: float, uniform: np.ndarray) -> np.ndarray:
    """Return lognormal factors of mean 1, after a 1; 95 % lie within `factor` of their median.

    exp(s z − s² / 2), s = ln(factor) / 1.96.
    """
    s = np.log(factor) / Z95
    drawn = np.where(np.isnan(uniform), 1.0, np.exp(s * special.ndtri(uniform) - s**2 / 2))
    return np.concatenate([[1.0], drawn])


def common_uniform(
    sample: Sample, name: str, places: Sequence[str], weights: np.ndarray
) -> np.ndarray:
    """Return the number in (0, 1) of a sum of normal scores: one of all places, one of each.

    Φ(w₀ z + Σ w_place z_place).
    """
    keys = [name, *(f"{name}/{place}" for place in places)]
    return mixed(weights, [sample.uniform(f"activity/{key}") for key in keys])


def sharers(figures: Figures, config: RunConfig) -> list[str]:
    """Return the counties that share what the prefecture's figure leaves to them.

    None where its counties do not add up to it: there a rule went by another measure.
    """
    inside = {code: figures[code] for code in config.counties if code in figures}
    parts = [c for c, f in inside.items() if f.whole is not None and f.zone == config.parent]
    whole = inside[parts[0]].whole if parts else None
    if whole is None or whole.value is None or any(f.value is None for f in inside.values()):
        return []
    total = sum(figure.value or 0.0 for figure in inside.values())
    return parts if np.isclose(total, whole.value, rtol=1e-9) else []


def remainder_of(
    widths: Widths, config: RunConfig, statistic: str, figures: Figures
) -> tuple[Remainder, list[str]]:
    """Return how sure the amount is that counties share, and whose errors its scores are."""
    shared = sharers(figures, config)
    counted = [code for code in config.counties if code in figures and code not in shared]
    kind, whole = widths.kind_of(statistic), figures[shared[0]].whole
    assert whole is not None  # noqa: S101 - of all that share
    values = np.array([figures[code].value or 0.0 for code in counted])
    errors = [
        widths.half_width(kind, figure.status, figure.grade) / Z95
        for figure in (whole, *(figures[code] for code in counted))
    ]
    found = remainder(
        whole.value or 0.0,
        values,
        errors[0],
        np.array(errors[1:]),
        widths.between_counties.correlation,
    )
    return found, [config.parent, *counted]


def half_width_of_remainder(left: Remainder) -> float:
    """Return half of the 95 % interval of a remainder, as a share of it."""
    return min(Z95 * left.error, WIDEST)


@dataclass(frozen=True)
class FigureErrors:
    """Draws the errors of a variable's figures.

    Parameters
    ----------
    statistics
        What each label of the field is, in its order.
    """

    widths: Widths
    activity: Activity
    variable: Variable
    field: Field
    statistics: Sequence[str]

    def drawn(self, sample: Sample) -> list[Errors]:
        """Return, by label, county → errors by draw."""
        if self.variable.kind == "intensive":
            return [self._of_intensive(statistic, sample) for statistic in self._tables]
        return self._handed_out(sample, self._centres)

    @cached_property
    def _tables(self) -> dict[str, Figures]:
        return dict(zip(self.statistics, self.field.figures.values(), strict=True))

    @cached_property
    def _centres(self) -> dict[tuple[str, ...], np.ndarray]:
        """By what weights are multiplied, by statistic and the counties that share."""
        centres: dict[tuple[str, ...], np.ndarray] = {}
        self._handed_out(OWN_DRAWS, centres)
        return centres

    def _handed_out(
        self, sample: Sample, centres: dict[tuple[str, ...], np.ndarray]
    ) -> list[Errors]:
        """Return the errors of amounts; centres that are not known yet are found by the sample.

        What is counted has its land before anything is handed out, and what there is least of
        (paddies) before the rest.
        """
        result = {name: self._of_counted(name, sample) for name in self._tables}
        room = {code: np.full(sample.size + 1, area) for code, area in self._land.items()}

        def settle(code: str, amount: np.ndarray) -> None:
            room[code] = np.maximum(room[code] - amount, 0)

        for statistic, errors in result.items():
            for code, factor in errors.items():
                settle(code, (self._tables[statistic][code].value or 0.0) * factor)
        for statistic in sorted(result, key=self._handed):
            errors = result[statistic]
            for codes, together in self._sharing(statistic):
                central = np.array([self._tables[statistic][code].value or 0.0 for code in codes])
                parts_of = self._parts(statistic, codes, together, central, sample, room)
                key = (statistic, *codes)
                if key not in centres:
                    centres[key] = centred(parts_of, central, together)
                for code, value, part in zip(codes, central, parts_of(centres[key]), strict=True):
                    settle(code, part)
                    errors[code] = part / value if value else np.ones_like(part)
                    errors[code][0] = 1.0
        return list(result.values())

    def _handed(self, statistic: str) -> float:
        """Return how much of a statistic is handed out."""
        figures = self._tables[statistic].values()
        return sum(f.value or 0.0 for f in figures if f.whole is not None)

    def _parts(
        self,
        statistic: str,
        codes: Sequence[str],
        together: bool,
        central: np.ndarray,
        sample: Sample,
        room: Mapping[str, np.ndarray],
    ) -> Callable[[np.ndarray], np.ndarray]:
        """Return the function that turns factors of weights into parts, by county and draw.

        A weight that stays at its central value has no factor.
        """
        factor = self.widths.sharing_out(self.widths.kind_of(statistic))
        numbers = [sample.uniform(f"activity/{statistic}/sharing out/{code}") for code in codes]
        spread = np.array([factor_draws(factor, uniform) for uniform in numbers])
        moved = np.array([np.concatenate([[False], ~np.isnan(uniform)]) for uniform in numbers])
        limit = np.array([room[code] for code in codes])
        error = self._of_whole(statistic, codes, sample)

        def parts(factors: np.ndarray) -> np.ndarray:
            weights = central[:, None] * spread * np.where(moved, factors[:, None], 1.0)
            whole = central.sum() if together else weights[0]
            return shared_out(weights, whole * error, limit)

        return parts

    def _sharing(self, statistic: str) -> list[tuple[list[str], bool]]:
        """Return the counties that share one amount, and each other that has a part by itself."""
        figures = self._tables[statistic]
        shared = sharers(figures, self.activity.config)
        alone = [c for c, f in figures.items() if f.whole is not None and c not in shared]
        return ([(shared, True)] if shared else []) + [([code], False) for code in alone]

    def _of_whole(self, statistic: str, codes: Sequence[str], sample: Sample) -> np.ndarray:
        """Return the errors of what counties have parts of."""
        config, figures = self.activity.config, self._tables[statistic]
        if codes[0] in sharers(figures, config):
            left, places = remainder_of(self.widths, config, statistic, figures)
            uniform = common_uniform(sample, statistic, places, left.weights)
            return error_draws(half_width_of_remainder(left), uniform)
        figure = figures[codes[0]]
        return self._error(statistic, figure.whole or figure, figure.zone, sample)

    def _of_counted(self, statistic: str, sample: Sample) -> Errors:
        """Return the errors of the counties' own figures."""
        return {
            code: self._error(statistic, figure, code, sample)
            for code, figure in self._tables[statistic].items()
            if figure.whole is None
        }

    def _of_intensive(self, statistic: str, sample: Sample) -> Errors:
        """Return the errors of a figure per unit, which a county may have from a larger zone."""
        errors = self._of_counted(statistic, sample)
        factor = self.widths.sharing_out(self.widths.kind_of(statistic))
        for code, figure in self._tables[statistic].items():
            if figure.whole is not None:
                own = sample.uniform(f"activity/{statistic}/sharing out/{code}")
                whole = self._error(statistic, figure.whole, figure.zone, sample)
                errors[code] = whole * factor_draws(factor, own)
        return errors

    def _error(self, statistic: str, figure: Figure, place: str, sample: Sample) -> np.ndarray:
        """Return the errors of a figure that somebody counted."""
        width = self.widths.half_width(self.widths.kind_of(statistic), figure.status, figure.grade)
        likeness = self.widths.between_counties.correlation
        weights = np.sqrt([likeness, 1 - likeness])
        return error_draws(width, common_uniform(sample, statistic, [place], weights))

    @cached_property
    def _land(self) -> dict[str, float]:
        """The land by county that all labels lie on; infinite where it is not known.

        A map that shows less than the figures fill limits nothing.
        """
        codes = self.activity.config.all_counties
        land = dict.fromkeys(codes, np.inf)
        if self.variable.within is None:
            return land
        area = quantify(xr.DataArray(self.activity.area(self.variable.within), dims="atom"), "m^2")
        mapped = magnitude(convert(area, self.variable.unit), self.variable.unit).values
        for code in codes:
            here = float(mapped[self.activity.adcode == code].sum())
            known = [figures[code].value or 0.0 for figures in self._tables.values()]
            if here > sum(known):
                land[code] = here
        return land
