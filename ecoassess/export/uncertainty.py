"""`uncertainty.csv`: Approach 1 beside 2. `sensitivity.csv`: what moves each result."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.approach_1 import half_width, percent_of
from ecoassess.convergence import (
    skewness,
    standard_error_of_mean,
    standard_error_of_quantile,
)
from ecoassess.halves import Z95
from ecoassess.language import LANGUAGES, Words, read_words
from ecoassess.ledger import CO2E, QUANTILES
from ecoassess.sensitivity import (
    ENDS,
    OF_DATA,
    Moves,
    Results,
    Unknown,
    by_zone,
    moves_of_run,
    narrowing,
    published_nets,
)

if TYPE_CHECKING:
    from ecoassess.project import Project
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

ZONE = ("zoning", "adcode", "zone", "zone_zh")
UNCERTAINTY = [
    *(*ZONE, "technology", "boundary", "value", "unit"),
    *("approach_1_percent", "approach_1_low", "approach_1_high"),
    *("approach_2_low", "approach_2_high", "ratio"),
    *("standard_error_mean", "standard_error_low", "standard_error_high", "draws"),
    *("skewness", "explained_one_at_a_time", "note"),
]
SENSITIVITY = [
    *(*ZONE, "technology", "boundary", "rank", "unknown", "name", "name_zh"),
    *("low", "high", "swing", "share", "narrows", "unit", "grade", "source", "locator", "place"),
]
SKEWED = 0.5
"""Skewness from which the note calls a distribution lopsided (a lognormal of ± 33 % has it)."""

EXPLAINED = 0.1
"""By how much the variance explained one at a time may miss 1 before the note says so."""

NEAR = 0.1
"""By how much the widths of both approaches may differ before the note says so."""

SMALLEST_SHARE = 1e-3
"""Unknowns below this share of a result stand together in one row."""

OTHERS = "others"

OF_MAPS = f"{OF_DATA}map "
"""How the keys of errors of mapped areas begin."""


def uncertainty_tables(assessment: Assessment) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of `uncertainty.csv` and `sensitivity.csv`."""
    zones = [zone for zone in assessment.zones if zone.zoning != "park_estimate"]
    known, moves = moves_of_run(assessment, zones)
    draws = by_zone(assessment, published_nets(assessment), zones)
    project = assessment.session.project
    both = uncertainty_table(moves, draws, zones)
    variance = {name: values[1:].var(axis=0, ddof=1) for name, values in draws.items()}
    return both, sensitivity_table(project, known, moves, zones, variance=variance)


def uncertainty_table(moves: Moves, draws: Results, zones: Sequence[Zone]) -> pd.DataFrame:
    """Return a row per zone and net with both approaches' intervals and why they differ.

    Parameters
    ----------
    moves
        One unknown at a time, for Approach 1.
    draws
        Nets of the run by draw and zone, for Approach 2; draw 0 is the central one.
    """
    frames = [pd.DataFrame(columns=UNCERTAINTY)]
    for (technology, boundary), values in draws.items():
        central, drawn = values[0], values[1:]
        half = half_width(moves.variances((technology, boundary))[1])
        low, high = np.quantile(drawn, ENDS, axis=0)
        width, variance = 2 * half, drawn.var(axis=0, ddof=1)
        # Rounding leaves a variance in draws that are all the same.
        varies = np.ptp(drawn, axis=0) > 0
        explained = (half / Z95) ** 2 / np.where(varies, variance, np.nan)
        ratio = (high - low) / np.where(width > 0, width, np.nan)
        skew = np.where(varies, skewness(drawn), np.nan)
        frame = pd.DataFrame(_zone_columns(zones))
        for name, column in {
            "technology": technology,
            "boundary": boundary,
            "value": central,
            "unit": CO2E,
            "approach_1_percent": percent_of(half, central),
            "approach_1_low": central - half,
            "approach_1_high": central + half,
            "approach_2_low": low,
            "approach_2_high": high,
            "ratio": ratio,
            "standard_error_mean": standard_error_of_mean(drawn),
            "standard_error_low": standard_error_of_quantile(drawn, QUANTILES["p2.5"]),
            "standard_error_high": standard_error_of_quantile(drawn, QUANTILES["p97.5"]),
            "draws": len(drawn),
            "skewness": skew,
            "explained_one_at_a_time": explained,
            "note": [
                _note(*numbers)
                for numbers in zip(central, half, ratio, skew, explained, strict=True)
            ],
        }.items():
            frame[name] = column
        frames.append(frame)
    return pd.concat(frames[1:] or frames, ignore_index=True)[UNCERTAINTY]


def _note(central: float, half: float, ratio: float, skew: float, explained: float) -> str:
    """Say why the two approaches differ, as far as skewness and one-at-a-time moves tell."""
    if np.isnan(central):
        return "no data"
    if half == 0:
        return "no unknown moves it"
    notes = []
    if abs(skew) > SKEWED:
        notes.append(f"lopsided: the longer tail is {'above' if skew > 0 else 'below'}")
    if explained < 1 - EXPLAINED:
        notes.append("unknowns that multiply each other give more than each alone")
    if explained > 1 + EXPLAINED:
        notes.append("moved alone, unknowns give more than drawn together")
    if half > abs(central):
        notes.append("the sign is not certain in Approach 1")
    if not notes and abs(ratio - 1) > NEAR:
        notes.append("widths differ without skewness: the tails are not those of a normal")
    return "; ".join(notes)


def sensitivity_table(
    project: Project,
    known: Sequence[Unknown],
    moves: Moves,
    zones: Sequence[Zone],
    zonings: Container[str] = ("county", "prefecture"),
    variance: Mapping[tuple[str, str], np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return what each unknown does to each net in the zones of some zonings, largest first.

    `share` is the part in the variance of Approach 1 and adds up to 1, but for what correlated
    unknowns have in common; `narrows` the part by which the 95 % interval of the result narrows
    when the unknown is known exactly, given the `variance` of the draws by zone. The last row of
    each result holds what unknowns below `SMALLEST_SHARE` add up to.
    """
    chosen = [i for i, zone in enumerate(zones) if zone.zoning in zonings]
    texts = [
        [u.key, *names_of(u, project), u.grade, u.source, u.locator, place_of(project, u)]
        for u in known
    ]
    rows = [
        [*(zone.zoning, zone.code, zone.en, zone.zh), *name, *row]
        for name in moves.central
        for index in chosen
        for zone in [zones[index]]
        for row in _ranked(name, moves, index, texts, variance)
    ]
    columns = [
        *(*ZONE, "technology", "boundary", "rank", "low", "high", "swing", "share", "narrows"),
        *("unknown", "name", "name_zh", "grade", "source", "locator", "place"),
    ]
    return pd.DataFrame(rows, columns=columns).assign(unit=CO2E)[SENSITIVITY]


def _ranked(
    name: tuple[str, str],
    moves: Moves,
    zone: int,
    texts: Sequence[Sequence[str]],
    variance: Mapping[tuple[str, str], np.ndarray] | None,
) -> Iterator[list[object]]:
    shares = moves.shares(name)[:, zone]
    if not np.isfinite(shares).any():
        return
    low, high = moves.low[name][:, zone], moves.high[name][:, zone]
    # Of the variance of the draws, where they are at hand: what acts jointly belongs to nobody.
    of_draws = variance[name][zone] * Z95**2 if variance else 0.0
    explained = min(1.0, moves.variances(name)[1][zone] / of_draws) if of_draws > 0 else 1.0
    narrows = narrowing(shares * explained)
    # Stable, so that equal shares keep the order of the files.
    order = np.argsort(-shares, kind="stable")
    large = [k for k in order if shares[k] >= SMALLEST_SHARE]
    for rank, k in enumerate(large, 1):
        yield [rank, low[k], high[k], high[k] - low[k], shares[k], narrows[k], *texts[k]]
    small = [k for k in order[len(large) :] if shares[k] > 0]
    if small:
        one = len(small) == 1
        text = f"{len(small)} unknown{'' if one else 's'} below {SMALLEST_SHARE:.1%}"
        text += "" if one else " each"
        share = shares[small].sum()
        narrow = float(narrowing(share * explained))
        together = [np.nan, np.nan, np.nan, share, narrow]
        yield [len(large) + 1, *together, OTHERS, text, f"其他{len(small)}项", "", "", "", ""]


def names_of(unknown: Unknown, project: Project) -> tuple[str, str]:
    """Return the English and the Chinese name of an unknown, with its labels."""
    en, zh, labels = unknown.en, unknown.zh, ", ".join(unknown.labels)
    if unknown.key.startswith(OF_MAPS):
        land = unknown.key.removeprefix(OF_MAPS).split("/")[0]
        words = [_words(language, project) for language in LANGUAGES]
        # A word that is a field of technologies too (forest) has its own as a land.
        own = f"class_{land}" if f"class_{land}" in words[0].table else land
        en, zh = (word("mapped_area", land=word.label(own)) for word in words)
    if not labels:
        return en, zh
    return f"{en} ({labels})", f"{zh}（{labels}）"


@cache
def _words(language: str, project: Project) -> Words:
    return read_words(language, project.root)


def place_of(project: Project, unknown: Unknown) -> str:
    """Return file and line at which an unknown is edited."""
    if unknown.file is None:
        return ""
    file = project.relative(unknown.file)
    return f"{file}:{unknown.line}" if unknown.line else str(file)


def _zone_columns(zones: Sequence[Zone]) -> dict[str, list[str]]:
    keys = [(zone.zoning, zone.code, zone.en, zone.zh) for zone in zones]
    return {name: [key[i] for key in keys] for i, name in enumerate(ZONE)}
