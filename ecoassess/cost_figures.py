"""What `configs/costs.yaml` holds: figures of three numbers, prices, quantities and lines."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ecoassess.configuration import CheckError, Strict
from ecoassess.errors import InputError, Problem
from ecoassess.sampling import Sample
from ecoassess.uncertainty import Spread
from ecoassess.vocabulary import Grade

Perspective = Literal["society", "household"]
"""Whose costs they are."""


class Figure(Strict):
    """A number known as low, mid and high; all three the same where no range is known.

    The draws follow a beta distribution on [low, high] with the mean `mid` (a + b = 6, as in PERT),
    so that the central value is the mean of the draws.
    """

    low: float
    mid: float
    high: float
    source: str
    locator: str
    grade: Grade
    note: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Figure:
        if not (self.low < self.mid < self.high or self.low == self.mid == self.high):
            raise CheckError(
                "low, mid and high out of order",
                found=f"{self.low:g}, {self.mid:g}, {self.high:g}",
                expected="low < mid < high, or all three the same where no range is known",
                remedy="correct the three numbers",
            )
        return self

    def draws(self, sample: Sample, key: str) -> np.ndarray:
        """Return the central value and the draws of the unknown `key`."""
        if self.low == self.high:
            return np.full(sample.size + 1, self.mid)
        spread = Spread("beta", self.mid, bounds=(self.low, self.high))
        return np.concatenate([[self.mid], spread.draw(sample.uniform(key))])

    @property
    def has_width(self) -> bool:
        """Whether more than one figure is known."""
        return self.low < self.high


class Cost(Figure):
    """A cost or price per unit of a quantity, at the prices of a year."""

    unit: str
    price_year: int


class Price(Strict):
    """What a carrier costs, or brings; lines that name it share its draws.

    Parameters
    ----------
    society
        What it costs to provide, or the name of a price that it is the same as.
    household
        What its user pays or is paid, where that is another price.
    """

    en: str
    zh: str
    society: Cost | str
    household: Cost | str | None = None

    def seen_from(self, perspective: Perspective) -> Cost | str:
        """Return the figure from a side, or the name of the price that it is the same as."""
        if perspective == "household" and self.household is not None:
            return self.household
        return self.society


class Lifetime(Figure):
    """Years over which an investment is spread."""

    @model_validator(mode="after")
    def _positive(self) -> Lifetime:
        if self.low <= 0:
            raise CheckError("a lifetime of no years", found=f"{self.low:g}", expected="above 0")
        return self


class DiscountRate(Figure):
    """Real discount rate per year, as a share."""

    @model_validator(mode="after")
    def _share(self) -> DiscountRate:
        if not 0 <= self.low <= self.high < 1:
            raise CheckError(
                "a discount rate that is no share",
                found=f"{self.low:g} to {self.high:g}",
                expected="at least 0 and below 1",
                remedy="divide a per cent value by 100",
            )
        return self


class Quantity(Strict):
    """What the project adds over the baseline: a product of arguments, in both states.

    Parameters
    ----------
    product, over
        Data, model results, adoption shares (what has been adopted up to the assessed year) and
        coefficients that are multiplied, and by which is divided.
    of
        Technology or model whose coefficients are meant.
    only
        Dimension → the labels that count.
    """

    product: list[str] = Field(min_length=1)
    unit: str
    over: list[str] = []
    of: str | None = None
    only: dict[str, list[str]] = {}


class Line(Strict):
    """One line of a technology's cost.

    Parameters
    ----------
    cost, price
        A cost per unit of the quantity, or the name of a price.
    lifetime
        For an investment.
    earns
        Whether what is added has a value that counts against the cost, such as power fed in. (What
        is no longer bought is a quantity that falls, and needs no mark.)
    """

    en: str
    zh: str
    quantity: Quantity
    cost: Cost | None = None
    price: str | None = None
    lifetime: Lifetime | None = None
    earns: bool = False

    @model_validator(mode="after")
    def _one_cost(self) -> Line:
        if (self.cost is None) == (self.price is None):
            raise CheckError(
                "a line has one cost", expected="'cost' or 'price', the name of one under 'prices'"
            )
        return self


class PriceIndex(Strict):
    """Yearly changes of prices.

    Parameters
    ----------
    growth
        Year → change of prices over the year before, as a share.
    """

    en: str
    zh: str
    source: str
    locator: str
    growth: dict[str, float]

    def factor(self, start: int, end: int) -> float:
        """Return prices of `end` over those of `start`."""
        years = range(min(start, end) + 1, max(start, end) + 1)
        change = float(np.prod([1 + self.growth[str(year)] for year in years]))
        return change if end >= start else 1 / change

    def covers(self, start: int, end: int) -> bool:
        """Tell whether the index says how prices changed between two years."""
        years = range(min(start, end) + 1, max(start, end) + 1)
        return all(str(year) in self.growth for year in years)


class Costs(Strict):
    """`configs/costs.yaml`."""

    currency: str
    price_year: int
    perspective: Perspective
    discount_rate: DiscountRate
    price_index: PriceIndex
    prices: dict[str, Price]
    technologies: dict[str, dict[str, Line]]

    def price(self, name: str) -> tuple[str, Cost]:
        """Return the price that a name stands for from the file's side, and its own name."""
        seen = [name]
        while isinstance(found := self.prices[seen[-1]].seen_from(self.perspective), str):
            if found in seen:
                raise InputError(
                    Problem(
                        what="prices that are the same as each other in a circle",
                        found=" → ".join([*seen, found]),
                        remedy="give one of them its figure",
                    )
                )
            seen.append(found)
        return seen[-1], found

    def cost_of(self, line: Line) -> Cost:
        """Return the cost or price per unit of a line."""
        return line.cost or self.price(str(line.price))[1]
