"""What an edit of coefficients would do, before anything is run or committed.

The last run leaves a snapshot in the cache: its coefficients, its draws and the arithmetic of its
assessment. A preview reads the files as they are now, draws anew what was edited and plays the
arithmetic again: no data are read and no equation is evaluated.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.calendar import Month
from ecoassess.coefficients import Coefficient
from ecoassess.drawn import Drawn
from ecoassess.edits import Change, Dormant, Tables, changes, dormant
from ecoassess.errors import InputError, Problem
from ecoassess.provenance import code_hash
from ecoassess.replay import Net
from ecoassess.sampling import LatinHypercube

if TYPE_CHECKING:
    from ecoassess.project import Project
    from ecoassess.run import Assessment, Session
    from ecoassess.tape import Player
    from ecoassess.zones import Zone

DRAWS = 100
"""Draws of a preview, beside the central one."""


@dataclass(frozen=True)
class Snapshot:
    """What a run leaves for previews.

    Parameters
    ----------
    structure
        A hash of everything the arithmetic hangs on, apart from the values of coefficients.
    inputs
        Key of each input of the arithmetic → its numbers for `DRAWS` draws.
    keys
        Key of each input that is a coefficient → its file, its name and the site.
    """

    key: str
    month: str
    structure: str
    tables: Tables
    player: Player
    inputs: dict[str, np.ndarray]
    keys: dict[str, tuple[str, str, str]]
    members: list[tuple[Net, list[str]]]
    factors: dict[tuple[str, str], float]
    zones: list[Zone]
    published: dict[Net, np.ndarray]
    """The nets that the inputs give, so that they need not be worked out again."""

    def nets(
        self, inputs: Mapping[str, np.ndarray], factors: Mapping[tuple[str, str], float]
    ) -> dict[Net, np.ndarray]:
        """Return technology and boundary → net of the year (draw, zone) in t CO2e."""
        played = self.player.play(inputs, self.player.workspace(DRAWS + 1)) | self.player.constants
        weights = np.array([zone.weights for zone in self.zones])
        nets = {}
        for net, names in self.members:
            by_atom = sum(played[net[0], name] * factors[net[0], name] for name in names)
            nets[net] = _by_zone(np.asarray(by_atom), weights)
        return nets


def _by_zone(by_atom: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sums of zones; atoms without data are left out, a zone without any is missing."""
    by_atom = np.atleast_2d(by_atom)
    present = np.isfinite(by_atom).all(axis=0)
    sums: np.ndarray = by_atom[:, present] @ weights[:, present].T
    sums[:, ~(weights[:, present] != 0).any(axis=1)] = np.nan
    return sums


def all_tables(session: Session) -> dict[str, Mapping[str, Coefficient]]:
    """Return every coefficient of a session, by file."""
    models = {*session.book.models, *session.kernels}
    tables = {**session.book.own, **session.kernels}
    files = {f"{'models' if n in models else 'technologies'}/{n}": t for n, t in tables.items()}
    return {"shared": session.book.shared, **files}


def _shape(tables: Tables) -> list[list[object]]:
    """Return units, dimensions and labels of coefficients."""
    return [
        [file, name, one.unit, list(one.entry.dimensions), [list(v.labels) for v in one.table]]
        for file, table in tables.items()
        for name, one in table.items()
    ]


def structure(session: Session, tables: Tables) -> str:
    """Return a hash of what the arithmetic hangs on, apart from the values of coefficients.

    Coefficients of numerical models are left out as well: what they change is told by `simulated`.
    """
    parts = session.key_parts()
    of_values = [f"{file}.yaml" for file in tables] + ["sources.yaml", "language.yaml"]
    parts["files"] = {f: h for f, h in parts["files"].items() if f not in of_values}
    parts["shape"] = _shape(tables)
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _snapshot_file(project: Project, session: Session) -> Path:
    """Return where a run leaves its snapshot: restatements and other programs have their own."""
    restated = f"-as-of-{session.as_of}" if session.as_of else ""
    name = f"{session.run.path.stem}-{session.month}{restated}-{code_hash()[:12]}.pickle"
    return project.cache / "preview" / name


def take_snapshot(assessment: Assessment, key: str) -> Snapshot:
    """Record an assessment for previews."""
    session = assessment.session
    tables = all_tables(session)
    replay = assessment.replay
    files = {f"{Path(f).name}/{n}": (f, n) for f, table in tables.items() for n in table}
    sample = LatinHypercube(DRAWS, session.run.config.seed)
    inputs, keys = {}, {}
    for name in replay.player.inputs:
        inputs[name] = replay.numbers(name, sample)
        stem, _, site = name.partition("@")
        if stem in files:
            keys[name] = (*files[stem], site)
    factors = replay.factors
    found = Snapshot(
        key,
        str(session.month),
        structure(session, tables),
        tables,
        replay.player,
        inputs,
        keys,
        list(replay.members()),
        factors,
        assessment.zones,
        {},
    )
    return replace(found, published=found.nets(inputs, factors))


def save_snapshot(assessment: Assessment, key: str) -> None:
    """Leave a snapshot of a run in the cache."""
    file = _snapshot_file(assessment.session.project, assessment.session)
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(".part")
    scratch.write_bytes(pickle.dumps(take_snapshot(assessment, key)))
    scratch.replace(file)
    for older in file.parent.glob(f"{file.stem.rpartition('-')[0]}-????????????.pickle"):
        if older != file:
            older.unlink()


@dataclass(frozen=True)
class Assessed:
    """What a run left a snapshot of: its month, and the day whose coefficients it took instead."""

    month: str
    as_of: str | None


def last_assessed(
    project: Project, run_file: Path, month: str | None = None, as_of: str | None = None
) -> Assessed:
    """Return what the last run of a configuration assessed, among those that were asked for.

    Parameters
    ----------
    month, as_of
        What is asked for. A month alone means the month as it was; neither means any run.

    Raises
    ------
    InputError
        When no run left anything for previews.
    """
    if month is not None:
        return Assessed(str(Month.parse(month)), as_of)
    folder = project.cache / "preview"
    name = re.compile(
        re.escape(run_file.stem) + r"-(\d{4}-\d{2})(?:-as-of-(\d{4}-\d{2}-\d{2}))?-([0-9a-f]{12})"
    )
    known = {file: name.fullmatch(file.stem) for file in folder.glob("*.pickle")}
    code = code_hash()[:12]
    found = {
        # One that this program can read comes before a later one of another.
        (match[3] == code, file.stat().st_mtime_ns, file.name): Assessed(match[1], match[2])
        for file, match in known.items()
        if match and as_of in (None, match[2])
    }
    if not found:
        raise InputError(
            Problem(
                what="no run to compare the edit with",
                file=project.relative(folder),
                expected=f"what a run of {run_file.stem} leaves in the cache",
                remedy="run the assessment once",
            )
        )
    return found[max(found)]


def read_snapshot(session: Session) -> Snapshot:
    """Return what the last run of this configuration and month left.

    Raises
    ------
    InputError
        When there is none, or it is of another version of the program.
    """
    file = _snapshot_file(session.project, session)
    try:
        found = pickle.loads(file.read_bytes())  # noqa: S301 - written by ourselves, in our cache
    except FileNotFoundError:
        found = None
    except (AttributeError, ImportError, EOFError, pickle.UnpicklingError, TypeError):
        found = None
    if not isinstance(found, Snapshot):
        raise InputError(
            Problem(
                what="no run to compare the edit with",
                file=session.project.relative(file),
                expected=f"what a run of {session.month} leaves in the cache",
                remedy="run the assessment of this month once",
            )
        )
    return found


@dataclass(frozen=True)
class Preview:
    """The effect of an edit.

    Parameters
    ----------
    when
        The month, or the day, whose coefficients are looked at.
    dormant
        Edited versions that do not hold then.
    effects
        A row per technology, boundary and zone whose net of the year changes: `old` and `new` in
        t CO2e, their 95 % intervals, `change` and `relative`.
    """

    snapshot: Snapshot
    when: str
    changes: list[Change]
    dormant: list[Dormant]
    effects: pd.DataFrame


def preview(
    session: Session, snapshot: Snapshot, progress: Callable[[str], None] = lambda text: None
) -> Preview:
    """Return what the coefficients as they are now would change in a run's results.

    Raises
    ------
    InputError
        When more than coefficients changed since the run.
    """
    tables = all_tables(session)
    if structure(session, snapshot.tables) != snapshot.structure:
        raise InputError(
            Problem(
                what="more than the values of coefficients changed since the last run",
                found=f"last run: {snapshot.key}",
                expected="the same data, scenario, configuration and program",
                remedy="run the assessment again, then compare the two runs",
            )
        )
    if worked_out_anew(session, snapshot) is None:
        new = snapshot.nets(*_drawn_anew(session, snapshot, tables))
    else:
        new = _evaluated(session, progress)
    return Preview(
        snapshot,
        str(session.as_of or session.month),
        list(changes(snapshot.tables, tables)),
        list(dormant(snapshot.tables, tables)),
        _effects(snapshot.zones, snapshot.published, new),
    )


def worked_out_anew(session: Session, snapshot: Snapshot) -> list[str] | None:
    """Return the edited coefficients because of which playing the arithmetic is not enough.

    An empty list stands for other units or labels than those that it was recorded with, None for
    an edit that it can be played for.
    """
    tables = all_tables(session)
    found = _of_simulations(session, snapshot.tables, tables)
    return found if found or _shape(tables) != _shape(snapshot.tables) else None


def _of_simulations(session: Session, old: Tables, new: Tables) -> list[str]:
    """Return the changed coefficients that simulations take, so that playing is not enough."""
    taken = {(c.file.stem, c.name) for t in session.of_kernels.values() for c in t.values()}
    taken |= {(c.file.stem, c.name) for t in session.kernels.values() for c in t.values()}
    changed = [
        (Path(file).name, name)
        for file, table in new.items()
        for name, one in table.items()
        if name not in old.get(file, {}) or _differs(old[file][name], one)
    ]
    return [f"{stem}/{name}" for stem, name in changed if (stem, name) in taken]


def _differs(old: Coefficient, new: Coefficient) -> bool:
    """Tell whether two coefficients are drawn otherwise."""
    spreads = [[(v.labels, v.spread) for v in one.table] for one in (old, new)]
    kinds = [
        (one.unit, [v.group for v in one.table], one.entry.uncertainty_of) for one in (old, new)
    ]
    return spreads[0] != spreads[1] or kinds[0] != kinds[1]


def _drawn_anew(
    session: Session, snapshot: Snapshot, tables: Tables
) -> tuple[dict[str, np.ndarray], dict[tuple[str, str], float]]:
    """Return the inputs of the arithmetic with the edited coefficients drawn anew."""
    from ecoassess.ledger import co2e_factor

    config = session.run.config
    choice = {**config.choices, "year": str(session.month.year)}
    sample = LatinHypercube(DRAWS, config.seed)
    inputs = dict(snapshot.inputs)
    for key, (file, name, site) in snapshot.keys.items():
        if _differs(snapshot.tables[file][name], tables[file][name]):
            chosen = tables[file][name].select(choice)
            drawn = Drawn(chosen, session.book.correlations, site)(sample)
            inputs[key] = np.asarray(drawn.data.magnitude)
    gwp = session.book.shared["gwp_100"].select({"gwp": config.choices["gwp"]})
    potentials = {value.labels[0]: value.central for value in gwp.table}
    factors = {
        (name, component): co2e_factor(one, potentials)
        for name, technology in session.technologies.items()
        for component, one in technology.components.items()
    }
    return inputs, factors


def _evaluated(session: Session, progress: Callable[[str], None]) -> dict[Net, np.ndarray]:
    """Return the nets of the year by zone, with everything worked out anew."""
    assessment = session.assess(progress)
    replay = assessment.replay
    weights = np.array([zone.weights for zone in assessment.zones])
    nets = replay.nets(LatinHypercube(DRAWS, session.run.config.seed))
    return {net: _by_zone(by_atom, weights) for net, by_atom in nets.items()}


def _effects(
    zones: Sequence[Zone], old: Mapping[Net, np.ndarray], new: Mapping[Net, np.ndarray]
) -> pd.DataFrame:
    rows = []
    for technology, boundary in dict.fromkeys([*old, *new]):
        before, after = (nets.get((technology, boundary)) for nets in (old, new))
        if before is None or after is None or np.array_equal(before, after, equal_nan=True):
            continue
        for i, zone in enumerate(zones):
            one, two = before[:, i], after[:, i]
            if np.isnan(one).all() and np.isnan(two).all():
                continue
            intervals = [
                np.quantile(x[1:] if len(x) > 1 else x, (0.025, 0.975)) for x in (one, two)
            ]
            rows.append(
                (
                    *(technology, boundary, zone.zoning, zone.code, zone.en, zone.zh),
                    *(one[0], two[0], two[0] - one[0]),
                    (two[0] - one[0]) / abs(one[0]) if one[0] else np.nan,
                    *intervals[0],
                    *intervals[1],
                )
            )
    columns = ["technology", "boundary", "zoning", "adcode", "zone", "zone_zh", "old", "new"]
    columns += ["change", "relative", "old_p2.5", "old_p97.5", "new_p2.5", "new_p97.5"]
    return pd.DataFrame(rows, columns=columns)
