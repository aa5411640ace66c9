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

from ecoassess.assessment import InTurn, Runner
from ecoassess.ledger import co2e_factor
from ecoassess.sampling import LatinHypercube, Sample
from ecoassess.tape import Player, Tape
from ecoassess.units import magnitude, unit_of, unit_registry

if TYPE_CHECKING:
    from ecoassess.technology import Technology

CHUNK = 100
"""Draws that are played at once, beside the central one: few, so that they stay in fast memory.

With the central one a prime number, which no other axis has as its length.
"""

THREADS = 2
"""Chunks that are played at the same time; each needs a workspace of some 120 MB."""

Drawn = Callable[[Sample], xr.DataArray]
Net = tuple[str, str]
"""Technology and boundary."""


class RecordingRunner(Runner):
    """A runner whose equations are noted on a tape."""

    tape: Tape
    entered: dict[str, Drawn]

    def enter(self, key: str, drawn: Drawn) -> xr.DataArray:
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
    drawn: dict[str, Drawn]
    technologies: Mapping[str, Technology]
    factors: dict[tuple[str, str], float]
    _spaces: list[list[np.ndarray | None]] = field(default_factory=list)

    def numbers(self, key: str, sample: Sample) -> np.ndarray:
        """Return the numbers of an input; the first dimension is that of the draws."""
        array = self.drawn[key](sample)
        return np.moveaxis(_numbers(array), array.get_axis_num("draw"), 0)

    def _taken(self, key: str, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of an input, and which of them each draw takes.

        The few draws of a simulation are not copied for each draw that takes them.
        """
        drawn = self.drawn[key]
        if not isinstance(drawn, InTurn):
            return self.numbers(key, sample), np.arange(sample.size + 1)
        axis = drawn.values.get_axis_num("draw")
        numbers = np.moveaxis(_numbers(drawn.values), axis, 0)
        return numbers, sample.turn(len(numbers))

    def amounts(self, sample: Sample) -> dict[tuple[str, str], np.ndarray]:
        """Return technology and component → amount of the year (draw, atom).

        In t CO2e, a co-benefit in its native unit; draw 0 is the central value.
        """
        taken = {key: self._taken(key, sample) for key in self.player.inputs}
        starts = range(1, sample.size + 1, CHUNK) if sample.size else [1]
        while len(self._spaces) < min(THREADS, len(starts)):
            self._spaces.append(self.player.workspace())
        result: dict[tuple[str, str], np.ndarray] = {}
        for key, constant in self.player.constants.items():
            shape = (sample.size + 1, constant.shape[-1])
            result[key] = np.broadcast_to(constant[:1] if constant.ndim > 1 else constant, shape)
            result[key] = result[key] * self.factors[key]
        for key in self.player.outputs:
            result[key] = np.empty((sample.size + 1, self.player.widths[key]))

        def play(turn: int) -> None:
            space = self._spaces[turn]
            for start in starts[turn :: len(self._spaces)]:
                stop = min(start + CHUNK, sample.size + 1)
                rows = np.minimum(np.arange(start - 1, start + CHUNK), sample.size)
                rows[0] = 0
                inputs = {key: numbers[place[rows]] for key, (numbers, place) in taken.items()}
                played = self.player.play(inputs, space)
                for key in self.player.outputs:
                    numbers = played[key] * self.factors[key]
                    result[key][start:stop] = numbers[1 : stop - start + 1]
                    if start == 1:
                        result[key][0] = numbers[0]

        with ThreadPoolExecutor(len(self._spaces)) as threads:
            list(threads.map(play, range(min(len(self._spaces), len(starts)))))
        return result

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
    recording = runner.sampled(LatinHypercube(CHUNK, runner.config.seed))
    recording.__class__ = RecordingRunner
    assert isinstance(recording, RecordingRunner)  # noqa: S101 - of the same layout
    recording.tape, recording.entered = Tape(CHUNK + 1), {}
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
