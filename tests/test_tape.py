"""The tape: what is recorded is played as it was, and what it cannot hold is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ecoassess.tape import Player, Recorded, Tape, TapeError, seen
from ecoassess.units import magnitude, parse_unit, quantify, unit_registry

LENGTH = 5


def recorded(tape: Tape, key: str, values: np.ndarray, dims: tuple[str, ...]) -> xr.DataArray:
    data = unit_registry().Quantity(tape.input(key, values), parse_unit("t/ha"))
    return xr.DataArray(data, dims=dims)


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(1, 2, shape)


def equation(yields: xr.DataArray, area: xr.DataArray) -> xr.DataArray:
    """An equation of the kind the project has: labels, sums, conditions, a change of unit."""
    mass = yields * area
    large = mass.where(mass > quantify(xr.DataArray(1.5), "t"), 0)
    return magnitude(large.sum("crop") - large.isel(crop=0) / 2, "kg").transpose("draw", "atom")


def test_a_play_with_other_numbers_is_the_equation_with_other_numbers() -> None:
    tape = Tape(LENGTH)
    area = quantify(xr.DataArray([1.0, 2.0, np.nan], dims="atom"), "ha")
    result = equation(recorded(tape, "yield", numbers(1, LENGTH, 2), ("draw", "crop")), area)
    player = Player(tape, {"mass": result.data})
    other = numbers(2, LENGTH, 2)
    played = player.play({"yield": other}, player.workspace(LENGTH))["mass"]
    expected = equation(quantify(xr.DataArray(other, dims=("draw", "crop")), "t/ha"), area)
    np.testing.assert_allclose(played, expected.values, rtol=1e-15)
    again = player.play({"yield": other}, player.workspace(LENGTH))["mass"]
    np.testing.assert_array_equal(again, played)


def test_equal_steps_are_done_once_and_idle_ones_never() -> None:
    tape = Tape(LENGTH)
    one = tape.input("one", numbers(3, LENGTH))
    twice = np.exp(one) + np.exp(one)
    np.sin(one)
    player = Player(tape, {"twice": twice})
    assert [step.function for step in player.steps] == [np.exp, np.add]


def test_buffers_are_not_used_while_a_view_of_them_is_needed() -> None:
    tape = Tape(LENGTH)
    one = tape.input("one", numbers(4, LENGTH, 3))
    view = np.transpose(one + 1)[1:]
    others = one * 2
    for _ in range(5):
        others = others + 1
    player = Player(tape, {"sum": view.sum(axis=0) + others.sum(axis=1)})
    values = numbers(5, LENGTH, 3)
    expected = (values + 1)[:, 1:].sum(axis=1) + (values * 2 + 5).sum(axis=1)
    played = player.play({"one": values}, player.workspace(LENGTH))["sum"]
    np.testing.assert_allclose(played, expected, rtol=1e-14)


def test_writing_in_place_makes_a_new_array_of_the_name() -> None:
    tape = Tape(LENGTH)
    one = tape.input("one", np.arange(5.0))
    two = one.copy()
    two *= 2
    two[0] = 7.0
    player = Player(tape, {"one": one + 0, "two": two})
    played = player.play({"one": np.ones(LENGTH)}, player.workspace(LENGTH))
    assert list(played["one"]) == [1.0] * 5
    assert list(played["two"]) == [7.0, 2.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "action",
    [
        lambda array: bool(array.max() > 1),
        lambda array: float(array.sum()),
        np.asarray,
        lambda array: array + np.arange(5.0),
    ],
    ids=["branch", "number", "plain array", "draws of no input"],
)
def test_what_would_be_frozen_is_refused(action: object) -> None:
    array = Tape(LENGTH).input("one", np.arange(5.0))
    with pytest.raises(TapeError):
        action(array)  # type: ignore[operator]


def test_checks_see_the_numbers() -> None:
    array = Tape(LENGTH).input("one", np.arange(5.0))
    assert isinstance(array, Recorded)
    assert list(seen(array)) == [0, 1, 2, 3, 4]
    assert list(seen(np.ones(2))) == [1, 1]
