"""The cost curve: technologies by cost per tonne, as wide as what they avoid in the year."""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecoassess.export.abatement_costs import (
    EMISSION,
    GIVEN,
    INCOMPLETE,
    MISSING,
    NO_COST,
    NOT_DIFFERENT,
    UNCHANGED,
)
from ecoassess.export.pictures import COLOURS, DPI, GREY, INK, STYLE, bundled_font

SIZE = (16.0, 9.0)
CURVE, TABLE = (0.07, 0.24, 0.5, 0.56), (0.6, 0.24, 0.39, 0.56)
"""Left, bottom, width and height of the curve and of the list beside it, in parts of the page."""

SAVES, COSTS = "#7fa37a", COLOURS["effect"]
SHOWN = 0.98
"""Upper end of the axis: this quantile of the whiskers' ends, so that one does not flatten all."""

HEADS = ("", "技术 technology", "kt CO₂e", "{currency}/t（95% 区间）")
TEXT = {
    "title": "{zh} {year} 年各技术减排成本曲线",
    "subtitle": "Abatement cost curve, {en}, {year}: cost of the year per tonne, project over "
    "baseline, prices of {price_year}{side}",
    "side": ", seen by {perspective}",
    "width": "年减排量 effect of the year (kt CO₂e)",
    "height": "元 / t CO₂e  ({currency} per t CO₂e)",
    "without": "无成本数据：{names}。",
    "no_data": "无活动数据或与基线无差别：{names}。",
    "unclear": "效果与零无显著差异或为净排放：{names}。",
    "empty": "无可绘技术 nothing to draw",
    "note": "宽度 = 年减排量，高度 = 单位成本，须线 = 95% 区间。负值：收益大于成本。"
    "只计区域内效果。\n"
    "Width: effect; height: cost per tonne; whiskers: 95 % intervals of cost and effect together. "
    "Below the axis: it earns more than it costs.\n"
    "Of the assessed year alone: what pays late, such as planted forest, looks dear. "
    "Names and reasons of what is left out: abatement_costs.csv.",
}
KILOTONNE = 1e3
FEW = 9
"""Up to as many technologies have two lines each in the list."""

LINE = 105
"""Characters of Chinese text in a line of the notes."""


def draw_cost_curve(
    path: Path, table: pd.DataFrame, zone: tuple[str, str], region: tuple[str, str], year: int
) -> None:
    """Draw the curve of one zone as a PNG.

    Parameters
    ----------
    table
        The rows of `abatement_costs.csv`.
    zone
        Zoning and code of the zone to draw.
    region
        Name in Chinese and English.
    """
    mine = table[(table["zoning"] == zone[0]) & (table["adcode"] == zone[1])]
    drawn = mine[mine["status"] == GIVEN].sort_values(
        ["cost_per_tonne", "technology"], ignore_index=True
    )
    priced = mine[mine["cost_unit"].fillna("") != ""]
    currency = str(priced["cost_unit"].iloc[0]).partition("/")[0] if len(priced) else ""
    words = {
        "zh": region[0],
        "en": region[1],
        "year": year,
        "currency": currency,
        "price_year": int(priced["price_year"].iloc[0]) if len(priced) else "–",
        "side": "".join(TEXT["side"].format(perspective=p) for p in _sides(priced)),
    }
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [bundled_font(), "DejaVu Sans"]
        figure = Figure(figsize=SIZE, dpi=DPI)
        axes = figure.add_axes(CURVE)
        _curve(axes, drawn)
        axes.set_xlabel(TEXT["width"])
        axes.set_ylabel(TEXT["height"].format(**words))
        _list(figure.add_axes(TABLE), drawn, currency)
        figure.text(0.012, 0.955, TEXT["title"].format(**words), fontsize=20, color=INK)
        figure.text(0.012, 0.915, TEXT["subtitle"].format(**words), fontsize=12, color=GREY)
        figure.text(0.012, 0.015, _notes(mine), fontsize=10, color=GREY, linespacing=1.35)
        figure.savefig(path, format="png", metadata={"Software": None})


def _sides(priced: pd.DataFrame) -> list[str]:
    """Return whose costs they are: one side, or none where no cost is given."""
    sides = priced["perspective"].dropna().unique()
    return [str(side) for side in sides if side]


def _curve(axes: Axes, drawn: pd.DataFrame) -> None:
    """Draw bars of the width of the effect, their whiskers and their numbers."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.axhline(0, color=GREY, linewidth=0.9)
    if drawn.empty:
        axes.text(0.5, 0.5, TEXT["empty"], transform=axes.transAxes, ha="center", color=GREY)
        return
    width = drawn["effect"].to_numpy(float) / KILOTONNE
    height = drawn["cost_per_tonne"].to_numpy(float)
    low, high = (drawn[f"cost_per_tonne_{p}"].to_numpy(float) for p in ("p2.5", "p97.5"))
    left = np.concatenate([[0], np.cumsum(width)[:-1]])
    middle = left + width / 2
    colours = [SAVES if value < 0 else COSTS for value in height]
    axes.bar(left, height, width, align="edge", color=colours, edgecolor="white", linewidth=0.8)
    axes.vlines(middle, low, high, color=INK, linewidth=1.1)
    top = max(float(np.quantile([*high, *height], SHOWN)), 0.0)
    bottom = min(float(low.min()), 0.0)
    room = 0.12 * (top - bottom)
    axes.set_ylim(bottom - (room if bottom < 0 else 0), top + room)
    axes.set_xlim(0, float(width.sum()))
    # Numbers stand in one row above the curve, pushed apart where bars are narrow.
    places = _apart(middle, 0.035 * float(width.sum()), float(width.sum()))
    for number, (at, place) in enumerate(zip(middle, places, strict=True), start=1):
        axes.annotate(
            str(number),
            xy=(at, min(max(height[number - 1], high[number - 1], 0), top + room)),
            xytext=(place, 1.04),
            textcoords=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=12,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkB": 1},
        )


def _apart(places: np.ndarray, gap: float, width: float) -> np.ndarray:
    """Return places in the same order, at least a gap apart and within the axis."""
    result = np.array(places, dtype=float)
    for i in range(1, len(result)):
        result[i] = max(result[i], result[i - 1] + gap)
    result[-1] = min(result[-1], width)
    for i in range(len(result) - 2, -1, -1):
        result[i] = min(result[i], result[i + 1] - gap)
    return result


def _list(axes: Axes, drawn: pd.DataFrame, currency: str) -> None:
    """Write number, names, effect and cost of each bar."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    heads = [head.format(currency=currency) for head in HEADS]
    columns, sides = (0.0, 0.06, 0.66, 1.0), ("left", "left", "right", "right")
    step = 1 / (max(len(drawn), FEW - 1) + 1)
    few = len(drawn) <= FEW
    small, join = (11.5, "\n") if few else (9.0, "  ")
    for x, side, head in zip(columns, sides, heads, strict=True):
        axes.text(x, 1, head, ha=side, va="top", fontsize=small, color=GREY)
    for i, row in enumerate(drawn.to_dict("records"), start=1):
        low, high = row["cost_per_tonne_p2.5"], row["cost_per_tonne_p97.5"]
        cells = [
            str(i),
            f"{row['technology_zh']}{join}{str(row['technology']).replace('_', ' ')}",
            f"{row['effect'] / KILOTONNE:,.3g}",
            f"{_whole(row['cost_per_tonne'])}{join}({_whole(low)} ~ {_whole(high)})",
        ]
        for x, side, cell in zip(columns, sides, cells, strict=True):
            axes.text(x, 1 - i * step, cell, ha=side, va="top", fontsize=small, linespacing=1.3)


def _whole(value: float) -> str:
    """Return a rounded number with a true minus sign."""
    return f"{value:,.0f}".replace("-", "−")


def _notes(mine: pd.DataFrame) -> str:
    """Return what the curve is and what is not in it."""
    lacking = mine[mine["status"].isin([NO_COST, INCOMPLETE])]
    unclear = mine[mine["status"].isin([NOT_DIFFERENT, EMISSION])]
    lines = []
    absent = mine[mine["status"].isin([MISSING, UNCHANGED])]
    for key, part in (("without", lacking), ("no_data", absent), ("unclear", unclear)):
        if len(part):
            text = TEXT[key].format(names="、".join(part["technology_zh"]))
            lines += [text[i : i + LINE] for i in range(0, len(text), LINE)]
    return "\n".join([*lines, TEXT["note"]])
