"""The picture of a pathway: what each field brings in each year, and all of them in all."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from ecoassess.export.pictures import DPI, GREY, INK, STYLE, bundled_font
from ecoassess.language import read_words
from ecoassess.ledger import TERRITORIAL

if TYPE_CHECKING:
    from ecoassess.run import Session

SIZE = (16.0, 7.6)
COLOURS = {
    "forest": "#4d8a57",
    "farmland": "#c9a227",
    "livestock": "#a0623a",
    "building": "#b5544f",
    "energy": "#4f86b8",
    "materials": "#8d6aa8",
    "waste": "#7f8c8d",
}
"""Field of technologies → its colour."""

KILOTONNE, MEGATONNE = 1e3, 1e6
TEXT = {
    "title": "{zh} {first}–{last}：{title_zh}",
    "subtitle": "{en}, {first} to {last}: {title_en}",
    "yearly": "每年成效（kt CO₂e/年） Effect of each year",
    "cumulative": "累计成效（Mt CO₂e） Effect since {first}, added up",
    "total": "合计 total",
    "note": "项目减基准，区域内边界，正值对气候有利；活动数据为{base}年。{lacking_zh}"
    "阴影：95% 区间。\n"
    "Project minus baseline, within the region, positive is good for the climate; land, herds and "
    "buildings as of {base}. {lacking_en}Bands: 95 % intervals.",
    "lacking_zh": "无数据：{number}项技术。",
    "lacking_en": "Without data: {names}. ",
}


def draw_pathway(path: Path, table: pd.DataFrame, session: Session) -> None:
    """Draw the prefecture's territorial effects as a PNG: by field in each year, and added up.

    Parameters
    ----------
    table
        The rows of `pathway.csv`.
    """
    config, scenario = session.run.config, session.run.scenario
    mine = table[
        (table["zoning"] == "prefecture")
        & (table["adcode"] == config.parent)
        & (table["boundary"] == TERRITORIAL)
    ]
    names = [name for name in dict.fromkeys(mine["technology"]) if name in session.technologies]
    lacking = [n for n in names if mine[mine["technology"] == n]["value"].isna().all()]
    total = mine[~mine["technology"].isin(names)]
    fields = {n: session.technologies[n].sector for n in names if n not in lacking}
    known = {
        "zh": config.title.zh,
        "en": config.title.en,
        "title_zh": scenario.title.zh,
        "title_en": scenario.title.en,
        "first": total["year"].min(),
        "last": total["year"].max(),
        "base": session.month.year,
        "lacking_zh": TEXT["lacking_zh"].format(number=len(lacking)) if lacking else "",
        "lacking_en": TEXT["lacking_en"].format(names=", ".join(lacking).replace("_", " "))
        if lacking
        else "",
    }
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [bundled_font(), "DejaVu Sans"]
        figure = Figure(figsize=SIZE, dpi=DPI)
        figure.set_layout_engine(ConstrainedLayoutEngine(rect=(0, 0.1, 1, 0.78)))
        left, right = figure.subplots(1, 2)
        _stack(left, mine, fields)
        _band(left, total, ("p2.5", "value", "p97.5"), KILOTONNE)
        _band(right, total, ("cumulative_p2.5", "cumulative", "cumulative_p97.5"), MEGATONNE)
        for axes, heading in ((left, "yearly"), (right, "cumulative")):
            axes.axhline(0, color=GREY, linewidth=0.8)
            axes.set_title(TEXT[heading].format(**known), loc="left", fontsize=13)
            axes.spines[["top", "right"]].set_visible(False)
            axes.margins(x=0)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.legend(loc="lower right", ncols=2, fontsize=10.5)
        figure.text(0.012, 0.955, TEXT["title"].format(**known), fontsize=20, color=INK)
        figure.text(0.012, 0.91, TEXT["subtitle"].format(**known), fontsize=12, color=GREY)
        figure.text(0.012, 0.015, TEXT["note"].format(**known), fontsize=10.5, color=GREY)
        figure.savefig(path, format="png", metadata={"Software": None})


def _stack(axes: Axes, rows: pd.DataFrame, fields: Mapping[str, str]) -> None:
    """Stack what each field brings: gains from zero upwards, losses from zero downwards."""
    years = np.sort(rows["year"].unique())
    values = rows.pivot_table(index="year", columns="technology", values="value")
    upper, lower = np.zeros(len(years)), np.zeros(len(years))
    chinese = read_words("zh")
    for field, colour in COLOURS.items():
        members = [name for name, own in fields.items() if own == field]
        if not members:
            continue
        # A field's gains and losses stand apart, so that both are seen.
        parts = values[members].to_numpy() / KILOTONNE
        gain = np.clip(parts, 0, None).sum(axis=1)
        loss = np.clip(parts, None, 0).sum(axis=1)
        style: dict[str, Any] = {"color": colour, "alpha": 0.75, "linewidth": 0}
        label = f"{chinese.label(field)} {field}"
        axes.fill_between(years, upper, upper + gain, label=label, **style)
        axes.fill_between(years, lower, lower + loss, **style)
        upper, lower = upper + gain, lower + loss


def _band(axes: Axes, rows: pd.DataFrame, columns: tuple[str, str, str], unit: float) -> None:
    """Draw the total with its interval."""
    low, middle, high = (rows[column].to_numpy() / unit for column in columns)
    years = rows["year"].to_numpy()
    axes.fill_between(years, low, high, color=INK, alpha=0.13, linewidth=0)
    axes.plot(years, middle, color=INK, linewidth=1.8, label=TEXT["total"])
