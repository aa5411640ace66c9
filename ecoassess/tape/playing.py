"""A tape played with other numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ecoassess.tape.recording import Recorded, Tape
from ecoassess.tape.steps import Arrays, Step, apart, each_once, needed, stretched, without_idle
from ecoassess.tape.sums import sums_inward
from ecoassess.tape.workspace import Workspace, make_plan


class Player:
    """Plays a tape for some of its arrays.

    Steps that no output hangs on are left out, equal ones are done once, and sums are taken early.
    Any number of draws can be played at once. In memory their axis is made the innermost, so that
    each operation runs through all draws in one go; results go into buffers that are used again as
    soon as nothing needs what is in them.

    Parameters
    ----------
    outputs
        Name → recorded array, or constant.
    """

    def __init__(self, tape: Tape, outputs: Mapping[Any, Any]) -> None:
        self.length = tape.length
        self.constants = {k: v for k, v in outputs.items() if not isinstance(v, Recorded)}
        wanted = {k: v.slot for k, v in outputs.items() if isinstance(v, Recorded)}
        self.widths = {n: v.shape[-1] for n, v in outputs.items() if isinstance(v, Recorded)}
        self.outputs = wanted
        self.steps, self.arrays = needed(tape.steps, set(wanted.values())), tape.arrays
        self._replaced(*without_idle(self.steps, self.arrays))
        self._replaced(*each_once(self.steps))
        slots = set(self.outputs.values())
        self.steps, self.arrays = sums_inward(self.steps, self.arrays, slots, self.length)
        self._replaced(*each_once(self.steps))
        slots = set(self.outputs.values())
        taken = {slot for step in self.steps for slot in step.takes} | slots
        self.inputs = {key: slot for key, slot in tape.inputs.items() if slot in taken}
        self.arrays = self.arrays.of(taken | {slot for step in self.steps for slot in step.out})

    def _replaced(self, steps: list[Step], same: Mapping[int, int]) -> None:
        """Take other steps, in which some slots are replaced by others."""
        self.steps = steps
        self.outputs = {name: same.get(slot, slot) for name, slot in self.outputs.items()}

    def workspace(self, draws: int, steady: Collection[str] = ()) -> Workspace:
        """Return memory to play so many draws in; one play at a time may use it.

        Parameters
        ----------
        steady
            Keys of inputs that are the same in all draws and plays until `Workspace.refresh`: they
            are read, and what hangs on nothing else is worked out, for one draw and in the first
            play only.
        """
        once, each, calm = apart(self.steps, {self.inputs[key] for key in steady})
        one, all_ = (self.arrays.stretched(self.length, n) for n in (1, draws))
        shapes = {slot: (one if slot in calm else all_).shapes[slot] for slot in all_.shapes}
        arrays = Arrays(shapes, all_.types)
        once = [stretched(step, self.length, 1) for step in once]
        each = [stretched(step, self.length, draws) for step in each]
        plan = make_plan(once, each, calm, arrays, self.inputs, self.outputs)
        return Workspace(plan, arrays, all_.shapes, self.inputs, frozenset(steady), draws)

    def play(self, inputs: Mapping[str, np.ndarray], workspace: Workspace) -> dict[Any, np.ndarray]:
        """Return the outputs for as many draws as `workspace` is for; they lie in it.

        Nothing is said of a division by zero, as xarray does not: where there is no land the result
        is missing.
        """
        with np.errstate(all="ignore"):
            workspace.play(inputs)
        return {name: workspace.whole(slot) for name, slot in self.outputs.items()}
