"""The steps of a tape, and lists of them without what is idle or done twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

SHAPED = (np.broadcast_to, np.reshape, np.ndarray.reshape)
"""Functions that take the shape of their result as an argument."""


@dataclass(frozen=True)
class Slot:
    """The place of an array on a tape."""

    number: int


@dataclass(frozen=True)
class Step:
    """One operation.

    Parameters
    ----------
    out
        A slot for each array that the function returns.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    out: tuple[int, ...]

    @cached_property
    def takes(self) -> tuple[int, ...]:
        """The slots that the step takes."""
        items = flat((self.arguments, self.named))
        return tuple(item.number for item in items if isinstance(item, Slot))


@dataclass
class Arrays:
    """Shape and type of each array of a tape, by slot."""

    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    types: dict[int, np.dtype[Any]] = field(default_factory=dict)

    def add(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
        """Return a new slot."""
        slot = next(reversed(self.shapes), -1) + 1
        self.shapes[slot], self.types[slot] = shape, dtype
        return slot

    def copy(self) -> Arrays:
        """Return the same slots, to which others can be added."""
        return Arrays(dict(self.shapes), dict(self.types))

    def of(self, slots: Collection[int]) -> Arrays:
        """Return these slots alone."""
        return Arrays(
            {slot: self.shapes[slot] for slot in slots}, {slot: self.types[slot] for slot in slots}
        )

    def stretched(self, length: int, draws: int) -> Arrays:
        """Return the same slots with axes of a length made as long as there are draws."""

        def longer(shape: tuple[int, ...]) -> tuple[int, ...]:
            return tuple([draws if n == length else n for n in shape])

        return Arrays({slot: longer(shape) for slot, shape in self.shapes.items()}, self.types)


def flat(argument: Any) -> Iterator[Any]:
    """Yield everything that is not itself a tuple, list or dict in an argument."""
    if isinstance(argument, tuple | list):
        for item in argument:
            yield from flat(item)
    elif isinstance(argument, dict):
        for item in argument.values():
            yield from flat(item)
    else:
        yield argument


def mapped(argument: Any, function: Callable[[Any], Any]) -> Any:
    """Return an argument with a function applied to all that is no tuple, list or dict."""
    if isinstance(argument, tuple | list):
        return type(argument)([mapped(item, function) for item in argument])
    if isinstance(argument, dict):
        return {key: mapped(item, function) for key, item in argument.items()}
    return function(argument)


def needed(steps: Sequence[Step], wanted: set[int]) -> list[Step]:
    """Return the steps that some slots hang on."""
    still, kept = set(wanted), []
    for step in reversed(steps):
        if still.intersection(step.out):
            kept.append(step)
            still.update(step.takes)
    return kept[::-1]


def apart(steps: Sequence[Step], calm: Collection[int]) -> tuple[list[Step], list[Step], set[int]]:
    """Return the steps that hang on some slots alone, all others, and the slots of the former."""
    once: list[Step] = []
    each: list[Step] = []
    slots = set(calm)
    for step in steps:
        still = slots.issuperset(step.takes)
        (once if still else each).append(step)
        slots.update(step.out if still else ())
    return once, each, slots


def each_once(steps: Sequence[Step]) -> tuple[list[Step], dict[int, int]]:
    """Return the steps without those that repeat another, and slot → the slot that replaces it."""
    same: dict[int, int] = {}
    first: dict[Any, Step] = {}
    kept = []

    def replaced(item: Any) -> Any:
        return Slot(same.get(item.number, item.number)) if isinstance(item, Slot) else item

    for step in steps:
        arguments, named = mapped(step.arguments, replaced), mapped(step.named, replaced)
        own = replace(step, arguments=arguments, named=named)
        known = first.setdefault(_identity((own.function, own.arguments, own.named)), own)
        if known is own:
            kept.append(own)
        else:
            same.update(zip(step.out, known.out, strict=True))
    return kept, same


def without_idle(steps: Sequence[Step], arrays: Arrays) -> tuple[list[Step], dict[int, int]]:
    """Return the steps without those that change nothing, and slot → the slot that replaces it.

    Such are multiplications by 1, which changes of unit are full of, and a type that is there.
    """
    same: dict[int, int] = {}
    kept = []

    def replaced(item: Any) -> Any:
        return Slot(same.get(item.number, item.number)) if isinstance(item, Slot) else item

    for step in steps:
        arguments, named = mapped(step.arguments, replaced), mapped(step.named, replaced)
        slots = [item for item in arguments if isinstance(item, Slot)]
        others = [item for item in arguments if not isinstance(item, Slot)]
        alike = len(slots) == 1 and all(
            of[slots[0].number] == of[step.out[0]] for of in (arrays.shapes, arrays.types)
        )
        one = step.function is np.multiply and others and np.ndim(others[0]) == 0 and others[0] == 1
        if alike and (one or step.function is np.ndarray.astype):
            same[step.out[0]] = slots[0].number
        else:
            kept.append(replace(step, arguments=arguments, named=named))
    return kept, same


def stretched(step: Step, length: int, draws: int) -> Step:
    """Return a step for another number of draws: a shape among its arguments says how many."""
    if step.function not in SHAPED:
        return step
    return replace(step, arguments=mapped(step.arguments, lambda n: draws if _is(n, length) else n))


def _is(item: Any, length: int) -> bool:
    return isinstance(item, int) and item == length


def _identity(argument: Any) -> Any:
    """Return what is equal for equal arguments only."""
    if isinstance(argument, tuple | list):
        return (type(argument), *map(_identity, argument))
    if isinstance(argument, dict):
        return tuple(sorted((key, _identity(item)) for key, item in argument.items()))
    if isinstance(argument, np.ndarray):
        return (argument.shape, argument.dtype.str, argument.tobytes())
    if isinstance(argument, slice):
        return (slice, argument.start, argument.stop, argument.step)
    if isinstance(argument, float | int | bool | np.generic):
        return (type(argument), np.asarray(argument).tobytes())
    return argument
