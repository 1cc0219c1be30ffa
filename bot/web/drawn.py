"""The record as a picture and as a PDF, at addresses that nobody can guess, drawn when somebody asks for them."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, abort

from bot import record_content
from bot.drawing.draw import Drawer, DrawingBusy
from bot.record_content import Content
from bot.web.composing import compose
from bot.web.here import site
from bot.web.pages import page

log = structlog.get_logger()
routes = Blueprint("drawn", __name__)

RECORD = "record"  # what is kept for the drawings of one record
AGAIN = "5"  # seconds
TYPES = {"png": "image/png", "pdf": "application/pdf"}


def mint(content: bytes) -> str:
    """The token of a record whose pictures and PDF may be asked for, for ten minutes."""
    return site().services.media.mint(content, RECORD)


@routes.get("/m/<token>/<int:number>.png")
def picture(token: str, number: int) -> Response:
    """The card of one vaccine group; they are numbered from 1, as the page shows them."""
    content = _content(token)
    groups = content.groups[number - 1 : number] if number else ()
    if not groups or not groups[0].jws:
        abort(404)
    brand = site().services.flow.brand
    return _drawn(token, f"{number}.png", content, lambda drawer: drawer.picture(compose(content, number), brand))


@routes.get("/m/<token>/record.pdf")
def pdf(token: str) -> Response:
    """All groups, a page for each: in one file, as a school or a new doctor asks for it."""
    content = _content(token)
    brand = site().services.flow.brand
    return _drawn(token, f"{_still_shown(content)}.pdf", content, lambda drawer: drawer.pdf(compose(content), brand))


def _still_shown(content: Content) -> str:
    """The groups that a PDF has: one that was drawn before a card was taken back is not given out after that."""
    return "-".join(str(number) for number, group in enumerate(content.groups, 1) if not group.revoked)


def _content(token: str) -> Content:
    """Unknown, expired, taken back and of another version of us are the same."""
    services = site().services
    kept = services.media.read(token, RECORD)
    try:
        content = record_content.read_now(kept, services.cards) if kept else None
    except record_content.ContentUnreadable:
        content = None
    return abort(404) if content is None or content.is_revoked else content


def _drawn(token: str, name: str, content: Content, draw: Callable[[Drawer], bytes]) -> Response:
    """Drawn once: whoever asks again gets what was kept, sealed like all else."""
    media, suffix = site().services.media, name.rpartition(".")[2]
    drawing = media.read(token, name)
    if drawing is None:
        try:
            drawing = draw(site().drawer)
        except DrawingBusy:
            return _busy(content.language)
        media.keep(token, drawing, name)
    response = Response(drawing, content_type=TYPES[suffix])
    response.headers["Content-Disposition"] = f'inline; filename="vaccine-record.{suffix}"'
    return response


def _busy(language: str) -> Response:
    log.warning("drawing_busy")
    response = page("busy.html", language, 503)
    response.headers["Retry-After"] = AGAIN
    return response
