"""One run from configuration to published folder; the stages that flows and commands call."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecoassess.calendar import Month
from ecoassess.errors import Problem, RunError
from ecoassess.inputs.catalog import Catalog
from ecoassess.project import Project
from ecoassess.run_config import Run, plain

if TYPE_CHECKING:
    import pandas as pd

    from ecoassess.activity_uncertainty import Widths
    from ecoassess.assessment import Outcome, Runner
    from ecoassess.book import Book
    from ecoassess.cost_figures import Costs
    from ecoassess.indicators import Indicators
    from ecoassess.observe import Observation
    from ecoassess.opening import Source
    from ecoassess.replay import Replay
    from ecoassess.technology import Technology
    from ecoassess.variables import Variable
    from ecoassess.zones import Zone

Progress = Callable[[str], None]


def silent(text: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Assessment:
    """The results of one run in memory.

    Parameters
    ----------
    rows
        The table of `assessment.csv`.
    outcomes
        Technology → amounts by atom.
    """

    session: Session
    runner: Runner
    rows: pd.DataFrame
    outcomes: Mapping[str, Outcome]
    gwp: Mapping[str, float]
    zones: list[Zone]

    @cached_property
    def replay(self) -> Replay:
        """The arithmetic of the assessment, for other draws."""
        from ecoassess.replay import record

        return record(self.runner, self.gwp)


@dataclass
class Session:
    """A run configuration opened for one month, everything read and checked."""

    project: Project
    run: Run
    month: Month
    catalog: Catalog
    technologies: Mapping[str, Technology]
    book: Book
    kernels: Mapping[str, Any]
    variables: Mapping[str, Variable]
    sources: Mapping[str, Source]
    widths: Widths | None = None
    costs: Costs | None = None
    indicators: Indicators | None = None
    timings: dict[str, float] = field(default_factory=dict)
    as_of: date | None = None
    """The day whose coefficients hold, where that is not the last of the month: a restatement."""

    @cached_property
    def statistics(self) -> Any:
        """The statistics table."""
        from ecoassess.inputs.statistics import read_statistics

        return read_statistics(self.catalog, self.run.config.datasets.statistics)

    @cached_property
    def stations(self) -> Any:
        """The station normals."""
        from ecoassess.inputs.stations import read_stations

        return read_stations(self.catalog, self.run.config.datasets.stations)

    def observe(self, progress: Progress = silent) -> Observation:
        """Return the tables of rasters and vectors; read once, then from the cache."""
        from ecoassess.inputs.stations import annual_precipitation
        from ecoassess.observe import observe

        with self.timed("observe"):
            if "observation" not in self.__dict__:
                self.__dict__["observation"] = observe(
                    self.project,
                    self.catalog,
                    self.run.config,
                    annual_precipitation(self.stations),
                    progress,
                )
        observation: Observation = self.__dict__["observation"]
        return observation

    @cached_property
    def weather(self) -> Mapping[str, Any]:
        """Weather files of hours, by county that has one."""
        names = self.run.config.datasets.weather_hours
        if not names:
            return {}
        from ecoassess.inputs.weather_hours import read_weather
        from ecoassess.simulate import TIME_ZONE

        places = self.observe().longitude, self.observe().latitude
        return read_weather(self.catalog, names, *places, TIME_ZONE)

    @cached_property
    def climate(self) -> Any:
        """The counties' corrected climate."""
        from ecoassess.derived import county_climate
        from ecoassess.inputs.stations import annual_precipitation, monthly_at

        observation = self.observe()
        places = observation.longitude, observation.latitude
        return county_climate(
            observation,
            annual_precipitation(self.stations),
            monthly_at(self.stations, "global_horizontal_irradiation", "kWh/m^2", *places),
            self.run.config.climate,
        )

    @property
    def of_kernels(self) -> dict[str, Mapping[str, Any]]:
        """Numerical model → all coefficients it takes, those it shares with equations too."""
        from ecoassess.simulate import ROOF_UNITS
        from ecoassess.stand_responses import SHARED_UNITS

        roofs = {n: self.book.own[m][n] for m, names in ROOF_UNITS.items() for n in names}
        stands = {name: self.book.shared[name] for name in SHARED_UNITS}
        return {
            **self.kernels,
            "pv_year": {**self.kernels.get("pv_year", {}), **roofs},
            "stand_growth": {**self.kernels.get("stand_growth", {}), **stands},
        }

    def simulate(self, progress: Progress = silent) -> Mapping[str, Any]:
        """Return the results of the models with hours or memory, from the cache if possible."""
        from ecoassess.allocation import models_of_supply
        from ecoassess.simulate import simulate

        observation, climate = self.observe(progress), self.climate
        with self.timed("simulate"):
            if "simulated" not in self.__dict__:
                technologies = list(self.technologies.values())
                supplies = models_of_supply(self.run, technologies, self.book)
                needed = {
                    str(self.variables[name].simulated)
                    for equation in [*technologies, *supplies]
                    for name in self.book.variables_behind(equation)
                    if self.variables[name].simulated
                }
                self.__dict__["simulated"] = simulate(
                    self.project,
                    needed,
                    observation,
                    climate,
                    self.stations,
                    self.weather,
                    self.of_kernels,
                    self.run.config.seed,
                    self.month.year,
                    progress,
                )
        simulated: Mapping[str, Any] = self.__dict__["simulated"]
        return simulated

    def assess(self, progress: Progress = silent) -> Assessment:
        """Evaluate all technologies and return their rows."""
        import pandas as pd

        from ecoassess.activity import Activity
        from ecoassess.activity_uncertainty import ActivityErrors
        from ecoassess.allocation import allocate
        from ecoassess.assessment import Runner
        from ecoassess.claims import check_taken, make_room
        from ecoassess.coefficients import central_values
        from ecoassess.derived import SEASON_MODEL, SEASON_UNITS
        from ecoassess.inputs.land_cover import read_classes
        from ecoassess.ledger import summarise
        from ecoassess.sampling import LatinHypercube
        from ecoassess.zones import make_zones

        observation, simulated = self.observe(progress), self.simulate(progress)
        config = self.run.config
        with self.timed("assess"):
            activity = Activity(
                config,
                self.variables,
                self.statistics,
                observation,
                self.climate,
                read_classes(self.project),
                simulated,
                central_values(SEASON_MODEL, self.kernels.get(SEASON_MODEL, {}), SEASON_UNITS),
                self.month,
                ActivityErrors(self.widths)
                if self.widths and config.activity_uncertainty
                else None,
            )
            allocation = allocate(self.run, self.technologies.values(), self.book, self.month.year)
            runner = Runner(
                self.book,
                list(self.technologies.values()),
                activity,
                allocation,
                LatinHypercube(config.draws, config.seed),
            )
            runner = make_room(self.run, runner)
            check_taken(self.run, runner)
            gwp = self.gwp(runner)
            zones = make_zones(config, observation, self.statistics, self.catalog)
            frames, outcomes = [], {}
            for name, technology in self.technologies.items():
                progress(f"assessing {name}")
                outcome = runner.evaluate(technology)
                outcomes[name] = outcome
                frames.append(
                    summarise(
                        outcome,
                        zones,
                        activity.group_area(technology.paint),
                        self.month,
                        config.region,
                        gwp,
                    )
                )
            rows = pd.concat(frames, ignore_index=True)
        return Assessment(self, runner, rows, outcomes, gwp, zones)

    def gwp(self, runner: Runner) -> dict[str, float]:
        """Return the global warming potentials of the run's set, kg CO2e per kg."""
        coefficient = self.book.shared["gwp_100"]
        chosen = coefficient.select({"gwp": self.run.config.choices["gwp"]})
        runner.used["shared/gwp_100"] = chosen
        return {value.labels[0]: value.central for value in chosen.table}

    def dataset_names(self) -> list[str]:
        """Return the datasets a run rests on."""
        named = [name for _, name in self.run.config.datasets.named]
        optional = [name for name in ("park_boundary",) if name in self.catalog]
        return list(dict.fromkeys([*named, *optional]))

    @property
    def config_files(self) -> list[Path]:
        """The files of `configs/` that a run rests on, beside run configuration and scenario."""
        configs = self.project.configs
        return [
            configs / "variables.yaml",
            configs / "shared.yaml",
            configs / "sources.yaml",
            configs / "correlations.yaml",
            configs / "activity_uncertainty.yaml",
            *sorted((configs / "models").glob("*.yaml")),
            *(configs / "technologies" / f"{name}.yaml" for name in self.technologies),
            configs / "methodologies.yaml",
            *(f for f in (configs / "costs.yaml", configs / "indicators.yaml") if f.is_file()),
            *sorted((configs / "legends").glob("*.yaml")),
            *sorted((configs / "codes").glob("*.yaml")),
            configs / "language.yaml",
        ]

    def key_parts(self) -> dict[str, Any]:
        """Return everything the numbers of this run rest on."""
        from ecoassess import provenance

        configs, files = self.project.configs, self.config_files
        return {
            "month": str(self.month),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "config": plain(self.run.config),
            "scenario": plain(self.run.scenario),
            "files": {f.relative_to(configs).as_posix(): provenance.file_hash(f) for f in files},
            "datasets": {
                name: [self.catalog.dataset(name).checksum, plain(self.catalog.entries[name])]
                for name in self.dataset_names()
            },
            "code": provenance.code_hash(),
            "libraries": provenance.versions(),
        }

    @property
    def month_folder(self) -> Path:
        """The folder of all runs of this region and month."""
        return self.project.outputs / self.run.config.region / str(self.month)

    def publish(
        self, assessment: Assessment, progress: Progress = silent, maps: bool = True
    ) -> Path:
        """Write the run's folder, whole or not at all, and point `latest` at it.

        Returns the existing folder when the same run is already there. Without maps the folder is
        named `<key>-tables`; `latest` points at it unless the same run is there with maps.

        Raises
        ------
        RunError
            When it cannot be written (a full disk, missing permission).
        """
        from ecoassess import provenance
        from ecoassess.publishing import point, remove_unfinished, write_results

        key = provenance.run_key(self.key_parts())
        folder = self.month_folder / (key if maps else f"{key}-tables")
        try:
            if not folder.is_dir():
                self.month_folder.mkdir(parents=True, exist_ok=True)
                remove_unfinished(self.month_folder)
                with tempfile.TemporaryDirectory(
                    dir=self.month_folder, prefix=".unfinished-"
                ) as scratch:
                    write_results(assessment, Path(scratch), key, progress, maps)
                    Path(scratch).rename(folder)
                    Path(scratch).mkdir()  # for the context manager to remove
                    folder.chmod(0o755)
            else:
                progress(f"this run is already published as {key}")
            whole = self.month_folder / key
            point(self.month_folder / "latest", (whole if whole.is_dir() else folder).name)
            newest = max(
                p.name for p in self.month_folder.parent.glob("????-??") if (p / "latest").exists()
            )
            point(self.month_folder.parent / "latest", f"{newest}/latest")
        except OSError as error:
            raise RunError(
                Problem(
                    what="the results could not be written; nothing was published",
                    file=self.project.relative(self.month_folder),
                    found=error.strerror or str(error),
                    remedy="free disk space or correct the permissions, then run again",
                )
            ) from error
        return folder

    def timed(self, stage: str) -> _Timer:
        """Return a context that adds the wall time of a stage to `timings`."""
        return _Timer(self.timings, stage)


class _Timer:
    """Adds the wall time of a stage to a record."""

    def __init__(self, record: dict[str, float], stage: str) -> None:
        self.record, self.stage = record, stage

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *details: object) -> None:
        spent = time.perf_counter() - self.start
        self.record[self.stage] = self.record.get(self.stage, 0.0) + spent


__all__ = ["Assessment", "Session"]
