"""The fonts of the drawn card, from wheels, and what they cannot show."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

ROOMS = ("manimgx_fonts", "manimgx_fonts_cjk", "fontpkg_ibm_plex_sans_arabic.files")
HAN = {"zh-Hans": "SC", "zh-Hant": "TC", "ko": "KR"}  # one character has a form for each place
REGIONS = {"zh-Hans": "CN", "zh-Hant": "TW"}  # or a font would put the forms of another place in the place of its own
SCRIPTS = (
    "Hebrew Armenian Georgian Ethiopic Thai Lao Khmer Myanmar Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu "
    "Kannada Malayalam Sinhala Symbols"
).split()
NO_LETTER = "□"
UNSEEN = ("Cc", "Cf", "Zl", "Zp")
APART, END = "\u2068", "\u2069"  # first strong isolate: what is between has a direction of its own
KEPT = "\u200c\u200d" + APART + END  # without the first two Persian and Hindi are misspelled
IN_PAIRS = re.compile(f"[^{APART}{END}]*(?:{APART}[^{APART}{END}]*{END}[^{APART}{END}]*)*")
MARKS = ("Mn", "Mc", "Me")
UNBROKEN = re.compile(r"[!-~\u00c0-\u024f]{30}(?=[!-~\u00c0-\u024f])")
MAY_BREAK = "\u200b"


def families(language: str) -> list[str]:
    """The fonts to try for each letter, in this order.

    Out of a PDF in Noto Sans Arabic every letter with dots is copied twice, for letter and dots are drawn apart.
    """
    others = [f"Noto Sans {script}" for script in SCRIPTS]
    han = f"Noto Sans CJK {HAN.get(language, 'SC')}"
    return ["Noto Sans", "IBM Plex Sans Arabic", "Noto Sans Arabic", han, *others]


@cache
def typst_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(map(str, folders())))


def writable(text: str) -> str:
    """The text as it can be drawn, on one line: a box stands for a letter that no font has.

    Signs of direction are left out, but for what sets one piece apart from the rest, in pairs.
    """
    if not IN_PAIRS.fullmatch(text):
        text = text.replace(APART, "").replace(END, "")
    seen = "".join(map(_visible, unicodedata.normalize("NFC", text)))
    drawn = "".join(map(_drawable, _with_marks(" ".join(seen.split()))))
    return UNBROKEN.sub(lambda run: run[0] + MAY_BREAK, drawn)


def _visible(letter: str) -> str:
    if letter in KEPT or unicodedata.category(letter) not in UNSEEN:
        return letter
    return " " if letter.isspace() else ""


def _with_marks(text: str) -> list[str]:
    """Each letter with the marks and joiners behind it: "re" and an accent are two."""
    clusters: list[str] = []
    for letter in text:
        if clusters and (letter in KEPT or unicodedata.category(letter) in MARKS):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _drawable(cluster: str) -> str:
    """A letter and its marks are drawn in one font, or each that has none is a box."""
    if any(all(ord(part) in letters for part in cluster if part not in KEPT) for letters in _fonts()):
        return cluster
    known = any(ord(cluster[0]) in letters for letters in _fonts())
    return (cluster[0] if known else NO_LETTER) + "".join(part if part in KEPT else NO_LETTER for part in cluster[1:])


@cache
def _fonts() -> tuple[frozenset[int], ...]:
    """The letters of each font. Half a second, once in a process."""
    found = (_letters_of(path) for folder in folders() for path in sorted(folder.iterdir()))
    return tuple(letters for letters in found if letters)


def _letters_of(path: Path) -> frozenset[int]:
    """Italics and pictures are not drawn with. The faces of a collection differ in form, not in letters."""
    if path.suffix not in (".ttf", ".ttc") or "Italic" in path.name or "Emoji" in path.name:
        return frozenset()
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def folders() -> list[Path]:
    return [
        Path(str(files(package).joinpath(*folder.split())))
        for package, _, folder in (room.partition(".") for room in ROOMS)
    ]
