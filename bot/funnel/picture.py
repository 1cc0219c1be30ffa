"""The funnel as a drawing: one bar for each state, its length how many came so far. SVG, no script."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.funnel.summary import Row

NAMES, NUMBERS, WIDE = 190, 160, 560  # pixels: the names, the numbers, the longest bar
HIGH, GAP = 22, 8


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    long: int
    dark: int  # that part of it
    words: str
    dark_ends: bool = False  # the dark part is at its end, where people are lost


def funnel(rows: Sequence[Row], title: str) -> Markup:
    """Light: came here. Dark: said nothing more here."""
    bars = [
        Bar(row.name, row.reached.rounded, row.stopped.rounded, str(row.reached), dark_ends=True)
        for row in rows
        if row.reached.exact
    ]
    return draw(bars, title)


def days(rows: Sequence[Row], title: str) -> Markup:
    """Light: began. Dark: got their record."""
    return draw(
        [Bar(r.name, r.reached.rounded, r.finished.rounded, f"{r.finished} of {r.reached}") for r in rows], title
    )


def draw(bars: Sequence[Bar], title: str) -> Markup:
    longest = max((bar.long for bar in bars), default=0) or 1
    width, height = NAMES + WIDE + NUMBERS, max(len(bars), 1) * (HIGH + GAP)
    parts = [_bar(bar, number * (HIGH + GAP), WIDE / longest) for number, bar in enumerate(bars)]
    head = Markup('<svg viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">')
    return head.format(width, height, width, height, title) + Markup("").join(parts) + Markup("</svg>")


def _bar(bar: Bar, top: int, scale: float) -> Markup:
    long = max(bar.long * scale, 1)
    dark = min(bar.dark * scale, long)
    middle = top + HIGH / 2 + 5
    return Markup(
        '<text x="{}" y="{}" text-anchor="end">{}</text><rect class="came" x="{}" y="{}" width="{:.1f}" height="{}"/>'
        '<rect class="dark" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/><text x="{:.1f}" y="{}">{}</text>'
    ).format(
        NAMES - 8, middle, escape(bar.name), NAMES, top, long, HIGH,
        NAMES + (long - dark) * bar.dark_ends, top, dark, HIGH, NAMES + long + 6, middle, bar.words,
    )  # fmt: skip
