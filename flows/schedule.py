"""What is assessed unless something else is asked for, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ecoassess.calendar import Month

RUN_FILE = "configs/runs/yanbian.yaml"
TIMEZONE = "Asia/Shanghai"
CRON = "0 3 5 * *"
"""The 5th of each month at 03:00, when the statistics of the month before have settled."""


def month_before(moment: datetime | None = None) -> Month:
    """Return the last complete month in Yanbian at `moment` (default: now)."""
    return Month.last_complete((moment or datetime.now(UTC)).astimezone(ZoneInfo(TIMEZONE)).date())
