"""The memory of a play: where each array lies, and each step bound to its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ecoassess.tape.steps import Arrays, Slot, Step, mapped
from ecoassess.tape.sums import is_view, sum_of_products, sum_of_products_into

ALIGNED = 8
"""Buffers begin at multiples of so many numbers, as vector operations like it."""


ALIKE = (np.concatenate, np.stack)
"""Functions whose arguments must have the same number of draws."""


@dataclass(frozen=True)
class Plan:
    """Where arrays lie, and what is done once.

    Parameters
    ----------
    places
        Slot → where its buffer begins, in numbers of eight bytes.
    size
        Length of the memory of all buffers.
    once, each
        What the first play does before all else, and what each play does.
    """

    places: Mapping[int, int]
    size: int
    once: Sequence[Step]
    each: Sequence[Step]


def make_plan(
    once: Sequence[Step],
    each: Sequence[Step],
    calm: Collection[int],
    arrays: Arrays,
    inputs: Mapping[str, int],
    outputs: Mapping[Any, int],
) -> Plan:
    """Return where arrays lie when a buffer is used again after the last step that needs it.

    Parameters
    ----------
    calm
        Slots that a later play finds as the first one left them: if it takes them, they keep their
        buffers.
    """
    steps = [*once, *each]
    home: dict[int, int] = {slot: slot for slot in inputs.values()}
    """Slot → the slot whose buffer it lies in."""
    last: dict[int, int] = {}
    for i, step in enumerate(steps):
        for slot in step.takes:
            kept = slot in calm and i >= len(once)
            last[home[slot]] = max(last.get(home[slot], 0), len(steps) if kept else i)
        home |= {slot: home[_viewed(step)] if is_view(step) else slot for slot in step.out}
    last |= {home[slot]: len(steps) for slot in outputs.values()}
    ending: dict[int, list[int]] = {}
    for slot, i in last.items():
        ending.setdefault(i, []).append(slot)
    memory = _Gaps()
    places = {slot: memory.take(_elements(arrays, slot)) for slot in inputs.values()}
    for i, step in enumerate(steps):
        done = ending.get(i, [])
        over = _written_over(step, arrays, done)
        if over is not None:
            places[step.out[0]] = places[over]
            done.remove(over)
        elif home[step.out[0]] == step.out[0]:
            places |= {slot: memory.take(_elements(arrays, slot)) for slot in step.out}
        for slot in done:
            memory.give(places[slot], _elements(arrays, slot))
    return Plan(places, memory.size, once, each)


def _written_over(step: Step, arrays: Arrays, done: Sequence[int]) -> int | None:
    """Return the slot that a step may write its result over: read for the last time, alike."""
    if not isinstance(step.function, np.ufunc):
        return None
    alike = (arrays.shapes[step.out[0]], arrays.types[step.out[0]])
    for slot in step.takes:
        if slot in done and (arrays.shapes[slot], arrays.types[slot]) == alike:
            return slot
    return None


def _elements(arrays: Arrays, slot: int) -> int:
    """Return the length of a slot's buffer, in numbers of eight bytes."""
    count = math.prod(arrays.shapes[slot])
    return -(-count // ALIGNED) * ALIGNED


class Workspace:
    """The memory of a play, and each step bound to its place in it.

    Attributes
    ----------
    arrays
        Slot → array.
    steady, draws
        Keys of the inputs that are read once, and how many draws are played at once.
    once, each
        What the first play does before all else, and what each play does.
    """

    def __init__(
        self,
        plan: Plan,
        arrays: Arrays,
        whole: Mapping[int, tuple[int, ...]],
        inputs: Mapping[str, int],
        steady: frozenset[str],
        draws: int,
    ) -> None:
        self.arrays: dict[int, np.ndarray] = {}
        self.steady, self.draws = steady, draws
        self.fresh = True
        self._memory = np.empty(plan.size)
        self._kinds, self._places, self._whole, self._inputs = arrays, plan.places, whole, inputs
        self.arrays = {slot: self._buffer(slot) for slot in inputs.values()}
        self.once, self.each = self._bound(plan.once), self._bound(plan.each)

    def whole(self, slot: int) -> np.ndarray:
        """Return the array of a slot, with all draws also where they are the same."""
        return np.broadcast_to(self.arrays[slot], self._whole[slot])

    def _is_calm(self, slot: int) -> bool:
        """Tell whether an array has one draw for all."""
        return self._kinds.shapes[slot] != self._whole[slot]

    def _buffer(self, slot: int) -> np.ndarray:
        """Return the array of a slot: its draws, if it has any, lie side by side."""
        shape, dtype = self._kinds.shapes[slot], self._kinds.types[slot]
        start, count = self._places[slot], math.prod(shape)
        flat = self._memory[start : start + _elements(self._kinds, slot)].view(dtype)[:count]
        if shape.count(self.draws) != 1:
            return flat.reshape(shape)
        axis = shape.index(self.draws)
        others = shape[:axis] + shape[axis + 1 :]
        return np.moveaxis(flat.reshape(*others, self.draws), -1, axis)

    def _bound(self, steps: Sequence[Step]) -> list[Callable[[], Any]]:
        """Return what does steps one after another; views are made here."""

        def filled(item: Any) -> Any:
            return self.arrays[item.number] if isinstance(item, Slot) else item

        def full(item: Any) -> Any:
            return self.whole(item.number) if isinstance(item, Slot) else item

        calls = []
        for step in steps:
            mixed = step.function in ALIKE and not self._is_calm(step.out[0])
            fill = full if mixed else filled
            arguments, named = mapped(step.arguments, fill), mapped(step.named, fill)
            if is_view(step):
                self.arrays[step.out[0]] = step.function(*arguments, **named)
                continue
            out = [self._buffer(slot) for slot in step.out]
            self.arrays |= dict(zip(step.out, out, strict=True))
            calls.append(_call(step, arguments, named, out))
        return calls

    def refresh(self) -> None:
        """Let the next play read all inputs."""
        self.fresh = True

    def play(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Read inputs and do the steps."""
        for key, slot in self._inputs.items():
            if key not in self.steady:
                np.copyto(self.arrays[slot], inputs[key])
            elif self.fresh:
                np.copyto(self.arrays[slot], inputs[key][:1])
        for call in (*self.once, *self.each) if self.fresh else self.each:
            call()
        self.fresh = False


def _viewed(step: Step) -> int:
    """Return the slot that a view is of."""
    return int(step.arguments[0].number)


def _call(
    step: Step, arguments: Sequence[Any], named: Mapping[str, Any], out: Sequence[np.ndarray]
) -> Callable[[], Any]:
    """Return a call that does a step and writes its result into `out`."""
    function = step.function
    if function in (np.sum, np.ndarray.sum):
        function = np.add.reduce  # the same, with less around it
    if isinstance(function, np.ufunc) or getattr(function, "__self__", None) is np.add:
        return partial(function, *arguments, **named, out=out[0])
    if function is np.where:
        return partial(_choose, out[0], *arguments)
    if function is np.concatenate:
        return partial(np.concatenate, *arguments, **named, out=out[0])
    if function is np.einsum:
        return partial(np.einsum, *arguments, **named, out=out[0])
    if function is sum_of_products:
        one, other, axes = arguments
        return sum_of_products_into(one, other, axes, out[0])
    return partial(_write, function, arguments, named, out)


def _choose(out: np.ndarray, condition: Any, one: Any, other: Any) -> None:
    """Write `one` where a condition holds and the other elsewhere."""
    np.copyto(out, other)
    np.copyto(out, one, where=condition)


def _write(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    named: Mapping[str, Any],
    out: Sequence[np.ndarray],
) -> None:
    """Write what a function returns."""
    result = function(*arguments, **named)
    for target, array in zip(
        out, result if isinstance(result, list | tuple) else [result], strict=True
    ):
        np.copyto(target, array)


class _Gaps:
    """Which parts of a memory are free."""

    def __init__(self) -> None:
        self.size = 0
        self.free: list[tuple[int, int]] = []
        """Begin and end of each free part, in order."""

    def take(self, length: int) -> int:
        """Return the beginning of a part that was free: the first that is long enough."""
        for i, (begin, end) in enumerate(self.free):
            if end - begin >= length:
                self.free[i : i + 1] = [(begin + length, end)] if end - begin > length else []
                return begin
        begin = self.size
        if self.free and self.free[-1][1] == self.size:
            begin = self.free.pop()[0]
        self.size = begin + length
        return begin

    def give(self, begin: int, length: int) -> None:
        """Let a part be free again."""
        if not length:
            return
        self.free.append((begin, begin + length))
        self.free.sort()
        joined = [self.free[0]]
        for first, last in self.free[1:]:
            if first == joined[-1][1]:
                joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        self.free = joined
