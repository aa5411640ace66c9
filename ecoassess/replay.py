"""One assessment recorded once and evaluated again for other draws and other coefficients.

What a technology brings hangs on the numbers that enter the runner: draws of coefficients and of
simulations. A replay has the arithmetic between these and the results of the year by atom; data,
scenario and methods stay as they were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ecoassess.assessment import Runner
from ecoassess.drawn import Drawn, InTurn
from ecoassess.ledger import co2e_factor
from ecoassess.sampling import LatinHypercube, Sample
from ecoassess.tape import Player, Tape
from ecoassess.tape.workspace import Workspace
from ecoassess.units import magnitude, unit_of, unit_registry

if TYPE_CHECKING:
    from ecoassess.technology import Technology

RECORDED = 53
"""Length of the axis of the draws while recording: a prime number, which no other axis has."""

CHUNK = 251
"""Draws that are played at once: few, so that they stay in fast memory, but not too few."""

THREADS = 2
"""Chunks that are played at the same time; each needs a workspace of some 40 MB."""

Entering = Callable[[Sample], xr.DataArray]
Net = tuple[str, str]
"""Technology and boundary."""


class RecordingRunner(Runner):
    """A runner whose equations are noted on a tape."""

    tape: Tape
    entered: dict[str, Entering]

    def enter(self, key: str, drawn: Entering) -> xr.DataArray:
        """Return what is drawn under a key as an input of the tape."""
        array = drawn(self.sample)
        if "draw" not in array.dims:
            return array
        self.entered[key] = drawn
        recorded = self.tape.input(key, np.moveaxis(_numbers(array), array.get_axis_num("draw"), 0))
        back: Any = np.moveaxis(recorded, 0, array.get_axis_num("draw"))  # type: ignore[type-var]
        return array.copy(data=unit_registry().Quantity(back, unit_of(array)))


def _numbers(array: xr.DataArray) -> np.ndarray:
    """Return the plain numbers of an array in its own unit."""
    return np.asarray(array.data.magnitude)


class _Taken:
    """The numbers of an input (draw, ...).

    Parameters
    ----------
    places
        Which of them each draw of the sample takes; None: its own.

    Attributes
    ----------
    steady
        Whether all draws are the same; then one is kept.
    """

    def __init__(self, numbers: np.ndarray, places: np.ndarray | None = None) -> None:
        first = numbers[:1]
        self.steady = all(
            np.array_equal(some, np.broadcast_to(first, some.shape), equal_nan=True)
            for some in (numbers[:2], numbers)
        )
        self.numbers = first.copy() if self.steady else numbers
        self.places = places

    def part(self, part: slice) -> np.ndarray:
        """Return some of the draws; one for all where all are the same."""
        if self.steady:
            return self.numbers
        return self.numbers[part if self.places is None else self.places[part]]


@dataclass
class Replay:
    """The arithmetic of an assessment.

    Parameters
    ----------
    player
        Plays it for `CHUNK` draws.
    drawn
        Key of each input → what draws it.
    factors
        Technology and component → t CO2e per native unit, 1 for a co-benefit.
    """

    player: Player
    drawn: dict[str, Entering]
    technologies: Mapping[str, Technology]
    factors: dict[tuple[str, str], float]
    _kept: list[Workspace] = field(default_factory=list)

    def numbers(self, key: str, sample: Sample) -> np.ndarray:
        """Return the numbers of an input; the first dimension is that of the draws."""
        drawn = self.drawn[key]
        if isinstance(drawn, Drawn):
            return drawn.numbers(sample)
        array = drawn(sample)
        return np.moveaxis(_numbers(array), array.get_axis_num("draw"), 0)

    def amounts(self, sample: Sample) -> dict[tuple[str, str], np.ndarray]:
        """Return technology and component → amount of the year (draw, atom).

        In t CO2e, a co-benefit in its native unit; draw 0 is the central value.
        """
        rows = sample.size + 1
        length = min(CHUNK, rows)
        starts = range(0, rows, length)
        result: dict[tuple[str, str], np.ndarray] = {}
        for key, constant in self.player.constants.items():
            one = constant[:1] if constant.ndim > 1 else constant
            result[key] = np.broadcast_to(one * self.factors[key], (rows, one.shape[-1]))
        for key in self.player.outputs:
            result[key] = np.empty((self.player.widths[key], rows)).T
        with ThreadPoolExecutor(THREADS) as threads:
            taken = list(threads.map(lambda key: self._taken(key, sample), self.player.inputs))
            inputs = dict(zip(self.player.inputs, taken, strict=True))
            steady = frozenset(key for key, taken in inputs.items() if taken.steady)
            spaces = self._spaces(min(THREADS, len(starts)), length, steady)

            def play(turn: int) -> None:
                for start in starts[turn :: len(spaces)]:
                    start = min(start, rows - length)
                    part = slice(start, start + length)
                    numbers = {key: taken.part(part) for key, taken in inputs.items()}
                    played = self.player.play(numbers, spaces[turn])
                    for key in self.player.outputs:
                        np.multiply(played[key], self.factors[key], out=result[key][part])

            list(threads.map(play, range(len(spaces))))
        return result

    def _taken(self, key: str, sample: Sample) -> _Taken:
        """Return what an input takes of a sample; few draws of a simulation are not copied."""
        drawn = self.drawn[key]
        if not isinstance(drawn, InTurn):
            return _Taken(self.numbers(key, sample))
        axis = drawn.values.get_axis_num("draw")
        numbers = np.moveaxis(_numbers(drawn.values), axis, 0)
        return _Taken(numbers, sample.turn(len(numbers)))

    def _spaces(self, count: int, draws: int, steady: frozenset[str]) -> list[Workspace]:
        """Return memory for `count` plays at a time, kept for the next sample."""
        if any((space.draws, space.steady) != (draws, steady) for space in self._kept):
            self._kept.clear()
        while len(self._kept) < count:
            self._kept.append(self.player.workspace(draws, steady))
        for space in self._kept:
            space.refresh()
        return self._kept[:count]

    def nets(self, sample: Sample) -> dict[Net, np.ndarray]:
        """Return technology and boundary → net of the year (draw, atom) in t CO2e."""
        amounts = self.amounts(sample)
        return {
            net: sum(amounts[net[0], name] for name in names)  # type: ignore[misc]
            for net, names in self.members()
        }

    def members(self) -> Iterator[tuple[Net, list[str]]]:
        """Yield each net and the components it is the sum of."""
        for technology in self.technologies.values():
            for boundary in technology.nets:
                yield (
                    (technology.name, boundary),
                    [
                        name
                        for name, c in technology.components.items()
                        if c.kind == "flux" and c.boundary == boundary and c.warms
                    ],
                )


def record(runner: Runner, gwp: Mapping[str, float]) -> Replay:
    """Evaluate all technologies of a runner once and return the arithmetic."""
    recording = runner.sampled(LatinHypercube(RECORDED - 1, runner.config.seed))
    recording.__class__ = RecordingRunner
    assert isinstance(recording, RecordingRunner)  # noqa: S101 - of the same layout
    recording.tape, recording.entered = Tape(RECORDED), {}
    outputs: dict[tuple[str, str], Any] = {}
    factors = {}
    for technology in runner.technologies:
        first, last = (
            technology(**recording.arguments(technology, state))
            for state in recording.states(technology)
        )
        for name, component in technology.components.items():
            change = last[name] - first[name] if technology.basis == "effect" else first[name]
            amount = magnitude(change, component.unit)
            others = [d for d in amount.dims if d not in ("draw", "atom")]
            amount = amount.sum(others, skipna=False) if others else amount
            order = [d for d in ("draw", "atom") if d in amount.dims]
            outputs[technology.name, name] = amount.transpose(*order).data
            factors[technology.name, name] = co2e_factor(component, gwp)
    return Replay(
        Player(recording.tape, outputs),
        recording.entered,
        {technology.name: technology for technology in runner.technologies},
        factors,
    )


__all__ = ["Replay", "record"]
