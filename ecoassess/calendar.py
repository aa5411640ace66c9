"""The month that a run assesses, and the days of its year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from ecoassess.errors import InputError, Problem


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read "2024-06"."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if not match or not 1 <= int(match[2]) <= 12:
            raise InputError(
                Problem(what="not a month", found=text, expected="YYYY-MM, such as 2024-06")
            )
        month = cls(int(match[1]), int(match[2]))
        if not 2000 <= month.year <= 2100:
            raise InputError(
                Problem(what="a month out of reach", found=text, expected="2000-01 to 2100-12")
            )
        return month

    @classmethod
    def last_complete(cls, today: date) -> Month:
        """Return the month before the one that holds `today`."""
        return cls(today.year, today.month - 1) if today.month > 1 else cls(today.year - 1, 12)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def days(self) -> np.ndarray:
        """Days in each month of the year."""
        return np.array([calendar.monthrange(self.year, month)[1] for month in range(1, 13)])
