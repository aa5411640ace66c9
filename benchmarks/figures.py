"""The prefecture's central figures of one run, for the tables beside published ones."""

from __future__ import annotations

from ecoassess.calendar import Month
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.run import Assessment
from ecoassess.units import magnitude


def assess_yanbian(month: Month) -> Assessment:
    """Assess the configured run of Yanbian."""
    project = find_project()
    return open_run(project, project.configs / "runs" / "yanbian.yaml", month).assess()


class Figures:
    """Sums over the prefecture, coefficients and claims of an assessment."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.runner = assessment.runner
        rows = assessment.rows
        whole = rows[(rows["zoning"] == "prefecture") & (rows["period"].str.len() == 4)]
        self.year = whole.set_index(["technology", "component", "boundary"]).sort_index()
        self.weights = next(z for z in assessment.zones if z.zoning == "prefecture").weights
        every = [name for t in self.runner.technologies for name in t.adopts]
        self.project, self.baseline = frozenset(every), frozenset[str]()

    def effect(self, technology: str, component: str, boundary: str = "territorial") -> float:
        """Return the effect of the year in the native unit."""
        return float(self.year.loc[(technology, component, boundary), "native_value"])

    def net(self, technology: str) -> str:
        """Return the net in t CO2e with its interval, and what lies outside the territory."""
        texts = []
        for boundary in ("territorial", "upstream", "embodied"):
            if (technology, "net", boundary) not in self.year.index:
                continue
            row = self.year.loc[(technology, "net", boundary)]
            if row["value"] != row["value"]:
                return "no data"
            text = f"{row['value']:,.0f}"
            if boundary == "territorial":
                text += f" ({row['p2.5']:,.0f} to {row['p97.5']:,.0f})"
            texts.append(text if boundary == "territorial" else f"{boundary} {text}")
        return "; ".join(texts)

    def net_of_all(self, technology: str) -> float:
        """Return the net over all boundaries in t CO2e."""
        own = self.year.loc[(technology, "net")]
        return float(own["value"].sum())

    def total(self, name: str, unit: str, state: frozenset[str], **labels: str) -> float:
        """Return the sum of a variable over the prefecture."""
        value = magnitude(self.runner.variable(name, state), unit)
        value = value.isel(draw=0) if "draw" in value.dims else value
        value = value.sel(labels) if labels else value
        rest = [d for d in value.dims if d != "atom"]
        return float(self.weights @ value.sum(rest).fillna(0).values)

    def central(self, equation: str, name: str, unit: str, **labels: str) -> float:
        """Return the central value of a coefficient."""
        value = magnitude(self.runner.coefficient(equation, name), unit).isel(draw=0)
        value = value.sel(labels) if labels else value
        return float(value.isel(atom=0) if "atom" in value.dims else value)

    def claimed(self, technology: str, state: str, label: str) -> float:
        """Return the share of a resource's label that a technology takes."""
        table = self.runner.allocation.claims
        hit = (table["use"] == technology) & (table["state"] == state) & (table["label"] == label)
        return float(table.loc[hit, "share"].iloc[0])

    def adopted(self, name: str, **labels: str) -> float:
        """Return how much more of a share the project has than the baseline."""
        levels = [
            magnitude(self.runner.variable(name, state), "1").sum("cohort")
            for state in (self.project, self.baseline)
        ]
        change = levels[0] - levels[1]
        return float(change.sel(labels) if labels else change)
