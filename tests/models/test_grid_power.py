"""The grid's factor by month, and the upstream emissions of its coal."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ecoassess.coefficients import read_coefficients
from ecoassess.configuration import read_yaml
from ecoassess.models.grid_power import grid_power
from ecoassess.project import find_project
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude, quantify

MONTHS = [str(month) for month in range(1, 13)]


def by_source(coal, gas, unit):
    return quantify(
        xr.DataArray(
            [coal, gas], dims="heat_source", coords={"heat_source": ["cogeneration", "gas_boiler"]}
        ),
        unit,
    )


def grid(**changes):
    """Two counties; half of the power is thermal and takes 10 MJ/kWh of coal."""
    ratio = xr.DataArray([1.2, *[1.0] * 11], dims="month", coords={"month": MONTHS})
    base = {
        "electricity_factor": quantify(xr.DataArray([0.5, 0.4], dims="atom"), "kg CO2/kWh"),
        "electricity_month_ratio": quantify(ratio, "1"),
        "thermal_share": quantify(xr.DataArray(0.5), "1"),
        "fuel_per_thermal_power": quantify(xr.DataArray(10.0), "MJ/kWh"),
        "upstream_methane_factor": by_source(0.2, 9, "kg CH4_fossil/GJ"),
        "upstream_carbon_dioxide_factor": by_source(4, 99, "kg CO2/GJ"),
    }
    found = grid_power(**base | changes)
    return {name: magnitude(found[name], unit) for name, unit in grid_power.model.returns.items()}


def test_a_month_has_its_ratio_of_the_year():
    plain = grid()["monthly_electricity_factor"]
    assert plain["month"].values.tolist() == list(range(1, 13))
    assert plain.sel(month=1).values == pytest.approx([0.6, 0.48])
    np.testing.assert_allclose(plain.sel(month=7), [0.5, 0.4])


def test_upstream_of_the_coal_by_hand():
    # 0.5 · 10 MJ = 0.005 GJ/kWh; · 0.2 kg = 1 g of methane, · 4 kg = 20 g of CO2, in each county
    found = grid()
    assert found["electricity_upstream_methane"].values == pytest.approx([0.001, 0.001])
    assert found["electricity_upstream_carbon_dioxide"].values == pytest.approx([0.02, 0.02])


def test_a_grid_without_thermal_plants_has_no_coal_upstream():
    found = grid(thermal_share=quantify(xr.DataArray(0.0), "1"))
    for name in ("electricity_upstream_methane", "electricity_upstream_carbon_dioxide"):
        assert (found[name] == 0).all()
    assert (found["monthly_electricity_factor"] > 0).all()


def thermal_share(family):
    """Return the configured central share."""
    configs = find_project(Path(__file__)).configs
    known = read_coefficients(configs / "shared.yaml", read_yaml(configs / "sources.yaml").content)
    (value,) = known["thermal_share"].select({"electricity": family}).table
    return value.central


def test_the_family_of_the_run_rules_the_thermal_share_too():
    # 0.5564 / 0.90; 0.75 · 1 + 0.25 · 0.2399 / 0.90
    assert thermal_share("average") == pytest.approx(0.5564 / 0.90, abs=0.005)
    assert thermal_share("combined_margin") == pytest.approx(0.75 + 0.25 * 0.2399 / 0.90, abs=0.005)


def factors():
    configs = find_project().configs
    sources = read_yaml(configs / "sources.yaml").content
    return read_coefficients(configs / "shared.yaml", sources)["electricity_factor"]


def test_the_width_of_the_average_holds_the_other_official_factors():
    """√(0.0688² + (0.5564 / 0.4932 − 1)²) = √(0.004733 + 0.016421) = 0.1454 of the value."""
    of = {value.labels: value.spread for value in factors().table}
    jilin = of["average", "22", "2022"]
    for spread in (spread for labels, spread in of.items() if labels[0] == "average"):
        low, high = spread.interval
        assert (high - low) / 2 / spread.value == pytest.approx(0.1454, abs=0.001)
        assert spread.drawn == pytest.approx((low, high))
    assert jilin.interval[0] < 0.4932 < 0.5366 < 0.5564 < jilin.interval[1]  # nation, Northeast
    assert of["average", "22", "2023"].interval[1] > 0.5306  # nation


def test_the_grid_is_one_unknown_in_all_years_and_provinces():
    drawn = magnitude(factors().draws(LatinHypercube(200, 1)), "kg CO2/kWh")
    relative = (drawn / drawn.isel(draw=0)).sel(electricity="average")
    columns = relative.stack(label=("province", "year")).transpose("label", "draw").values
    known = columns[np.isfinite(columns).all(axis=1)]
    assert len(known) == 6
    np.testing.assert_allclose(known, np.broadcast_to(known[0], known.shape), rtol=1e-3)
    assert known[0, 1:].std() > 0.06
