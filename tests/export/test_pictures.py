"""The overview picture: it draws what the table says, the same bytes each time."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import rasterio
from matplotlib import image
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from rasterio.transform import from_origin

from ecoassess.errors import InputError
from ecoassess.export import pictures

ROOT = Path(__file__).resolve().parents[2]
COUNTIES = {
    "222401": ("Yanji", "延吉市"),
    "222402": ("Tumen", "图们市"),
    "222403": ("Dunhua", "敦化市"),
    "222404": ("Hunchun", "珲春市"),
    "222405": ("Longjing", "龙井市"),
    "222406": ("Helong", "和龙市"),
    "222424": ("Wangqing", "汪清县"),
    "222426": ("Antu", "安图县"),
}
TITLES = {
    "forest_sink": ("森林碳汇", "Forest carbon sink"),
    "straw_return": ("秸秆还田", "Straw return"),
    "rooftop_pv": ("屋顶光伏", "Rooftop PV"),
    "manure": ("畜禽粪污管理", "Manure management"),
    "clean_heating": ("清洁取暖", "Clean heating"),
}
REGION = ("延边州", "Yanbian")
MISSING, ESTIMATED = "222402", "222405"


def row(technology: str, number: int, code: str, **other: object) -> dict[str, object]:
    """Return a row that is drawn; Tumen is missing and Longjing estimated."""
    value = float("nan") if code == MISSING else (-1) ** number * (int(code) - 222390) * 1000.0
    status = {MISSING: "missing", ESTIMATED: "estimated"}.get(code, "measured")
    drawn = {
        "zoning": "county",
        "adcode": code,
        "zone": COUNTIES[code][0],
        "zone_zh": COUNTIES[code][1],
        "technology": technology,
        "component": "net",
        "basis": "inventory" if technology == "forest_sink" else "effect",
        "kind": "flux",
        "boundary": "territorial",
        "period": "2024",
        "unit": "t CO2e",
        "value": value,
        "p2.5": value - 900.0,
        "p97.5": value + 1500.0,
        "status": status,
    }
    return drawn | other


@pytest.fixture
def table() -> pd.DataFrame:
    rows = []
    for number, technology in enumerate(TITLES):
        for code in COUNTIES:
            rows.append(row(technology, number, code))
            # None of these is a bar.
            rows.append(row(technology, number, code, period="2024-06", value=9e9))
            rows.append(row(technology, number, code, component="soil_carbon", value=9e9))
            rows.append(row(technology, number, code, boundary="upstream", value=9e9))
            rows.append(row(technology, number, code, kind="stock", value=9e9))
            rows.append(row(technology, number, code, zoning="park_county", value=9e9))
    return pd.DataFrame(rows)


def write_map(path: Path, values: np.ndarray, crs: str = "EPSG:4326") -> Path:
    height, width = values.shape
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": float("nan")}
    place = {"crs": crs, "transform": from_origin(127.0, 45.0, 0.1, 0.1)}
    with rasterio.open(path, "w", height=height, width=width, **profile, **place) as raster:
        raster.write(values.astype("float32"), 1)
    return path


@pytest.fixture
def maps(tmp_path: Path) -> dict[str, Path]:
    """Positive, of both signs, negative, constant, and empty."""
    ramp = np.arange(20 * 30, dtype=float).reshape(20, 30)
    layers = [ramp + 1, ramp - 200, -ramp - 1, np.full(ramp.shape, 2.5), ramp * np.nan]
    for layer in layers:
        layer[:5] = np.nan
    named = zip(TITLES, layers, strict=True)
    return {name: write_map(tmp_path / f"{name}.tif", layer) for name, layer in named}


def first(number: int) -> dict[str, tuple[str, str]]:
    return dict(list(TITLES.items())[:number])


@pytest.mark.parametrize(
    ("number", "language"), [(1, "zh"), (2, "en"), (3, "zh"), (3, "en"), (5, "zh")]
)
def test_same_bytes_twice(
    number: int, language: str, table: pd.DataFrame, maps: dict[str, Path], tmp_path: Path
) -> None:
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for file in files:
        pictures.draw_overview(file, table, maps, first(number), REGION, "2024-06", language)
    content = files[0].read_bytes()
    assert content == files[1].read_bytes()
    assert b"Software" not in content
    assert b"tIME" not in content
    height, width = image.imread(files[0]).shape[:2]
    assert width == 1800
    assert height == 1200 if number <= 3 else 1200 < height < 2000


def texts(figure: Figure) -> list[str]:
    return [text.get_text().strip() for axes in figure.axes for text in axes.texts]


def test_missing_county_is_marked_and_others_have_their_value(
    table: pd.DataFrame, maps: dict[str, Path]
) -> None:
    figure = pictures._figure(table, maps, first(1), REGION, "2024-06", "zh")
    bars = figure.axes[-1]
    # Yanji 222401 - 222390 = 11, Tumen none, Dunhua 13, ... in thousands.
    assert [bar.get_width() for bar in bars.patches] == [11, 13, 14, 15, 16, 34, 36]
    assert [bar.get_hatch() for bar in bars.patches] == [None, None, None, "///", None, None, None]
    assert texts(figure).count("无数据") == 1
    assert [label.get_text() for label in bars.get_yticklabels()] == [
        chinese for _, chinese in COUNTIES.values()
    ]
    assert "kt CO₂e" in bars.get_xlabel()
    whisker = bars.lines[0].get_xdata()
    assert np.allclose(whisker, [10.1, 12.5])


def test_technology_without_rows_or_map_says_so(table: pd.DataFrame) -> None:
    figure = pictures._figure(
        table, {}, {"sewage": ("污水处理", "Sewage")}, REGION, "2024-06", "en"
    )
    assert texts(figure)[-2:] == ["no map", "no data"]


def test_a_technology_without_data_is_named_below_and_not_drawn(
    table: pd.DataFrame, maps: dict[str, Path]
) -> None:
    titles = {**first(2), "sewage": ("污水处理", "Sewage")}
    figure = pictures._figure(table, maps, titles, REGION, "2024-06", "en")
    assert "Sewage" not in [axes.get_title() for axes in figure.axes]
    assert any("No data, not drawn: Sewage." in text.get_text() for text in figure.texts)


def test_many_panels_stand_six_in_a_row(table: pd.DataFrame) -> None:
    many = pd.concat([table.assign(technology=f"t{n}") for n in range(10)])
    titles = {f"t{n}": (f"技术{n}", f"Technology {n}") for n in range(10)}
    figure = pictures._figure(many, {}, titles, REGION, "2024-06", "zh")
    assert figure.get_figwidth() == 36
    assert figure.axes[0].get_subplotspec().get_gridspec().ncols == 6


def test_all_counties_missing(table: pd.DataFrame, maps: dict[str, Path], tmp_path: Path) -> None:
    table["status"], table["value"] = "missing", float("nan")
    file = tmp_path / "overview.png"
    pictures.draw_overview(file, table, maps, first(3), REGION, "2024-06")
    assert file.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("values", "colours", "low", "high", "cut"),
    [
        (np.arange(101.0), "YlGn", 2.0, 98.0, "both"),
        (-np.arange(101.0), "YlOrBr_r", -98.0, -2.0, "both"),
        (np.arange(-20.0, 81.0), "BrBG", -78.0, 78.0, "max"),
        (np.full(5, 2.5), "YlGn", 0.0, 2.5, "neither"),
        (np.full(5, -2.5), "YlOrBr_r", -2.5, 0.0, "neither"),
        (np.zeros(5), "YlGn", 0.0, 1.0, "neither"),
    ],
)
def test_colour_scale(values: np.ndarray, colours: str, low: float, high: float, cut: str) -> None:
    found, limits, extend = pictures.colour_scale(values)
    assert (found, extend) == (colours, cut)
    assert (limits.vmin, limits.vmax) == pytest.approx((low, high))


def test_map_is_trimmed_to_its_data(tmp_path: Path) -> None:
    values = np.full((10, 10), np.nan)
    values[2:5, 3:7] = 1.0
    layer = pictures._read_map(write_map(tmp_path / "map.tif", values))
    assert layer is not None
    rates, extent, geographic = layer
    assert rates.shape == (3, 4)
    # Columns 3 to 6 from 127 E and rows 2 to 4 from 45 N, 0.1 degrees each.
    assert extent == pytest.approx((127.3, 127.7, 44.5, 44.8))
    assert geographic


def test_large_map_is_read_at_the_resolution_of_the_page(tmp_path: Path) -> None:
    values = np.tile([1.0, 3.0], (100, 1200))
    layer = pictures._read_map(write_map(tmp_path / "map.tif", values))
    assert layer is not None
    assert layer[0].shape == (50, 1200)
    assert np.allclose(layer[0], 2.0)


def test_unknown_language_is_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zh or en"):
        pictures.draw_overview(tmp_path / "o.png", table, {}, TITLES, REGION, "2024-06", "ko")


def test_unknown_glyph_neither_fails_nor_warns(table: pd.DataFrame, tmp_path: Path) -> None:
    titles = {"forest_sink": ("龘\U0001f995", "Forest")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures.draw_overview(tmp_path / "o.png", table, {}, titles, REGION, "2024-06")


def test_settings_of_the_caller_stay_and_do_not_matter(
    table: pd.DataFrame, maps: dict[str, Path], tmp_path: Path
) -> None:
    arguments = (table, maps, first(2), REGION, "2024-06")
    pictures.draw_overview(tmp_path / "one.png", *arguments)
    with mpl.rc_context({"font.size": 30.0, "axes.facecolor": "red"}):
        pictures.draw_overview(tmp_path / "two.png", *arguments)
        assert mpl.rcParams["font.size"] == 30.0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def font_characters() -> set[str]:
    return {chr(code) for code in FT2Font(pictures.FONT_FILE).get_charmap()}


def test_font_has_the_names_of_the_fixture_and_the_words_of_the_picture() -> None:
    words = [chinese for _, chinese in COUNTIES.values()]
    words += [chinese for chinese, _ in TITLES.values()]
    words += [
        word.format_map(dict.fromkeys(("zh", "en", "month", "year", "unit", "names"), ""))
        for word in pictures.TEXT["zh"].values()
    ]
    # The source font has no subscripts; DejaVu Sans gives them.
    assert set("".join(words)) - font_characters() - set("₂\n") == set()


def test_font_has_the_chinese_of_the_configuration() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("configs/**/*.yaml"))
    lacking = set(re.findall(r"[\u4e00-\u9fff]", text)) - font_characters()
    assert not lacking, "run datasets/build_font.py"


def test_font_is_small_and_has_its_licence() -> None:
    assert pictures.FONT_FILE.stat().st_size < 450_000
    licence = (pictures.FONT_FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence
