"""The picture of the forest projection: what stands, and what the measures add to it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ecoassess.export.pictures import DPI, GREY, INK, STYLE, bundled_font

SIZE = (16.0, 7.6)
COLOURS = ("#4f86b8", "#c27d38", "#7fa37a", "#8d6aa8", "#b5544f")
MEGATONNE = 1e6
TEXT = {
    "zh": {
        "title": "{zh} 森林碳储量预测（{first}–{last}）",
        "subtitle": "Forest carbon, {en}, {first} to {last}: standing forest and what measures add",
        "standing": "现存森林：林木、枯死木、枯落物（Mt CO₂e）",
        "measures": "项目情景中各措施的累计成效（Mt CO₂e）",
        "baseline": "基准",
        "project": "项目",
        "note": "左：由龄级结构推算，基准与项目几乎重合。右：自首次采用年份起累计，正值对气候有利。"
        "阴影：95% 区间。\n"
        "Left: from the age structure; baseline and project all but coincide. Right: cumulative "
        "since adoption began, positive is good for the climate. Bands: 95 % intervals. Soil is "
        "left out.",
    }
}


def draw_projection(
    path: Path,
    table: pd.DataFrame,
    zone: tuple[str, str],
    titles: Mapping[str, tuple[str, str]],
    region: tuple[str, str],
) -> None:
    """Draw the projection of one zone as a PNG.

    Parameters
    ----------
    table
        The rows of `forest_projection.csv`.
    zone
        Zoning and code of the zone to draw.
    titles, region
        Names in Chinese and English of the technologies and of the region.
    """
    mine = table[(table["zoning"] == zone[0]) & (table["adcode"] == zone[1])]
    text = TEXT["zh"]
    names = {"zh": region[0], "en": region[1]}
    span = {"first": mine["year"].min(), "last": mine["year"].max()}
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [bundled_font(), "DejaVu Sans"]
        figure = Figure(figsize=SIZE, dpi=DPI)
        engine = ConstrainedLayoutEngine(rect=(0, 0.1, 1, 0.78))
        figure.set_layout_engine(engine)
        left, right = figure.subplots(1, 2)
        for scenario, colour, style in (
            ("baseline", COLOURS[0], "-"),
            ("project", COLOURS[1], "--"),
        ):
            rows = mine[(mine["scenario"] == scenario) & (mine["component"] == "total")]
            label = f"{text[scenario]} {scenario}"
            _band(left, rows, label, colour, style)
        measures = [n for n in titles if n in set(mine["component"])]
        for name, colour in zip(measures, COLOURS, strict=False):
            rows = mine[(mine["scenario"] == "project") & (mine["component"] == name)]
            _band(right, rows, " ".join(titles[name]), colour, "-")
        right.axhline(0, color=GREY, linewidth=0.8)
        for axes, heading in ((left, text["standing"]), (right, text["measures"])):
            axes.set_title(heading, loc="left", fontsize=13)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(loc="upper left")
            axes.spines[["top", "right"]].set_visible(False)
            axes.margins(x=0)
        figure.text(0.012, 0.955, text["title"].format(**names, **span), fontsize=20, color=INK)
        figure.text(0.012, 0.91, text["subtitle"].format(**names, **span), fontsize=12, color=GREY)
        figure.text(0.012, 0.015, text["note"], fontsize=10.5, color=GREY)
        figure.savefig(path, format="png", metadata={"Software": None})


def _band(axes: Axes, rows: pd.DataFrame, label: str, colour: str, style: str) -> None:
    """Draw a line with its interval."""
    year = rows["year"].to_numpy()
    low, middle, high = (rows[c].to_numpy() / MEGATONNE for c in ("p2.5", "value", "p97.5"))
    axes.fill_between(year, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.plot(year, middle, style, color=colour, label=label, linewidth=1.8)
