"""The tape: what is recorded is played as it was, and what it cannot hold is refused."""

from __future__ import annotations

import operator

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


def by_month(tape: Tape) -> tuple[Recorded, Recorded]:
    """Return a quantity by draw and place, and one by draw, place and month."""
    return tape.input("one", numbers(6, LENGTH, 3)), tape.input("many", numbers(7, LENGTH, 3, 4))


EXPRESSIONS = {
    "product": lambda one, many: (one[:, :, None] * many * 2).sum(axis=2),
    "quotient": lambda one, many: (-many / one[:, :, None]).sum(axis=(1, 2)),
    "both vary": lambda one, many: (many * many).sum(axis=2),
    "nothing to divide by": lambda one, many: (one[:, :, None] / many).sum(axis=2),
    "total": lambda one, many: (many * one[:, :, None] - many * 3).sum(axis=2),
    "one term broadcasts": lambda one, many: (many + one[:, :, None]).sum(axis=2),
    "choice": lambda one, many: np.where(one[:, :, None] > 1.5, many, 0).sum(axis=2),
    "choice by month": lambda one, many: np.where(many > 1.5, many, 0).sum(axis=2),
    "choice of a number": lambda one, many: np.where(one[:, :, None] > 1.5, many, 7.0).sum(axis=2),
    "transposed": lambda one, many: np.moveaxis(np.transpose(many, (2, 1, 0)), 0, 1).sum(axis=1),
    "one month": lambda one, many: (many[:, :, 1] * one).sum(axis=1),
    "some months": lambda one, many: (many[:, :, 1:3] * one[:, :, None]).sum(axis=(1, 2)),
    "places by list": lambda one, many: (many[:, np.array([2, 0, 2])] * 2).sum(axis=(1, 2)),
    "joined": lambda one, many: np.concatenate([many, many * 2], axis=1).sum(axis=(1, 2)),
    "contraction": lambda one, many: np.einsum("...bc,...b->...c", many, one).sum(axis=1),
    "contraction of both": lambda one, many: np.einsum("dbc,dbe->dbc", many, many).sum(axis=2),
    "month of a constant": lambda one, many: (one[:, :, None] * np.arange(4.0)).sum(axis=2),
    "two sums": lambda one, many: many.sum(axis=2) + (many * one[:, :, None]).sum(axis=2) * one,
    "months kept by another": lambda one, many: (
        (many * one[:, :, None]).sum(axis=2) + np.exp(many * one[:, :, None]).sum(axis=2)
    ),
    "months above a limit": lambda one, many: (one[:, :, None] * (many > 1.5)).sum(axis=2),
    "months above, divided": lambda one, many: ((many > 1.5) / one[:, :, None]).sum(axis=2),
    "both above": lambda one, many: ((one[:, :, None] > 1.5) * (many > 1.2)).sum(axis=2) * 1.0,
    "both by month": lambda one, many: ((many > 1.5) * (many > 1.2)).sum(axis=2) * 1.0,
    "number of those above": lambda one, many: (
        np.where(one[:, :, None] > 1.5, many > 1.2, 0).sum(axis=2) * 1.0
    ),
    "missing": lambda one, many: (
        np.where(one[:, :, None] > 1.5, many, np.nan).sum(axis=2) * np.array([1.0, np.nan, 1.0])
    ),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("draws", [LENGTH, 2, 9])
def test_sums_taken_early_are_the_same_sums(name: str, draws: int) -> None:
    tape = Tape(LENGTH)
    player = Player(tape, {"sum": EXPRESSIONS[name](*by_month(tape))})
    values = {"one": numbers(8, draws, 3), "many": numbers(9, draws, 3, 4)}
    inputs = {key: values[key] for key in player.inputs}
    played = player.play(inputs, player.workspace(draws))["sum"]
    np.testing.assert_allclose(played, EXPRESSIONS[name](values["one"], values["many"]), rtol=1e-14)


def test_a_sum_over_months_is_taken_before_what_all_months_share() -> None:
    tape = Tape(LENGTH)
    one, many = by_month(tape)
    player = Player(tape, {"sum": (many * one[:, :, None] * 2 / one[:, :, None]).sum(axis=2)})
    (sum_over_months, *others) = [s for s in player.steps if s.function is not operator.getitem]
    assert sum_over_months.function is np.sum
    assert all(player.arrays.shapes[step.out[0]] == (LENGTH, 3, 1) for step in others[:-1])


def test_steady_inputs_are_read_once_until_all_is_read_again() -> None:
    tape = Tape(LENGTH)
    calm, other = tape.input("calm", np.ones(LENGTH)), tape.input("other", np.ones(LENGTH))
    player = Player(tape, {"sum": np.exp(calm * 2) * other + calm, "calm": calm * 3})
    space = player.workspace(LENGTH, ["calm"])
    zero, one = np.zeros(LENGTH), np.ones(LENGTH)

    def play(calm: np.ndarray, other: np.ndarray) -> list[float]:
        played = player.play({"calm": calm, "other": other}, space)
        return [float(played["sum"][0]), float(played["calm"][0])]

    assert play(zero, one) == [1.0, 0.0]
    assert play(one, one * 5) == [5.0, 0.0]
    space.refresh()
    assert play(one, one * 5) == pytest.approx([5 * np.exp(2) + 1, 3.0])
    assert play(zero, one) == pytest.approx([np.exp(2) + 1, 3.0])
