"""Variance-based indices: how much of a result's variance each unknown gives, alone and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ecoassess.errors import InputError, Problem
from ecoassess.sensitivity import Evaluate, Name, Table

if TYPE_CHECKING:
    from types import ModuleType

OTHERS = "others"
"""The group of all unknowns that are not looked at one by one."""

INSIDE = 1e-9
"""Uniform numbers are kept this far from 0 and 1, where quantiles may be infinite."""


@dataclass(frozen=True)
class Index:
    """First- and total-order index of an unknown, or of the group of the others.

    Parameters
    ----------
    first, total
        Share of the variance that it gives alone, and with all that it interacts with.
    first_error, total_error
        Half-widths of their 95 % confidence intervals, from resampling.
    """

    key: str
    first: float
    first_error: float
    total: float
    total_error: float


@dataclass(frozen=True)
class Indices:
    """The indices of one result, and the draws that they were estimated from."""

    indices: list[Index]
    draws: np.ndarray


def check_size(size: int) -> None:
    """Refuse a size that no Sobol' sequence is balanced for, and a missing library.

    Raises
    ------
    InputError
        When SALib is not installed, or `size` is no power of two.
    """
    _salib()
    if size < 2 or size & (size - 1):
        raise InputError(
            Problem(
                "the number of draws is no power of two",
                found=str(size),
                expected="64, 128, 256, 512, ...",
            )
        )


def sobol_indices(
    evaluate: Evaluate,
    name: Name,
    zone: int,
    keys: Sequence[str],
    others: Sequence[str] = (),
    size: int = 256,
    seed: int = 1,
) -> Indices:
    """Return the indices of `keys` one by one and of `others` as one group.

    A Saltelli design of `size` (a power of two) times the number of groups and two, from a
    scrambled Sobol' sequence; estimators of Saltelli et al. (2010, Computer Physics Communications
    181, 259-270), both as SALib has them.

    Parameters
    ----------
    evaluate
        Returns results by draw and zone under a sample.
    name, zone
        Which of the results.

    Raises
    ------
    InputError
        When SALib is not installed, `size` is no power of two, or nothing moves the result.
    """
    check_size(size)
    sampling, analysis = _salib()
    every = [*keys, *others]
    groups = [*keys, *[OTHERS] * len(others)]
    problem = {
        "num_vars": len(every),
        "names": every,
        "groups": groups,
        "bounds": [[0.0, 1.0]] * len(every),
    }
    design = sampling.sample(problem, size, calc_second_order=False, seed=seed)
    design = np.clip(design, INSIDE, 1 - INSIDE)
    sample = Table(len(design), dict(zip(every, design.T, strict=True)))
    draws = evaluate(sample)[name][1:, zone]
    if not np.isfinite(draws).all() or np.ptp(draws) == 0:
        raise InputError(
            Problem(
                "nothing to analyse: the result is missing, or no unknown moves it",
                found=" ".join(name),
                remedy="choose another technology or zone",
            )
        )
    found = analysis.analyze(problem, draws, calc_second_order=False, seed=seed)
    numbers = zip(*(found[k] for k in ("S1", "S1_conf", "ST", "ST_conf")), strict=True)
    indices = [
        Index(key, *map(float, row))
        for key, row in zip(dict.fromkeys(groups), numbers, strict=True)
    ]
    return Indices(indices, draws)


def _salib() -> tuple[ModuleType, Any]:
    """Return the sampling and the analysis module of SALib."""
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ModuleNotFoundError as error:
        raise InputError(
            Problem(
                "Sobol' indices need SALib, which is not installed",
                found=str(error),
                remedy="pip install 'ecoassess[sensitivity]'",
            )
        ) from None
    return sampling, analysis
