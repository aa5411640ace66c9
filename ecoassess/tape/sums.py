"""Sums moved to where there is the least to add up.

What a month or a kind of fuel adds to a year is worked out by the equations for each month and
kind, and summed up at the end. Most of these operations are linear in one argument, with the other
the same in all months: `Σ_m a · b_m = a · Σ_m b_m`. Here such sums are moved towards the inputs, as
far as every use of an array allows. An axis that was summed up stays, with the length 1, so that
all later steps, the sum itself among them, are the same operations on smaller arrays.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ecoassess.tape.steps import Arrays, Slot, Step

Place = tuple[int, ...]
"""Where an argument stands: its number, and its place in it when that is a list."""

Passed = dict[Place, int]
"""Place of each argument that takes part in a sum → the axis of it that is summed over."""

VIEWS = (np.transpose, np.ndarray.transpose, np.moveaxis, np.swapaxes, np.ndarray.swapaxes)
"""Functions that show the memory of their first argument otherwise, for any memory."""

SUMS = (np.sum, np.ndarray.sum, np.add.reduce)


def is_view(step: Step) -> bool:
    """Tell whether a step only shows its first argument's memory in another way."""
    if step.function is operator.getitem:
        keys = step.arguments[1] if isinstance(step.arguments[1], tuple) else step.arguments[1:]
        return all(key is None or isinstance(key, slice | int | type(...)) for key in keys)
    return any(step.function is view for view in VIEWS)


def sums_inward(
    steps: Sequence[Step], arrays: Arrays, outputs: set[int], length: int
) -> tuple[list[Step], Arrays]:
    """Return steps with the same outputs whose sums are taken as early as they can be.

    No sum over the axis of the draws, which is `length` long, is moved.
    """
    asked: dict[int, list[frozenset[int]]] = {slot: [frozenset()] for slot in outputs}
    summed: dict[int, frozenset[int]] = {}
    fused: dict[int, frozenset[int]] = {}
    plans: list[dict[Place, frozenset[int]]] = []
    for step in reversed(steps):
        common: frozenset[int] = frozenset()
        if len(step.out) == 1:
            common = frozenset.intersection(*asked[step.out[0]])
        rule = _rule(step, arrays)
        found = {axis: rule(axis) for axis in common} if rule else {}
        passed = {a: to for a, to in found.items() if to and _are_numbers(step, to, arrays)}
        summed[step.out[0]] = frozenset(passed)
        number = np.issubdtype(arrays.types[step.out[0]], np.floating)
        if step.function is np.multiply and not step.named and number:
            shape = arrays.shapes[step.out[0]]
            both = common - summed[step.out[0]]
            fused[step.out[0]] = frozenset(axis for axis in both if shape[axis] != 1)
            summed[step.out[0]] = common
        plan = {place: set(_own(step, arrays, length)) for place in _places(step)}
        for to in passed.values():
            for place, axis in to.items():
                plan.setdefault(place, set()).add(axis)
        plans.append({place: frozenset(axes) for place, axes in plan.items()})
        for place in _places(step):
            slot = _at(step.arguments, place).number
            asked.setdefault(slot, []).append(plans[-1][place])
        for item in step.named.values():
            if isinstance(item, Slot):
                asked.setdefault(item.number, []).append(frozenset())
    return _rewritten(steps, arrays, summed, fused, plans[::-1], length)


def _rewritten(
    steps: Sequence[Step],
    arrays: Arrays,
    summed: Mapping[int, frozenset[int]],
    fused: Mapping[int, frozenset[int]],
    plans: Sequence[Mapping[Place, frozenset[int]]],
    length: int,
) -> tuple[list[Step], Arrays]:
    """Return the steps on summed-up arguments, with the sums that these take."""
    after = arrays.copy()
    result: list[Step] = []
    made: dict[tuple[int, frozenset[int]], int] = {}
    for slot, axes in summed.items():
        after.shapes[slot] = _without(arrays.shapes[slot], axes)

    def argument(item: Any, axes: frozenset[int]) -> Any:
        if not isinstance(item, Slot):
            return item.sum(axis=tuple(axes), keepdims=True) if axes else item
        missing = axes - summed.get(item.number, frozenset())
        if not missing:
            return item
        key = (item.number, missing)
        if key not in made:
            shape = _without(after.shapes[item.number], missing)
            made[key] = after.add(shape, after.types[item.number])
            named = {"axis": tuple(sorted(missing)), "keepdims": True}
            result.append(Step(np.sum, (item,), named, (made[key],)))
        return Slot(made[key])

    for step, plan in zip(steps, plans, strict=True):
        own = _own(step, arrays, length)
        arguments = list(step.arguments)
        for place, axes in plan.items():
            first, *rest = place
            item = argument(_at(arguments, place), axes - own)
            if rest:
                arguments[first] = list(arguments[first])
                arguments[first][rest[0]] = item
            else:
                arguments[first] = item
        over = fused.get(step.out[0])
        if over:
            arguments.append(tuple(sorted(over)))
            step = replace(step, function=sum_of_products)
        result.append(replace(step, arguments=tuple(arguments)))
    return result, after


def sum_of_products(one: Any, other: Any, axes: tuple[int, ...]) -> np.ndarray:
    """Return the sum of a product over some axes, which stay with the length 1.

    The product itself never lies in memory (`sum_of_products_into`).
    """
    shape = np.broadcast_shapes(np.shape(one), np.shape(other))
    result = np.empty(_without(shape, frozenset(axes)))
    sum_of_products_into(one, other, axes, result)()
    return result


def sum_of_products_into(
    one: Any, other: Any, axes: tuple[int, ...], out: np.ndarray
) -> Callable[[], Any]:
    """Return a call that writes a sum of products into an array."""
    letters = "abcdefghijklmnop"[: out.ndim]

    def term(array: np.ndarray) -> tuple[str, np.ndarray]:
        own = letters[out.ndim - array.ndim :]
        varying = [i for i, n in enumerate(array.shape) if n != 1]
        names = "".join(own[i] for i in varying)
        return names, array.reshape([array.shape[i] for i in varying])

    (first, a), (second, b) = term(np.asarray(one)), term(np.asarray(other))
    result, target = term(out)
    kept = "".join(name for name in result if letters.index(name) not in axes)
    return partial(np.einsum, f"{first},{second}->{kept}", a, b, out=target)


def _without(shape: tuple[int, ...], axes: frozenset[int]) -> tuple[int, ...]:
    """Return a shape with some axes of the length 1."""
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


def _places(step: Step) -> list[Place]:
    """Return where slots stand among the arguments."""
    places: list[Place] = []
    for i, argument in enumerate(step.arguments):
        if isinstance(argument, Slot):
            places.append((i,))
        elif isinstance(argument, tuple | list):
            places += [(i, j) for j, item in enumerate(argument) if isinstance(item, Slot)]
    return places


def _at(arguments: Sequence[Any], place: Place) -> Any:
    """Return what stands at a place."""
    for number in place:
        arguments = arguments[number]
    return arguments


def _shape(item: Any, arrays: Arrays) -> tuple[int, ...]:
    return arrays.shapes[item.number] if isinstance(item, Slot) else np.shape(item)


def _own(step: Step, arrays: Arrays, length: int) -> frozenset[int]:
    """Return the axes of its argument that a step sums over by itself."""
    if not any(step.function is function for function in SUMS):
        return frozenset()
    shape = _shape(step.arguments[0], arrays)
    axis = step.arguments[1] if len(step.arguments) > 1 else step.named.get("axis")
    axes = range(len(shape)) if axis is None else np.atleast_1d(axis) % len(shape)
    return frozenset(int(a) for a in axes if shape[a] != length)


def _rule(step: Step, arrays: Arrays) -> Callable[[int], Passed | None] | None:
    """Return what tells where a sum over an axis of the result can be taken instead; None: not."""
    shape = arrays.shapes[step.out[0]]

    def elementwise(axis: int) -> dict[int, int]:
        """Return number of argument → its axis, for those that differ along an axis."""
        aligned = {}
        for i, item in enumerate(step.arguments):
            of_item = _shape(item, arrays)
            own = axis - len(shape) + len(of_item)
            if own >= 0 and of_item[own] == shape[axis] != 1:
                aligned[i] = own
        return aligned

    def product(axis: int) -> Passed | None:
        along = elementwise(axis)
        return {(i,): own for i, own in along.items()} if len(along) == 1 else None

    def quotient(axis: int) -> Passed | None:
        along = elementwise(axis)
        return {(0,): along[0]} if set(along) == {0} else None

    def total(axis: int) -> Passed | None:
        along = elementwise(axis)
        return {(i,): own for i, own in along.items()} if len(along) == len(terms) else None

    def choice(axis: int) -> Passed | None:
        along = elementwise(axis)
        still = all(i in along or _stays(step.arguments[i]) for i in (1, 2))
        return {(i,): own for i, own in along.items()} if 0 not in along and still else None

    terms = step.arguments[:2]
    function = step.function
    if step.named and function not in (*SUMS, np.concatenate, np.stack):
        return None
    if function is np.multiply:
        return product
    if function is np.divide:
        return quotient
    if function in (np.add, np.subtract):
        return total
    if function is np.negative:
        return product
    if function is np.where:
        return choice
    return _moved(step, arrays)


def _are_numbers(step: Step, passed: Passed, arrays: Arrays) -> bool:
    """Tell whether the recorded arrays that a sum would be taken of hold no truth values.

    Their sum is a count, of another type than they are.
    """
    items = [_at(step.arguments, place) for place in passed]
    types = [arrays.types[item.number] for item in items if isinstance(item, Slot)]
    return all(np.issubdtype(one, np.floating) for one in types)


def _stays(item: Any) -> bool:
    """Tell whether a number is its own sum: nothing, or missing."""
    if isinstance(item, Slot) or np.ndim(item):
        return False
    return bool(item == 0 or np.isnan(item))


def _moved(step: Step, arrays: Arrays) -> Callable[[int], Passed | None] | None:
    """Return the rule of a step that arranges, sums or contracts its arguments."""
    if any(step.function is function for function in SUMS):
        return _by_sum(step, arrays)
    if is_view(step):
        return _by_view(step, arrays)
    if step.function is operator.getitem:
        return _by_selection(step)
    if step.function is np.concatenate:
        return _by_concatenation(step)
    if step.function is np.einsum:
        return _by_contraction(step, arrays)
    return None


def _by_sum(step: Step, arrays: Arrays) -> Callable[[int], Passed | None]:
    own = _own(step, arrays, -1)
    if step.named.get("keepdims"):
        return lambda axis: None if axis in own else {(0,): axis}
    kept = [a for a in range(len(_shape(step.arguments[0], arrays))) if a not in own]
    return lambda axis: {(0,): kept[axis]}


def _by_view(step: Step, arrays: Arrays) -> Callable[[int], Passed | None]:
    """Look where the axes of an array with a stride of its own for each axis go to."""
    shape = _shape(step.arguments[0], arrays)
    strides = [8 * 1000**i for i in range(len(shape))]
    seen = step.function(as_strided(np.empty(1), shape, strides), *step.arguments[1:])
    whole = list(zip(strides, shape, strict=True))
    to = [
        whole.index(pair) if pair in whole else None
        for pair in zip(seen.strides, seen.shape, strict=True)
    ]

    def rule(axis: int) -> Passed | None:
        own = to[axis]
        return None if own is None else {(0,): own}

    return rule


def _by_selection(step: Step) -> Callable[[int], Passed | None] | None:
    """Pass axes of which all is selected, beside one from which a list of places is."""
    keys = step.arguments[1] if isinstance(step.arguments[1], tuple) else (step.arguments[1],)
    lists = [key for key in keys if isinstance(key, np.ndarray) and key.ndim == 1]
    if len(lists) != 1 or sum(key == slice(None) for key in keys if key is not lists[0]) + 1 < len(
        keys
    ):
        return None
    return lambda axis: None if axis < len(keys) and keys[axis] is lists[0] else {(0,): axis}


def _by_concatenation(step: Step) -> Callable[[int], Passed | None]:
    joined = step.named.get("axis", 0)
    places = range(len(step.arguments[0]))
    return lambda axis: None if axis == joined else {(0, j): axis for j in places}


def _by_contraction(step: Step, arrays: Arrays) -> Callable[[int], Passed | None] | None:
    """Pass axes that one argument alone has."""
    terms, result = step.arguments[0].split("->")
    shape = arrays.shapes[step.out[0]]
    dims = [
        _letters(term, len(_shape(item, arrays)))
        for term, item in zip(terms.split(","), step.arguments[1:], strict=True)
    ]
    letters = _letters(result, len(shape))

    def rule(axis: int) -> Passed | None:
        having: Passed = {
            (i + 1,): own.index(letters[axis]) for i, own in enumerate(dims) if letters[axis] in own
        }
        varying: Passed = {
            place: own
            for place, own in having.items()
            if _shape(step.arguments[place[0]], arrays)[own] != 1
        }
        return varying if len(varying) == 1 else None

    return rule


def _letters(term: str, dimensions: int) -> list[Any]:
    """Return a name for each axis of a term; those of the ellipsis count from its end."""
    named = term.replace("...", "")
    rest = dimensions - len(named) if "..." in term else 0
    return [*range(-rest, 0), *named]
