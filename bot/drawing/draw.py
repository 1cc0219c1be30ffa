"""Draws the card: Typst sets card.typ in fonts of our own. Nothing personal touches a disk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from threading import BoundedSemaphore
from typing import Literal

import typst

from bot.conversation.brand import Brand
from bot.drawing.drawing import Drawing, as_data
from bot.drawing.fonts import NO_LETTER, REGIONS, families, typst_fonts, writable

INCH = 216  # pixels of the picture: 1080 in a row
IN_TURN = 3  # drawings of one process, the one that is drawn and those that wait for it
PATIENCE = 10.0  # seconds
Form = Literal["png", "pdf"]

# On which side a book is bound means nothing for a sheet; but out of one that is bound on the right, Chromium copies
# Latin names and digits in the wrong order. Both are as long, so nothing moves.
BOUND_RIGHT, BOUND_LEFT = b"/Direction/R2L", b"/Direction/L2R"


class DrawingBusy(Exception):
    """Too many drawings are asked for at this moment. Ask again in some seconds."""


class Drawer:
    """Draws one after the other: a drawing takes one core for a twentieth of a second, the first of a process a second.

    Nothing is loaded before the first one, because Typst's threads do not outlive a fork.
    """

    def __init__(self, in_turn: int = IN_TURN) -> None:
        self._queue = BoundedSemaphore(in_turn)
        self._turn = BoundedSemaphore(1)

    def picture(self, drawing: Drawing, brand: Brand) -> bytes:
        """The drawing's first card as a PNG for a phone. Raises DrawingBusy."""
        return self._draw(drawing, brand, "png")

    def pdf(self, drawing: Drawing, brand: Brand) -> bytes:
        """All its cards as a PDF that screen readers can read (PDF/UA-1), a page for each. Raises DrawingBusy."""
        return self._draw(drawing, brand, "pdf")

    def _draw(self, drawing: Drawing, brand: Brand, form: Form) -> bytes:
        with self._place():
            drawn = typst.compile(
                _template(),
                format=form,
                font_paths=typst_fonts(),
                ignore_system_fonts=True,
                ppi=INCH,
                pdf_standards="ua-1" if form == "pdf" else None,
                sys_inputs={"data": _data(drawing, brand, form)},
            )
        return drawn.replace(BOUND_RIGHT, BOUND_LEFT)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._queue.acquire(blocking=False):
            raise DrawingBusy
        try:
            if not self._turn.acquire(timeout=PATIENCE):
                raise DrawingBusy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._queue.release()


@cache
def _template() -> bytes:
    return files("bot.drawing").joinpath("card.typ").read_bytes()


def _data(drawing: Drawing, brand: Brand, form: Form) -> str:
    data = as_data(drawing, writable)
    missing = data.pop("missing")
    data["missing"] = missing if NO_LETTER in json.dumps(data, ensure_ascii=False) else ""
    look = {"band": brand.band, "accent": brand.accent, "logo": list(brand.logo), "logo_type": brand.logo_type}
    return json.dumps(
        {**data, **look, "form": form, "fonts": families(drawing.language), "region": REGIONS.get(drawing.language)}
    )
