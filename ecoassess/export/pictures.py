"""The overview picture of a run: a map and the counties of each technology on one page.

Chinese text needs a font that few machines have, so a subset of Noto Sans CJK SC comes with the
package (`fonts/`, made by `datasets/build_font.py`). A glyph it lacks is taken from DejaVu Sans.
The same arguments give the same bytes.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import rasterio
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rasterio.enums import Resampling

from ecoassess.errors import InputError, Problem
from ecoassess.vocabulary import STATUS_ORDER

Extent = tuple[float, float, float, float]
"""West, east, south, north."""

FONT_FILE = Path(__file__).parent / "fonts" / "EcoassessSansSC.otf"

PANEL_WIDTH, HEADER, FOOTER = 6.0, 1.15, 1.0
NOTE_LINE = 0.27
FEW = 9  # up to as many panels stand three in a row; more stand six in a row, a little smaller
PANELS_PER_ROW, PANELS_PER_LONG_ROW = 3, 6
DPI, SMALLER_DPI = 100, 75
PANEL_HEIGHT, PANEL_HEIGHT_IN_ROWS = 9.85, 8.6
LATITUDE = 43.0
LARGEST_SIDE = 1200
PERCENTILES = (2.0, 98.0)
FLAT = 0.02  # values nearer to each other than this get a scale from 0, not one that magnifies them

INK, GREY, PAPER = "#222222", "#666666", "#e4e4e4"
COLOURS = {"inventory": "#7fa37a", "effect": "#4f86b8"}
HATCHES = {"estimated": "///", "climatological": "..", "projected": "\\\\\\", "proxy": "xx"}
PREFIXES = ((1e6, "M"), (1e3, "k"))
STYLE: Any = {
    "font.size": 12.0,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "hatch.linewidth": 0.9,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.handleheight": 1.3,
}

TEXT = {
    "zh": {
        "title": "{zh} {month} 生态技术碳核算",
        "subtitle": "Carbon assessment of ecological technologies, {en}, {month} "
        "(maps and bars: year {year})",
        "inventory": "清单（现存生态系统的吸收，不属于减排）",
        "effect": "效果（项目减基线）",
        "map_unit": "t CO₂e / (公顷·年)",
        "bar_unit": "{year} 年，{unit}（须线：95% 区间）",
        "no_data": "无数据",
        "left_out": "无数据，未绘图：{names}。",
        "no_map": "无地图",
        "note": "正值对气候有利。清单（inventory）不是减排量，从不与效果（effect）相加。"
        "斜线（///）= 估算。\n"
        "Positive = good for the climate. Inventory is not mitigation and is never added to "
        "effects. Hatched (///) = estimated.",
        "legend": "活动数据的状态（不含系数与情景）",
        "measured": "实测或统计",
        "estimated": "估算",
        "climatological": "气候平均",
        "projected": "预测",
        "proxy": "替代数据",
    },
    "en": {
        "title": "{en}, {month}",
        "subtitle": "Carbon assessment of ecological technologies (maps and bars: year {year})",
        "inventory": "Inventory (uptake of what stands there, not mitigation)",
        "effect": "Effect (project minus baseline)",
        "map_unit": "t CO₂e / (ha yr)",
        "bar_unit": "{unit} in {year} (whiskers: 95 % interval)",
        "no_data": "no data",
        "left_out": "No data, not drawn: {names}.",
        "no_map": "no map",
        "legend": "Status of the activity data (not of coefficients and scenario)",
        "note": "Positive = good for the climate. Inventory is not mitigation and is never added "
        "to effects.\nHatched (///) = estimated.",
    },
}


def draw_overview(
    path: Path,
    table: pd.DataFrame,
    maps: Mapping[str, Path],
    titles: Mapping[str, tuple[str, str]],
    region: tuple[str, str],
    month: str,
    language: str = "zh",
    borders: tuple[np.ndarray, Extent] | None = None,
) -> None:
    """Draw one panel per technology, a map over the bars of its counties, as a PNG.

    Parameters
    ----------
    table
        The rows of `assessment.csv`. Drawn are the territorial annual nets of the counties.
    maps
        GeoTIFF of each technology, t CO2e/ha/yr, NaN where there is nothing.
    titles, region
        Names in Chinese and English; the technologies are drawn in the order of `titles`.
    month, language
        The assessed month, as in 2024-06; zh or en.
    borders
        Number of the county of each pixel (0 outside) and its extent (west, east, south, north):
        every map then shows the county borders and the same extent.
    """
    if language not in TEXT:
        raise InputError(Problem("unknown language of a picture", language, " or ".join(TEXT)))
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [bundled_font(), "DejaVu Sans"]
        figure = _figure(table, maps, titles, region, month, language, borders)
        figure.savefig(path, format="png", metadata={"Software": None})


@functools.cache
def bundled_font() -> str:
    """Make the font of the package known to matplotlib and return its family name."""
    font_manager.fontManager.addfont(FONT_FILE)
    return font_manager.FontProperties(fname=FONT_FILE).get_name()


def _figure(
    table: pd.DataFrame,
    maps: Mapping[str, Path],
    titles: Mapping[str, tuple[str, str]],
    region: tuple[str, str],
    month: str,
    language: str,
    borders: tuple[np.ndarray, Extent] | None = None,
) -> Figure:
    year, text = month[:4], TEXT[language]
    bars = table[
        (table["component"] == "net")
        & (table["kind"] == "flux")
        & (table["boundary"] == "territorial")
        & (table["period"].astype(str) == year)
        & (table["zoning"] == "county")
    ]
    known = set(bars[bars["status"] != "missing"]["technology"])
    drawn = [name for name in titles if name in known] or list(titles)
    without = [name for name in titles if name not in drawn]
    footer = FOOTER + NOTE_LINE * bool(without)
    many = len(drawn) > FEW
    columns = max(1, min(len(drawn), PANELS_PER_LONG_ROW if many else PANELS_PER_ROW))
    rows = max(1, math.ceil(len(drawn) / columns))
    height = HEADER + footer + (PANEL_HEIGHT if rows == 1 else PANEL_HEIGHT_IN_ROWS * rows)
    space = (0, footer / height, 1, 1 - (HEADER + footer) / height)
    layout = ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.1, wspace=0.03, hspace=0.03, rect=space)
    page = (PANEL_WIDTH * max(columns, PANELS_PER_ROW), height)
    dpi = SMALLER_DPI if many else DPI
    figure = Figure(figsize=page, dpi=dpi, facecolor="white", layout=layout)

    names = {"zh": region[0], "en": region[1], "month": month, "year": year}
    for key, size, colour, top in (("title", 26, INK, 0.2), ("subtitle", 13, GREY, 0.72)):
        words, line = text[key].format(**names), 1 - top / height
        figure.text(0.5, line, words, size=size, color=colour, ha="center", va="top")
    place = 0 if language == "zh" else 1
    note = text["note"]
    if without:
        note += "\n" + text["left_out"].format(names=", ".join(titles[n][place] for n in without))
    figure.text(0.012, 0.2 / height, note, size=12, linespacing=1.6, va="bottom")
    _legend(figure, bars, height, text)

    # One technology alone has its bars beside the map, or the page would be half empty.
    alone = len(drawn) == 1
    shape = (1, 2) if alone else (2 * rows, columns)
    heights = None if alone else [1.3, 1] * rows
    grid = figure.add_gridspec(*shape, height_ratios=heights)
    for number, technology in enumerate(drawn):
        row, column = divmod(number, columns)
        upper, lower = ((0, 0), (0, 1)) if alone else ((2 * row, column), (2 * row + 1, column))
        own = bars[bars["technology"] == technology]
        axes = figure.add_subplot(grid[upper])
        axes.set_title(titles[technology][place], size=18, pad=30)
        basis = text.get(str(own["basis"].iloc[0]), "") if len(own) else ""
        at, units = ((0.5, 1), (0, 8)), ("axes fraction", "offset points")
        axes.annotate(basis, *at, *units, ha="center", color=GREY)
        _map(figure, axes, maps.get(technology), text, borders)
        _bars(figure.add_subplot(grid[lower]), own, year, language)
    return figure


def _legend(figure: Figure, bars: pd.DataFrame, height: float, text: Mapping[str, str]) -> None:
    """Explain the hatches: estimated always, the others where they occur."""
    shown = {"measured", "estimated", *bars["status"]} - {"missing"}
    patches = [
        Patch(facecolor="#c9c9c9", edgecolor=INK, hatch=HATCHES.get(s), label=text.get(s, s))
        for s in STATUS_ORDER
        if s in shown
    ]
    corner = (0.992, 0.2 / height)
    placed: Any = {"loc": "lower right", "bbox_to_anchor": corner, "ncols": 5}
    legend = figure.legend(handles=patches, title=text["legend"], **placed)
    legend.set_in_layout(False)


def _read_map(path: Path) -> tuple[np.ndarray, Extent, bool] | None:
    """Return a map as fine as the page, trimmed to its data, its extent, and if it is degrees."""
    with rasterio.open(path) as raster:
        factor = max(1.0, max(raster.shape) / LARGEST_SIDE)
        shape = (math.ceil(raster.height / factor), math.ceil(raster.width / factor))
        band = raster.read(1, out_shape=shape, masked=True, resampling=Resampling.average)
        bounds, geographic = raster.bounds, raster.crs is None or raster.crs.is_geographic
    rates = np.ma.filled(band.astype("float64"), np.nan)
    finite = np.isfinite(rates)
    if not finite.any():
        return None
    rows, columns = (np.flatnonzero(finite.any(axis=axis)) for axis in (1, 0))
    (top, bottom), (left, right) = (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)
    dx, dy = (bounds.right - bounds.left) / shape[1], (bounds.top - bounds.bottom) / shape[0]
    west_east = (bounds.left + left * dx, bounds.left + right * dx)
    south_north = (bounds.top - bottom * dy, bounds.top - top * dy)
    return rates[top:bottom, left:right], (*west_east, *south_north), geographic


def colour_scale(values: np.ndarray) -> tuple[str, Normalize, str]:
    """Return colour map, limits and the ends that are cut off, for the finite `values`."""
    lowest, highest = float(values.min()), float(values.max())
    low, high = (float(v) for v in np.percentile(values, PERCENTILES))
    if lowest < 0 < highest:
        high = max(abs(low), abs(high)) or max(-lowest, highest)
        low, colours = -high, "BrBG"
    else:
        colours = "YlOrBr_r" if lowest < 0 else "YlGn"
        if high - low <= FLAT * max(abs(low), abs(high)):
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            high = 1.0
    cut = ("neither", "min", "max", "both")[(lowest < low) + 2 * (highest > high)]
    return colours, Normalize(low, high), cut


def _map(
    figure: Figure,
    axes: Axes,
    path: Path | None,
    text: Mapping[str, str],
    borders: tuple[np.ndarray, Extent] | None,
) -> None:
    layer = _read_map(path) if path else None
    axes.set_facecolor(PAPER)
    if layer is None:
        _nothing(axes, text["no_map"])
        return
    rates, extent, geographic = layer
    colours, limits, cut = colour_scale(rates[np.isfinite(rates)])
    aspect = 1 / math.cos(math.radians(LATITUDE)) if geographic else 1.0
    image = axes.imshow(rates, colours, limits, aspect=aspect, extent=extent)
    axes.set_anchor("N")
    if borders is not None:
        county, place = borders
        axes.imshow(_border_pixels(county), extent=place, aspect=aspect)
        axes.set_xlim(place[:2])
        axes.set_ylim(place[2:])
    for axis, name in ((axes.xaxis, "E"), (axes.yaxis, "N")):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        if geographic:
            axis.set_major_formatter(FuncFormatter(lambda v, _, name=name: f"{v:g}°{name}"))
    below: Any = {"location": "bottom", "shrink": 0.9, "pad": 0.02, "aspect": 30}
    bar = figure.colorbar(image, ax=axes, extend=cut, ticks=MaxNLocator(6), **below)
    bar.set_label(text["map_unit"])


def _border_pixels(county: np.ndarray) -> np.ndarray:
    """Return a picture (rows, columns, RGBA) that is dark where the county changes."""
    edge = np.zeros(county.shape, bool)
    edge[1:] |= county[1:] != county[:-1]
    edge[:, 1:] |= county[:, 1:] != county[:, :-1]
    picture = np.zeros((*county.shape, 4))
    picture[edge] = (0.25, 0.25, 0.25, 0.8)
    return picture


def _bars(axes: Axes, rows: pd.DataFrame, year: str, language: str) -> None:
    """Draw a bar per county with its 95 % interval, and its value at the right margin."""
    text = TEXT[language]
    if rows.empty:
        _nothing(axes, text["no_data"])
        return
    known = rows["status"] != "missing"
    numbers = rows[["value", "p2.5", "p97.5"]].where(known).to_numpy("float64")
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    unit = str(rows["unit"].iloc[0])
    scale, prefix = next((p for p in PREFIXES if largest >= p[0] and unit[:2] == "t "), (1.0, ""))
    numbers = numbers / scale
    digits = min(max(0, 2 - math.floor(math.log10(largest / scale))), 6) if largest else 0

    for place, (row, number) in enumerate(zip(rows.to_dict("records"), numbers, strict=True)):
        value, *interval = number
        if not np.isfinite(value):
            axes.text(0, place, f"  {text['no_data']}", color=GREY, va="center")
            continue
        colour, hatch = COLOURS.get(row["basis"], GREY), HATCHES.get(row["status"])
        axes.barh(place, value, 0.66, facecolor=colour, edgecolor=INK, hatch=hatch)
        if np.isfinite(interval).all():
            axes.plot(interval, [place, place], color=INK, linewidth=1.6, marker="|", ms=8)
        label = f"{value:,.{digits}f}".replace("-", "−")
        axes.text(1.015, place, label, transform=axes.get_yaxis_transform(), va="center")

    axes.axvline(0, color=INK, linewidth=0.9)
    ends = numbers[np.isfinite(numbers)]
    low, high = min(ends.min(initial=0.0), 0.0), max(ends.max(initial=0.0), 0.0)
    room = 0.04 * (high - low) or 1.0
    axes.set_xlim(low - room * (low < 0), high + room * (high > 0 or low == 0))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), rows["zone_zh" if language == "zh" else "zone"])
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="x", color="#d8d8d8", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(text["bar_unit"].format(year=year, unit=prefix + unit.replace("CO2", "CO₂")))


def _nothing(axes: Axes, words: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=GREY)
