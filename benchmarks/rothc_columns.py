"""Time RothC over 100,000 columns x 480 months against one column after the other.

Compared with pyRothC 0.0.4 where it is installed (it is no dependency) and with a plain loop of
the official equations, which is also the check of the results. One process, one thread.
"""

import tracemalloc
from math import exp
from time import perf_counter

import numpy as np
import pandas as pd
from scipy.integrate import odeint

from ecoassess.models import rothc, rothc_rates
from ecoassess.models.rothc import Inputs, Pools
from ecoassess.models.rothc_rates import Climate, Soil, Turnover

try:
    from pyRothC.RothC import RothC
except ImportError:
    RothC = None

COLUMNS, YEARS, SAMPLE = 100_000, 40, 40
MONTHS = 12 * YEARS
RANDOM = np.random.default_rng(26_3)
TEMPERATURE = np.array([-13.5, -9.1, -1.3, 7.2, 13.8, 18.3, 21.9, 21.8, 15.5, 7.8, -2.1, -11.1])
PRECIPITATION = np.array([5.0, 6, 11, 26, 57, 81, 110, 118, 52, 25, 15, 7])
PAN = np.array([14.0, 22, 60, 130, 180, 170, 155, 140, 110, 70, 30, 14])
COVER = np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0])

temperature = TEMPERATURE[:, None] + RANDOM.normal(0, 1, COLUMNS)
precipitation = PRECIPITATION[:, None] * RANDOM.lognormal(0, 0.15, COLUMNS)
pan = PAN[:, None] * RANDOM.lognormal(0, 0.1, COLUMNS)
clay = RANDOM.uniform(10, 45, COLUMNS)
plant = np.full((12, 1), 1 / 12) * RANDOM.uniform(1.5, 4.5, COLUMNS)
soil = Soil(clay, np.array(25.0))
climate = Climate.from_pan(temperature, precipitation, pan)
start = Pools(*(np.array([pool]) for pool in (0.3, 6.0, 0.8, 30.0, 3.0)))


def kernel(years: int = YEARS) -> rothc.Trajectory:
    """Run all columns, modifiers included, pools at the ends of years."""
    turnover = rothc_rates.turnover(climate, soil, COVER)
    return rothc.simulate(start, Inputs(plant), turnover, years)


def kernel_by_months() -> rothc.Trajectory:
    """Run the same without the map of the year: every month is stepped."""
    turnover = rothc_rates.turnover(climate, soil, COVER)
    inputs = Inputs(np.broadcast_to(np.tile(plant[:1], (MONTHS, 1)), (MONTHS, COLUMNS)))
    return rothc.simulate(start, inputs, turnover, YEARS)


def plain_loop(column: int) -> tuple[float, ...]:
    """Run one column by the official equations, month after month, in Python's own numbers."""
    share = float(clay[column])
    driest = -(20 + 1.3 * share - 0.01 * share**2) * 25 / 23
    x = 1.67 * (1.85 + 1.60 * exp(-0.0786 * share))
    dpm, rpm, bio, hum, deficit = 0.3, 6.0, 0.8, 30.0, 0.0
    air, rain, evaporation = (a[:, column].tolist() for a in (temperature, precipitation, pan))
    carbon = plant[:, column].tolist()
    # three turns of the year first, only to settle the deficit
    for step in range(-36, MONTHS):
        month = step % 12
        wetter = min(0.0, deficit + rain[month] - 0.75 * evaporation[month])
        floor = driest if COVER[month] == 1 else min(0.556 * driest, deficit)
        deficit = max(floor, wetter)
        if step < 0:
            continue
        a = 47.91 / (exp(106.06 / (air[month] + 18.27)) + 1) if air[month] >= -5 else 0.0
        b = 1.0
        if deficit <= 0.444 * driest:
            b = 0.2 + 0.8 * (driest - deficit) / (driest - 0.444 * driest)
        rate = a * b * (0.6 if COVER[month] == 1 else 1.0) / 12
        kept = (
            dpm * exp(-10 * rate),
            rpm * exp(-0.3 * rate),
            bio * exp(-0.66 * rate),
            hum * exp(-0.02 * rate),
        )
        lost = dpm + rpm + bio + hum - sum(kept)
        dpm = kept[0] + carbon[month] * 1.44 / 2.44
        rpm = kept[1] + carbon[month] / 2.44
        bio = kept[2] + 0.46 / (x + 1) * lost
        hum = kept[3] + 0.54 / (x + 1) * lost
    return dpm, rpm, bio, hum


def py_rothc(column: int) -> "RothC":
    """Return a column of pyRothC: no plant cover factor, inputs spread evenly over the year."""
    return RothC(
        temperature=temperature[:, column],
        precip=precipitation[:, column],
        evaporation=pan[:, column],
        years=YEARS,
        clay=clay[column],
        soil_thickness=25.0,
        input_carbon=plant[:, column].sum(),
        C0=np.array([0.3, 6.0, 0.8, 30.0, 3.0]),
    )


def without_cover_factor() -> rothc.Trajectory:
    """Run the sample as pyRothC sees it: moisture under plants, but no factor 0.6; by months."""
    cut = slice(SAMPLE)
    weather = Climate.from_pan(temperature[:, cut], precipitation[:, cut], pan[:, cut])
    part = Soil(clay[cut], np.array(25.0))
    green = rothc_rates.turnover(weather, part, np.ones(12), 0.0)
    inputs = Inputs(plant[:, cut])
    return rothc.simulate(start, inputs, Turnover(green.rate / 0.6, part.clay), YEARS, "months")


def seconds(function, repetitions: int = 3) -> float:
    """Return the time of the quickest of some calls."""
    times = []
    for _ in range(repetitions):
        begin = perf_counter()
        function()
        times.append(perf_counter() - begin)
    return min(times)


def peak(function) -> tuple[float, float]:
    """Return the peak of the memory allocated in a call, and what its result holds, MB."""
    tracemalloc.start()
    result = function()
    held, top = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return top / 1e6, held / 1e6


def compare_with_py_rothc(per_month: float) -> None:
    """Print time and differences beside pyRothC, plant cover switched off.

    Means of the last 12 months are compared, since pyRothC's first row is already a month old.
    """
    ours = np.stack(list(vars(without_cover_factor().pools).values()))[:4, -12:].mean(axis=1)
    py_rothc(0).compute()  # warm
    begin = perf_counter()
    models = [py_rothc(column) for column in range(SAMPLE)]
    rough = np.array([model.compute().to_numpy()[-12:, :4].mean(axis=0) for model in models]).T
    each = (perf_counter() - begin) / SAMPLE / MONTHS
    print(f"pyRothC, {SAMPLE} columns: {each * 1e6:.1f} us per column-month")
    print(f"ratio {each / per_month:,.0f}")
    tight = np.array(
        [
            odeint(model.dCdt, model.C0, model.t, rtol=1e-8, atol=1e-8, hmax=1 / 48)[-12:, :4]
            for model in models
        ]
    ).mean(axis=1).T  # fmt: skip
    print(f"difference of pyRothC after {YEARS} years, cover factor off, t C/ha:")
    table = pd.DataFrame(index=["DPM", "RPM", "BIO", "HUM", "total"])
    table["mean"] = [*ours.mean(axis=1), ours.sum(axis=0).mean()]
    for name, theirs in {"as it is": rough, "its ODE, tolerance 1e-8": tight}.items():
        off = np.abs(np.vstack([theirs - ours, (theirs - ours).sum(axis=0)]))
        table[f"{name}: median"], table["largest"] = np.median(off, axis=1), off.max(axis=1)
        table = table.rename(columns={"largest": f"{name}: largest"})
    print(table.round(3).T.to_string())


def main() -> None:
    """Print times, ratios, memory and differences."""
    kernel()  # warm
    time = seconds(kernel)
    per_month = time / COLUMNS / MONTHS
    print(f"{COLUMNS:,} columns x {MONTHS} months: {time:.3f} s, {per_month * 1e9:.1f} ns each")
    stepped = seconds(kernel_by_months)
    print(f"every month stepped: {stepped:.3f} s, {stepped / COLUMNS / MONTHS * 1e9:.1f} ns each")

    loop = seconds(lambda: [plain_loop(column) for column in range(SAMPLE)]) / SAMPLE / MONTHS
    print(f"plain loop: {loop * 1e6:.2f} us per column-month, ratio {loop / per_month:,.0f}")
    result = kernel()
    last = np.stack(list(vars(result.pools).values()), axis=-1)[-1, :SAMPLE, :4]
    looped = np.array([plain_loop(column) for column in range(SAMPLE)])
    print(f"largest difference to it, cover on: {np.abs(last - looped).max():.1e} t C/ha")
    del result

    if RothC is None:
        print("pyRothC is not installed: no ratio to it")
    else:
        compare_with_py_rothc(per_month)

    turnover = rothc_rates.turnover(climate, soil, COVER)
    inputs = Inputs(plant)
    for years in (YEARS, 2 * YEARS):
        top, held = peak(lambda years=years: rothc.simulate(start, inputs, turnover, years))
        print(f"{years} years, ends of years: peak {top:.0f} MB, of it result {held:.0f} MB")
    for years in (YEARS, 2 * YEARS):
        top, held = peak(
            lambda years=years: rothc.simulate(start, inputs, turnover, years, "last_year")
        )
        print(f"{years} years, last year only: peak {top:.0f} MB, of it result {held:.0f} MB")


if __name__ == "__main__":
    main()
