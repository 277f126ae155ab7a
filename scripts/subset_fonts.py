"""Make the font files in `templates/fonts/` from the Inter release's web fonts.

Two files for each weight: a TTF with all of Latin, Greek and Cyrillic, for charts and PDF, and a
small Latin WOFF2 to embed in HTML pages.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parent.parent / "templates" / "fonts"
WEIGHTS = ("Regular", "SemiBold", "Bold")

# Without `calt`: Inter's contextual alternates draw "->" as an arrow, and a report shows the text
# of the data as it stands there.
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum"]
# Copyright, family, style, unique id, full name, version, PostScript name, licence and its address,
# and the family and style that put the three weights into one family.
NAME_IDS = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]

SYMBOLS = (
    "2000-206F",  # general punctuation: dashes, quotes, bullets, thin and no-break spaces
    "2070-209F",  # superscripts and subscripts
    "20A0-20CF",  # currencies
    "2100-214F",  # letter-like: № ™
    "2190-21FF",  # arrows
    "2200-22FF",  # mathematics: − ≈ ≤ ≥ ≠ ∞
    "25A0-25FF",  # shapes: ▲ ▼ ● ○ ■
    "2713",  # check mark
    "2717",  # ballot x
)
TTF_UNICODES = (
    "0020-007E",  # basic Latin
    "00A0-024F",  # Latin-1, Latin Extended-A and -B
    "02B0-036F",  # modifiers, combining accents
    "0370-03FF",  # Greek
    "0400-052F",  # Cyrillic
    "1E00-1EFF",  # Latin Extended Additional: Vietnamese, Welsh
    "FB00-FB06",  # ligatures that stand in data as characters
    *SYMBOLS,
)
WOFF2_UNICODES = (
    "0020-007E",
    "00A0-017F",
    "0192",  # ƒ
    "0218-021B",  # Romanian Ș Ț
    "02C6",
    "02DA",
    "02DC",
    "2002-2015",
    "2018-201E",
    "2020-2022",
    "2026",
    "202F",
    "2030",
    "2032-2033",
    "2039-203A",
    "20A0-20CF",
    "2116",
    "2122",
    "2190-2193",
    "2196-2199",
    "2212",
    "221E",
    "2248",
    "2260",
    "2264-2265",
    "25A0",
    "25B2",
    "25B4",
    "25BC",
    "25BE",
    "25CB",
    "25CF",
    "2713",
    "2717",
)


def parse_ranges(ranges: tuple[str, ...]) -> list[int]:
    """Return the code points of ranges such as "0020-007E"."""
    code_points: list[int] = []
    for text in ranges:
        first, _, last = text.partition("-")
        code_points.extend(range(int(first, 16), int(last or first, 16) + 1))
    return code_points


def subset_font(source: Path, target: Path, ranges: tuple[str, ...], flavor: str | None) -> None:
    """Write the part of a font that covers the ranges, unhinted, with the features kept here."""
    options = subset.Options()
    options.layout_features = FEATURES
    options.name_IDs = NAME_IDS
    options.hinting = False
    options.flavor = flavor
    options.notdef_outline = True
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=parse_ranges(ranges))
    subsetter.subset(font)
    font.flavor = flavor
    subset.save_font(font, str(target), options)


def main() -> None:
    """Make both files of each weight and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="folder that holds Inter-Regular.woff2 …")
    arguments = parser.parse_args()
    for weight in WEIGHTS:
        source = arguments.source / f"Inter-{weight}.woff2"
        ttf, woff2 = FONTS / f"Inter-{weight}.ttf", FONTS / f"Inter-{weight}-latin.woff2"
        subset_font(source, ttf, TTF_UNICODES, None)
        subset_font(source, woff2, WOFF2_UNICODES, "woff2")
        for path in (ttf, woff2):
            print(f"{path.stat().st_size:>9,} bytes in {path.name}")


if __name__ == "__main__":
    main()
