"""10,000 draws of the whole ledger, by the tape and by a plain loop, in one run.

The ledger is that of the eight counties (no park, no neighbours): all technologies, components and
nets of the year by county and prefecture, with quantiles. The numerical models (PV year, soils,
stands) have their own draws, from the cache. The plain loop evaluates the same equations with one
draw at a time; a few of its draws are timed and scaled up. Peak memory is that of the whole
process, with what it needs before (data, libraries).

Run: python -m benchmarks.ledger_draws
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from ecoassess.calendar import Month
from ecoassess.ledger import nets_by_atom
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.replay import CHUNK, THREADS
from ecoassess.run import Assessment, Session
from ecoassess.sampling import LatinHypercube
from ecoassess.sensitivity import zone_sums

DRAWS = 10_000
LOOPED = 5


def of_the_prefecture(session: Session) -> Session:
    """Return a session without park and neighbours."""
    nothing: dict[str, Any] = {"park": None, "neighbours": {}, "draws": 10}
    run = replace(session.run, config=session.run.config.model_copy(update=nothing))
    return replace(session, run=run)


def quantiles(assessment: Assessment, sample: LatinHypercube) -> int:
    """Work out the ledger under a sample; return the number of rows with quantiles."""
    replay = assessment.replay
    amounts = replay.amounts(sample)
    nets = [[amounts[net[0], name] for name in names] for net, names in replay.members()]

    def row(parts: Sequence[np.ndarray]) -> int:
        sums = zone_sums(np.asarray(sum(parts)), assessment.zones)
        return np.quantile(sums[1:], (0.025, 0.5, 0.975), axis=0).shape[1]

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(row, [*([amount] for amount in amounts.values()), *nets]))


def main() -> None:
    """Time both ways and print the ratio."""
    project = find_project()
    month = Month.parse(sys.argv[1] if len(sys.argv) > 1 else "2024-06")
    session = of_the_prefecture(open_run(project, project.configs / "runs" / "yanbian.yaml", month))
    assessment = session.assess()
    seed = session.run.config.seed
    start = time.perf_counter()
    replay = assessment.replay
    print(f"recorded in {time.perf_counter() - start:.2f} s: {len(replay.player.steps)} steps")
    quantiles(assessment, LatinHypercube(THREADS * CHUNK, seed))  # memory is there
    sample = LatinHypercube(DRAWS, seed)
    start = time.perf_counter()
    for key in replay.player.inputs:
        replay.numbers(key, sample)
    drawn = time.perf_counter() - start
    start = time.perf_counter()
    rows = quantiles(assessment, sample)
    tape = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"tape: {DRAWS:,} draws, {rows} rows, {tape:.2f} s (of it drawing {drawn:.2f} s)")
    print(f"peak memory of the process: {memory:,.0f} MB")
    start = time.perf_counter()
    for i in range(LOOPED):
        one = assessment.runner.sampled(LatinHypercube(1, seed + i))
        for technology in one.technologies:
            if technology.nets:
                nets_by_atom(one.evaluate(technology), assessment.gwp)
    loop = (time.perf_counter() - start) / LOOPED * DRAWS
    print(f"plain loop: {loop / DRAWS:.2f} s a draw, {loop:,.0f} s for {DRAWS:,}")
    print(f"ratio {loop / tape:,.0f}")


if __name__ == "__main__":
    main()
