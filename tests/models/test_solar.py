"""FAO-56 sun and day length against its own examples and published tables."""

from csv import DictReader
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.models import solar

REFERENCE = Path(__file__).parents[1] / "reference"
DAY_LENGTH = YAML(typ="safe").load(REFERENCE / "climate_zone_pet.yaml")


def fao_examples():
    with (REFERENCE / "pv_fao56.csv").open() as lines:
        yield from DictReader(line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("row", list(fao_examples()), ids=lambda row: f"example {row['example']}")
def test_fao56_examples(row, compare):
    function = getattr(solar, row["quantity"])
    found = function(float(row["latitude_deg"]), int(row["day_of_year"]))
    compare(
        "solar",
        f"{row['quantity'].replace('_', ' ')}, latitude {row['latitude_deg']}, "
        f"day {row['day_of_year']}",
        found,
        float(row["value"]),
        abs=0.05,
        source=f"Allen et al. 1998, FAO Irrigation and Drainage Paper 56, example {row['example']}",
    )


def test_day_length_of_another_implementation(compare):
    example = DAY_LENGTH["day_length"]["fao56_example_9"]
    other = DAY_LENGTH["day_length"]["ncl_daylight_fao56"]
    compare(
        "solar",
        "day length on 3 September at 20° S",
        solar.day_length(example["latitude"], example["day_of_year"]),
        other["hours"],
        unit="h",
        abs=1e-4,
        source=other["source"],
    )


@pytest.mark.parametrize(
    "table", DAY_LENGTH["monthly_day_length"], ids=lambda table: table["source"][:8]
)
def test_monthly_day_length_of_published_tables(table, compare):
    middle = np.cumsum(solar.DAYS_IN_MONTH) - 15
    hours = solar.day_length(table["latitude"], middle)
    compare(
        "solar",
        f"day length of the months at {table['latitude']}° N",
        hours,
        table["hours"],
        unit="h",
        abs=table["tolerance"],
        source=table["source"],
    )


def test_equator_and_poles():
    np.testing.assert_allclose(solar.day_length(0.0, solar.DAYS), 12.0)
    assert solar.day_length(90.0, 172) == pytest.approx(24.0)
    assert solar.day_length(-90.0, 172) == 0.0
    assert solar.extraterrestrial_radiation(-90.0, 172) == pytest.approx(0.0, abs=1e-12)
    # Pole, midsummer: 1440/pi * 0.082 * dr * pi * sin(d) with d = 0.409 and dr = 1 + 0.033
    # cos(2 pi 172/365) = 0.9675: 118.08 * 0.9675 * 0.3977 = 45.4 MJ/m2/day.
    assert solar.extraterrestrial_radiation(90.0, 172) == pytest.approx(45.4, abs=0.1)


def test_the_hemispheres_share_the_day():
    north = solar.monthly_mean(solar.day_length(42.9, solar.DAYS))
    south = solar.monthly_mean(solar.day_length(-42.9, solar.DAYS))
    np.testing.assert_allclose(north + south, 24.0)
