"""Arrays that note what is done with them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ecoassess.tape.steps import Arrays, Slot, Step, flat, mapped


class TapeError(RuntimeError):
    """An equation does with recorded numbers what a tape could only repeat as it was."""


@dataclass
class Tape:
    """Operations in the order in which they were recorded.

    Parameters
    ----------
    length
        The length of the axis of the draws while recording, which no other axis may have.
    inputs
        Key of each input → its slot.
    steps
        What is done.
    arrays
        Shape and type of what lies in each slot.
    """

    length: int
    inputs: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    arrays: Arrays = field(default_factory=Arrays)

    def input(self, key: str, value: np.ndarray) -> Recorded:
        """Return an array that is an input of the tape under `key`."""
        slot = self.arrays.add(value.shape, value.dtype)
        self.inputs[key] = slot
        return Recorded(value, slot, self)

    def call(
        self, function: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a function of arrays and note it; what it returns is recorded too."""
        both = (tuple(arguments), dict(named))
        values, names = mapped(both, _value)
        plain = function(*values, **names)
        many = isinstance(plain, list | tuple)
        results = list(plain) if many else [plain]
        if all(isinstance(result, int | bool | np.dtype | type) for result in results):
            return plain  # a length, a type: the same in every play
        if not all(isinstance(result, np.ndarray | np.generic) for result in results):
            raise TapeError(f"{function} returns {type(plain)}")
        if any(self._drawn(item) for item in flat(both) if isinstance(item, np.ndarray)):
            raise TapeError(f"{function} takes draws that are no input of the tape")
        arrays = [np.asarray(result) for result in results]
        recorded = [
            Recorded(array, self.arrays.add(array.shape, array.dtype), self) for array in arrays
        ]
        taken, keyed = mapped(both, self._kept)
        self.steps.append(Step(function, taken, keyed, tuple(one.slot for one in recorded)))
        return type(plain)(recorded) if many else recorded[0]

    def _kept(self, item: Any) -> Any:
        """Return an argument as a step keeps it; of a plain array whose draws are alike, one."""
        if isinstance(item, Recorded):
            return Slot(item.slot)
        if isinstance(item, np.ndarray) and self.length in item.shape:
            return item.take([0], axis=item.shape.index(self.length))
        return item

    def _drawn(self, array: np.ndarray) -> bool:
        """Tell whether a plain array differs from draw to draw."""
        if self.length not in array.shape:
            return False
        draws = np.moveaxis(array, array.shape.index(self.length), 0)
        return not np.array_equal(draws, np.broadcast_to(draws[:1], draws.shape), equal_nan=True)


def _value(item: Any) -> Any:
    """Return the numbers of a recorded array, anything else as it is."""
    return item.value if isinstance(item, Recorded) else item


def _wraps_arrays(item: Any) -> bool:
    """Tell whether an argument is an array around others, such as a quantity, and goes first."""
    return hasattr(item, "__array_function__") and not isinstance(item, Recorded | np.ndarray)


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
        if any(_wraps_arrays(item) for item in flat((arguments, named))):
            return NotImplemented
        if function in (np.zeros_like, np.ones_like, np.full_like):
            return function(*mapped(tuple(arguments), _value), **mapped(dict(named), _value))
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
