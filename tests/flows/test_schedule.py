"""The month that is assessed, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flows.schedule import month_before


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2025, 1, 5, 3, tzinfo=UTC), "2024-12"),
        (datetime(2024, 12, 31, 15, 59, tzinfo=UTC), "2024-11"),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), "2024-12"),  # 2025 in Yanbian
        (datetime(2024, 2, 29, 16, 0, tzinfo=UTC), "2024-02"),
        (datetime(2024, 7, 4, 19, 0, tzinfo=UTC), "2024-06"),
    ],
)
def test_month_before_by_the_clock_of_yanbian(moment: datetime, month: str) -> None:
    assert str(month_before(moment)) == month
