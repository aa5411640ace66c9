from __future__ import annotations

from typing import Any

import pytest

from ecoassess.errors import InputError
from ecoassess.explain import explain, find_zone
from ecoassess.language import read_words


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("珲春", ("county", "222404")),
        ("珲春市", ("county", "222404")),
        ("222404", ("county", "222404")),
        ("hunchun", ("county", "222404")),
        ("Hunchun City", ("county", "222404")),
        ("汪清", ("county", "222424")),
        ("汪清县", ("county", "222424")),
        ("Wangqing County", ("county", "222424")),
        ("延边", ("prefecture", "222400")),
        ("Yanbian Prefecture", ("prefecture", "222400")),
        ("宁安", ("park_county", "231084")),
        ("Ningan", ("park_county", "231084")),
        ("Hunchun, in park", ("park_county", "222404")),
        ("珲春市园内", ("park_county", "222404")),
        ("park", ("park_region", "park")),
        ("东北虎豹国家公园", ("park_region", "park")),
    ],
)
def test_zone_is_found_by_code_and_name(
    published: Any, text: str, identity: tuple[str, str]
) -> None:
    assert find_zone(published.assessment.zones, text).identity == identity


def test_unknown_zone_lists_what_there_is(published: Any) -> None:
    with pytest.raises(InputError) as caught:
        find_zone(published.assessment.zones, "Hunchum")
    text = str(caught.value)
    assert "222404  Hunchun 珲春市" in text
    assert "did you mean 'Hunchun'?" in text


def lines_of(published: Any, technology: str, zone: str, language: str) -> list[str]:
    place = find_zone(published.assessment.zones, zone)
    return explain(published.assessment, technology, place, read_words(language)).splitlines()


def test_coefficients_stand_with_place_and_source(published: Any) -> None:
    lines = lines_of(published, "forest_sink", "Hunchun", "en")
    file = published.project.configs / "models" / "stand_volume.yaml"
    number = next(
        i
        for i, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.startswith("net_stock_growth_rate:")
    )
    head = next(i for i, line in enumerate(lines) if line.startswith("  net_stock_growth_rate:"))
    assert lines[head].endswith(f"(configs/models/stand_volume.yaml:{number})")
    assert lines[head + 2].split()[:5] == ["–", "0.01117", "0.0073", "…", "0.0164"]
    assert "ln(1.086 / 1.027) / 5" in lines[head + 3]


def test_only_the_values_of_the_zone_stand_there(published: Any) -> None:
    climate = published.session.climate.zone["222404"]
    text = "\n".join(lines_of(published, "straw_return", "Hunchun", "en"))
    reference = text.split("  soil_carbon_reference:")[1].split("  factor_land_use:")[0]
    others = {"cool_temperate_dry", "cool_temperate_moist"} - {climate}
    assert climate.replace("_", " ") in reference
    assert not any(other.replace("_", " ") in reference for other in others)


def test_run_choices_and_province_pick_the_electricity_factor(published: Any) -> None:
    text = "\n".join(lines_of(published, "rooftop_pv", "222404", "en"))
    section = text.split("  electricity_factor:")[1].split("\n  embodied_carbon:")[0]
    assert "0.4671" in section
    assert "0.5229" not in section  # Heilongjiang
    assert "0.8719" not in section  # another family
    both = "\n".join(lines_of(published, "rooftop_pv", "park", "en"))
    assert "0.5229" in both


def test_data_results_and_datasets(published: Any) -> None:
    lines = lines_of(published, "straw_return", "珲春", "zh")
    text = "\n".join(lines)
    assert lines[0] == "秸秆还田 (straw_return)"
    assert "珲春市, 玉米: 16,986 ha (2016, 实测, A); ± 10 %; 来源: " in text
    assert "configs/scenarios/yanbian.yaml:" in text
    checksum = published.session.catalog.dataset("county_statistics").checksum
    assert f"county_statistics.csv  sha256 {checksum}" in text
    rows = published.assessment.rows
    value = rows.query(
        "zoning == 'county' and adcode == '222404' and period == '2024' "
        "and technology == 'straw_return' and component == 'paddy_methane'"
    )["value"].item()
    line = next(line for line in lines if line.strip().startswith("稻田甲烷排放"))
    assert f"{value:,.5g}" in line


@pytest.mark.parametrize(
    ("language", "every"), [("en", 5), ("zh", 7), pytest.param("en", 1, marks=pytest.mark.by_hand)]
)
def test_each_technology_in_zones(published: Any, language: str, every: int) -> None:
    """Every zone when slow, else each technology in a few of them."""
    words = read_words(language)
    for number, name in enumerate(published.session.technologies):
        for zone in published.assessment.zones[number % every :: every]:
            text = explain(published.assessment, name, zone, words)
            assert f"ecoassess/technologies/{name}.py:" in text or f"{name}.py:" in text
