"""The picture of what moves a result most: a bar for each unknown, the longest on top."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ecoassess.export.pictures import DPI, GREY, INK, STYLE, bundled_font
from ecoassess.ledger import TERRITORIAL
from ecoassess.sensitivity import ALL_EFFECTS

if TYPE_CHECKING:
    from ecoassess.run import Assessment

WIDTH, HEADER, FOOTER, BAR = 15.0, 1.5, 1.7, 0.52
LONGEST = 62
"""Most characters of an English label; Chinese ones are twice as wide."""

BARS = 15
LOW, HIGH = "#c27d38", "#4f86b8"
TEXT = {
    "title": "{zone_zh}：{title_zh}年净值最受哪些未知量影响（{year}年）",
    "subtitle": "{zone}: what moves the annual net of {title} most, {year}, {boundary}",
    "axis": "年净值（{unit}） annual net",
    "low": "取 2.5% 分位数 at its 2.5 % quantile",
    "high": "取 97.5% 分位数 at its 97.5 % quantile",
    "note": "每次只改变一个未知量，其余取中心值；百分数为其在误差平方和中的份额。黑线为中心值，"
    "灰色为全部未知量同时抽样的 95% 区间。\n"
    "One unknown is moved at a time, all others at their central values; per cent: share in the "
    "sum of squares. Line: central value; grey: 95 % interval of all drawn together.",
    "others": "其余 {number} 项的份额 share of the others: {share:.1%}",
}
BOUNDARIES = {
    "territorial": "within the territory 区域内",
    "upstream": "upstream 上游",
    "embodied": "embodied 隐含",
}
TITLE_OF_ALL = ("全部成效", "all effects")
PREFIXES = ((1e6, "Mt CO₂e"), (1e3, "kt CO₂e"))


def write_tornado(
    assessment: Assessment, tables: tuple[pd.DataFrame, pd.DataFrame], folder: Path
) -> None:
    """Draw `tornado.png` of the prefecture's sum of effects, where the run has effects."""
    chosen = [
        table[
            (table["technology"] == ALL_EFFECTS)
            & (table["boundary"] == TERRITORIAL)
            & (table["zoning"] == "prefecture")
        ]
        for table in tables
    ]
    if any(table.empty for table in chosen):
        return
    both, moved = chosen
    value, low, high = both[["value", "approach_2_low", "approach_2_high"]].iloc[0].tolist()
    year = assessment.session.month.year
    draw_tornado(folder / "tornado.png", moved, (value, low, high), TITLE_OF_ALL, year)


def draw_tornado(
    path: Path,
    table: pd.DataFrame,
    interval: tuple[float, float, float],
    title: tuple[str, str],
    year: int,
) -> None:
    """Draw the rows of `sensitivity.csv` of one net and zone as a PNG.

    Parameters
    ----------
    interval
        Central value and ends of the 95 % interval of all drawn together, in t CO2e.
    title
        Name of the technology, or of the sum of effects, in Chinese and English.
    """
    bars = table[table["low"].notna()].head(BARS).iloc[::-1]
    largest = np.abs([*bars["low"], *bars["high"], *interval]).max()
    factor, unit = next((p for p in PREFIXES if largest >= p[0]), (1.0, "t CO₂e"))
    central, *ends = (number / factor for number in interval)
    first = table.iloc[0]
    names = {
        **{"zone": first["zone"], "zone_zh": first["zone_zh"], "year": year},
        **{"title_zh": title[0], "title": title[1]},
        "boundary": BOUNDARIES[str(first["boundary"])],
    }
    height = HEADER + FOOTER + BAR * len(bars)
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [bundled_font(), "DejaVu Sans"]
        figure = Figure(figsize=(WIDTH, height), dpi=DPI)
        inside = (0, 0.8 / height, 1, 1 - (HEADER - 0.35 + 0.8) / height)
        figure.set_layout_engine(ConstrainedLayoutEngine(rect=inside))
        axes = figure.subplots()
        axes.axvspan(*ends, color=GREY, alpha=0.12, linewidth=0)
        place = np.arange(len(bars))
        for column, colour in (("low", LOW), ("high", HIGH)):
            moved = bars[column].to_numpy() / factor
            axes.barh(place, moved - central, 0.62, central, color=colour, label=TEXT[column])
        axes.axvline(central, color=INK, linewidth=1.0)
        texts = bars[["name_zh", "name", "unknown"]].to_numpy(dtype=str).tolist()
        labels = [_label(zh, en, ", ".join(key.split("/")[1:])) for zh, en, key in texts]
        axes.set_yticks(place, labels, fontsize=9.5)
        axes.set_xmargin(0.03)
        for y, share in zip(place, bars["share"], strict=True):
            axes.annotate(
                f"{share:.1%}",
                (1, y),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9.5,
                color=GREY,
            )
        axes.set_xlabel(TEXT["axis"].format(unit=unit))
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(y=0.01)
        axes.legend(loc="lower right", fontsize=10)
        left = 1 - bars["share"].sum()
        rest = TEXT["others"].format(number=_left_out(table, len(bars)), share=left)
        figure.text(0.012, 1 - 0.45 / height, TEXT["title"].format(**names), fontsize=18)
        subtitle = TEXT["subtitle"].format(**names)
        figure.text(0.012, 1 - 0.8 / height, subtitle, fontsize=12, color=GREY)
        note = f"{rest}\n{TEXT['note']}"
        figure.text(0.012, 0.12 / height, note, fontsize=9.5, color=GREY)
        figure.savefig(path, format="png", metadata={"Software": None})


def _label(zh: str, en: str, labels: str) -> str:
    """Return both names, each in one line, cut where they are long; the labels stay whole."""
    bare_zh, bare_en = zh.removesuffix(f"（{labels}）"), en.removesuffix(f" ({labels})")
    longest = LONGEST // 2
    shown = bare_zh if len(bare_zh) <= longest else bare_zh[: longest - 1] + "…"
    room = LONGEST - len(labels) - 3 if labels else LONGEST
    cut = textwrap.shorten(bare_en, max(room, LONGEST // 3), placeholder="…")
    return f"{shown}\n{cut} ({labels})" if labels else f"{shown}\n{cut}"


def _left_out(table: pd.DataFrame, shown: int) -> int:
    """Return how many unknowns have no bar; the row of the others begins with their number."""
    named = int(table["low"].notna().sum()) - shown
    rest = table[table["low"].isna()]["name"]
    return named + (int(str(rest.iloc[0]).split(" ", 1)[0]) if len(rest) else 0)
