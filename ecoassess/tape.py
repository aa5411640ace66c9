"""A tape: array arithmetic recorded once and played again with other numbers.

The equations carry units and labels, which costs a few milliseconds each time they are evaluated,
however few numbers they hold. What they do to the numbers is always the same. `Recorded` arrays
stand in for numpy arrays inside pint and xarray, and note every operation on a tape; playing the
tape is the same arithmetic without units and labels. What does not hang on an input of the tape is
worked out while recording and stays as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Slot:
    """The place of an array on a tape."""

    number: int


@dataclass
class Step:
    """One operation.

    Parameters
    ----------
    out
        A slot for each array that the function returns.
    shape
        Shape of what it returns; None for several arrays.
    number
        Whether it returns one array of floating-point numbers.
    view
        Whether what it returns may lie in the memory of an argument.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    out: tuple[int, ...]
    shape: tuple[int, ...] | None
    number: bool
    view: bool


class TapeError(RuntimeError):
    """An equation does with recorded numbers what a tape could only repeat as it was."""


@dataclass
class Tape:
    """Operations in the order in which they were recorded.

    Parameters
    ----------
    length
        The length of the axis of the draws, which no other axis may have.
    inputs
        Key of each input → its slot.
    steps
        What is done.
    """

    length: int
    inputs: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    size: int = 0

    def input(self, key: str, value: np.ndarray) -> Recorded:
        """Return an array that is an input of the tape under `key`."""
        slot = self._slot()
        self.inputs[key] = slot
        return Recorded(value, slot, self)

    def call(
        self, function: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a function of arrays and note it; what it returns is recorded too."""
        both = (tuple(arguments), dict(named))
        values, names = _values(both)
        plain = function(*values, **names)
        many = isinstance(plain, list | tuple)
        results = list(plain) if many else [plain]
        if all(isinstance(result, int | bool | np.dtype | type) for result in results):
            return plain  # a length, a type: the same in every play
        if not all(isinstance(result, np.ndarray | np.generic) for result in results):
            raise TapeError(f"{function} returns {type(plain)}")
        arrays = [np.asarray(result) for result in results]
        recorded = [Recorded(array, self._slot(), self) for array in arrays]
        given = [item for item in _flat((values, names)) if isinstance(item, np.ndarray)]
        if any(self._drawn(item) for item in _flat(both) if isinstance(item, np.ndarray)):
            raise TapeError(f"{function} takes draws that are no input of the tape")
        view = any(np.may_share_memory(array, item) for array in arrays for item in given)
        out = tuple(one.slot for one in recorded)
        self.steps.append(
            Step(
                function,
                _slots(both[0]),
                _slots(both[1]),
                out,
                None if many else arrays[0].shape,
                not many and arrays[0].dtype == float,
                view,
            )
        )
        return type(plain)(recorded) if many else recorded[0]

    def _drawn(self, array: np.ndarray) -> bool:
        """Tell whether a plain array differs from draw to draw."""
        if self.length not in array.shape:
            return False
        draws = np.moveaxis(array, array.shape.index(self.length), 0)
        return not np.array_equal(draws, np.broadcast_to(draws[:1], draws.shape), equal_nan=True)

    def _slot(self) -> int:
        self.size += 1
        return self.size - 1


def _values(argument: Any) -> Any:
    """Return an argument with plain arrays in place of recorded ones."""
    if isinstance(argument, Recorded):
        return argument.value
    if isinstance(argument, tuple | list):
        return type(argument)(_values(item) for item in argument)
    if isinstance(argument, dict):
        return {key: _values(item) for key, item in argument.items()}
    return argument


def _slots(argument: Any) -> Any:
    """Return an argument with slots in place of recorded arrays."""
    if isinstance(argument, Recorded):
        return Slot(argument.slot)
    if isinstance(argument, tuple | list):
        return type(argument)(_slots(item) for item in argument)
    if isinstance(argument, dict):
        return {key: _slots(item) for key, item in argument.items()}
    return argument


def _flat(argument: Any) -> Iterator[Any]:
    """Yield everything that is not itself a tuple, list or dict in an argument."""
    if isinstance(argument, tuple | list):
        for item in argument:
            yield from _flat(item)
    elif isinstance(argument, dict):
        for item in argument.values():
            yield from _flat(item)
    else:
        yield argument


def _wraps_arrays(item: Any) -> bool:
    """Tell whether an argument is an array around others, such as a quantity, and goes first."""
    return hasattr(item, "__array_function__") and not isinstance(item, Recorded | np.ndarray)


def _found(step: Step) -> Iterator[int]:
    """Yield the slots that a step takes."""
    for item in _flat((step.arguments, step.named)):
        if isinstance(item, Slot):
            yield item.number


class Recorded(np.lib.mixins.NDArrayOperatorsMixin):
    """An array whose operations are noted on a tape.

    Parameters
    ----------
    value
        Its numbers while recording.
    slot
        Its place on the tape.
    """

    __array_priority__ = 1000

    def __init__(self, value: np.ndarray, slot: int, tape: Tape) -> None:
        self.value, self.slot, self.tape = value, slot, tape

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        """Note a universal function; one that writes in place makes a new array of this name."""
        if any(_wraps_arrays(item) for item in inputs):
            return NotImplemented
        out = named.pop("out", None)
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        result = self.tape.call(function, inputs, named)
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, Recorded):
            raise TapeError("a recorded array would be written into a plain one")
        target.value, target.slot = result.value, result.slot
        return target

    def __array_function__(
        self, function: Callable[..., Any], types: Any, arguments: Any, named: Any
    ) -> Any:
        """Note a numpy function."""
        if any(_wraps_arrays(item) for item in _flat((arguments, named))):
            return NotImplemented
        if function in (np.zeros_like, np.ones_like, np.full_like):
            return function(*_values(tuple(arguments)), **_values(dict(named)))
        return self.tape.call(function, arguments, named)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TapeError("an equation takes plain numbers out of recorded ones")

    def __mul__(self, other: Any) -> Any:
        """Leave a unit to itself, which makes a quantity of the array."""
        if not isinstance(other, Recorded | np.ndarray | np.generic | float | int):
            return NotImplemented
        return np.multiply(self, other)

    def __bool__(self) -> bool:
        raise TapeError("an equation branches on recorded numbers")

    __float__ = __int__ = __index__ = __bool__

    def __getitem__(self, key: Any) -> Any:
        return self.tape.call(operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        result = self.tape.call(_put, (self, key, value), {})
        self.value, self.slot = result.value, result.slot

    def __len__(self) -> int:
        return len(self.value)

    def __copy__(self) -> Recorded:
        return Recorded(self.value, self.slot, self.tape)

    def __deepcopy__(self, memo: Any) -> Recorded:
        return self.__copy__()

    def copy(self, order: str = "C") -> Recorded:
        """Return an array of the same place; writing gives it a new one."""
        return self.__copy__()

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the dimensions."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self.value.dtype

    @property
    def nbytes(self) -> int:
        """The size in memory."""
        return self.value.nbytes

    @property
    def real(self) -> Recorded:
        """The array itself: numbers here are real."""
        return self

    @property
    def imag(self) -> Recorded:
        """Nothing: numbers here are real."""
        nothing: Recorded = self * 0
        return nothing

    @property
    def T(self) -> Recorded:  # noqa: N802 - numpy's name
        """The array with its dimensions in reverse order."""
        transposed: Recorded = self.tape.call(np.transpose, (self,), {})
        return transposed


def _add_method(name: str) -> None:
    """Let recorded arrays have a method of numpy's."""
    function = getattr(np.ndarray, name)

    def method(self: Recorded, *arguments: Any, **named: Any) -> Any:
        return self.tape.call(function, (self, *arguments), named)

    method.__name__ = name
    method.__doc__ = f"Note numpy's `{name}`."
    setattr(Recorded, name, method)


for _name in (
    *("all", "any", "astype", "clip", "cumsum", "dot", "flatten", "max", "mean", "min", "prod"),
    *("ravel", "repeat", "reshape", "round", "squeeze", "std", "sum", "swapaxes", "take"),
    *("transpose", "var"),
):
    _add_method(_name)


def seen(array: Any) -> np.ndarray:
    """Return the numbers of an array, also of a recorded one: for checks, never for results.

    A check is made while recording; playing the tape does not repeat it.
    """
    return np.asarray(array.value if isinstance(array, Recorded) else array)


def _put(array: np.ndarray, key: Any, value: Any) -> np.ndarray:
    """Return a copy of an array with other values at `key`."""
    result = array.copy()
    result[key] = value
    return result


class Player:
    """Plays a tape for some of its arrays.

    Steps that no output hangs on are left out, and equal ones are done once. One axis, that of the
    draws, is as long as `length` says, and no other is. In memory it is made the innermost, so that
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
        self.steps, same = _each_once(_needed(tape.steps, set(wanted.values())))
        self.outputs = {name: same.get(slot, slot) for name, slot in wanted.items()}
        self.widths = {n: v.shape[-1] for n, v in outputs.items() if isinstance(v, Recorded)}
        taken = {slot for step in self.steps for slot in _found(step)} | set(self.outputs.values())
        self.inputs = {key: slot for key, slot in tape.inputs.items() if slot in taken}
        self._plan()

    def _plan(self) -> None:
        """Decide which step writes into which buffer, and which arrays end where."""
        last = {slot: i for i, step in enumerate(self.steps) for slot in _found(step)}
        last |= dict.fromkeys(self.outputs.values(), len(self.steps))
        lies_in: dict[int, set[int]] = {}
        """Slot → the slots whose buffers its memory may be."""
        for step in self.steps:
            inside = set().union(
                *(lies_in.get(s, set()) for s in _found(step)) if step.view else ()
            )
            for slot in step.out:
                lies_in[slot] = inside | {slot}
        until: dict[int, int] = {}
        for slot, homes in lies_in.items():
            for home in homes:
                until[home] = max(until.get(home, -1), last.get(slot, -1))
        self.ending: list[list[int]] = [[] for _ in self.steps]
        for slot, i in last.items():
            if i < len(self.steps):
                self.ending[i].append(slot)
        self.lengths: list[int] = []
        """Elements of each buffer."""
        self.buffer: list[int | None] = []
        """Step → its buffer."""
        idle: dict[int, list[int]] = {}
        returned: dict[int, list[int]] = {}
        for i, step in enumerate(self.steps):
            number = None
            if step.shape and step.shape.count(self.length) == 1 and step.number and not step.view:
                length = int(np.prod(step.shape))
                waiting = idle.setdefault(length, [])
                number = waiting.pop() if waiting else len(self.lengths)
                if number == len(self.lengths):
                    self.lengths.append(length)
                returned.setdefault(until[step.out[0]], []).append(number)
            self.buffer.append(number)
            for other in returned.pop(i, ()):
                idle[self.lengths[other]].append(other)

    def _innermost(self, memory: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Return flat memory as an array of a shape whose draws lie side by side."""
        axis = shape.index(self.length)
        others = shape[:axis] + shape[axis + 1 :]
        return np.moveaxis(memory.reshape(*others, self.length), -1, axis)

    def workspace(self) -> list[np.ndarray | None]:
        """Return what each step of a play writes into; one play at a time may use it."""
        memory = [np.empty(length) for length in self.lengths]
        return [
            None if number is None else self._innermost(memory[number], step.shape or ())
            for number, step in zip(self.buffer, self.steps, strict=True)
        ]

    def play(
        self, inputs: Mapping[str, np.ndarray], workspace: Sequence[np.ndarray | None]
    ) -> dict[Any, np.ndarray]:
        """Return the outputs for other inputs of the recorded shapes; they lie in `workspace`.

        Nothing is said of a division by zero, as xarray does not: where there is no land the result
        is missing.
        """
        with np.errstate(all="ignore"):
            return self._play(inputs, workspace)

    def _play(
        self, inputs: Mapping[str, np.ndarray], workspace: Sequence[np.ndarray | None]
    ) -> dict[Any, np.ndarray]:
        held: dict[int, Any] = {
            slot: np.asfortranarray(inputs[key]) for key, slot in self.inputs.items()
        }

        def filled(argument: Any) -> Any:
            if isinstance(argument, Slot):
                return held[argument.number]
            if isinstance(argument, tuple | list):
                return type(argument)([filled(item) for item in argument])
            return argument

        for step, buffer, ending in zip(self.steps, workspace, self.ending, strict=True):
            arguments = [filled(argument) for argument in step.arguments]
            named = {key: filled(argument) for key, argument in step.named.items()}
            if buffer is None:
                result = step.function(*arguments, **named)
            elif isinstance(step.function, np.ufunc):
                result = step.function(*arguments, **named, out=buffer)
            else:
                np.copyto(buffer, step.function(*arguments, **named))
                result = buffer
            if step.shape is not None:
                held[step.out[0]] = result
            else:
                held.update(zip(step.out, result, strict=True))
            for slot in ending:
                del held[slot]
        return {name: held[slot] for name, slot in self.outputs.items()}


def _needed(steps: Sequence[Step], wanted: set[int]) -> list[Step]:
    """Return the steps that some slots hang on."""
    needed, kept = set(wanted), []
    for step in reversed(steps):
        if needed.intersection(step.out):
            kept.append(step)
            needed.update(_found(step))
    return kept[::-1]


def _each_once(steps: Sequence[Step]) -> tuple[list[Step], dict[int, int]]:
    """Return the steps without those that repeat another, and slot → the slot that replaces it."""
    same: dict[int, int] = {}
    first: dict[Any, Step] = {}
    kept = []

    def replaced(argument: Any) -> Any:
        if isinstance(argument, Slot):
            return Slot(same.get(argument.number, argument.number))
        if isinstance(argument, tuple | list):
            return type(argument)([replaced(item) for item in argument])
        if isinstance(argument, dict):
            return {key: replaced(item) for key, item in argument.items()}
        return argument

    for step in steps:
        own = Step(
            step.function,
            replaced(step.arguments),
            replaced(step.named),
            step.out,
            step.shape,
            step.number,
            step.view,
        )
        known = first.setdefault(_identity((own.function, own.arguments, own.named)), own)
        if known is own:
            kept.append(own)
        else:
            same.update(zip(step.out, known.out, strict=True))
    return kept, same


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
