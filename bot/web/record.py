"""The record page: a PIN form, then the record. GET shows the form and changes nothing; POST opens."""

import math
import unicodedata
from base64 import b64encode

import structlog
from flask import Blueprint, Response, request
from markupsafe import Markup

from bot import record_content
from bot.cards import qr
from bot.cards.issuer import card_file
from bot.conversation.scripts import direction
from bot.conversation.wording import fill
from bot.ports import LinkBusy, LinkGone, Opened, WrongPin
from bot.web import drawn
from bot.web.here import site
from bot.web.pages import page
from bot.web.say import Say
from bot.web.shown import Group, shown

log = structlog.get_logger()
routes = Blueprint("record", __name__)

APPLE_HEALTH = "https://redirect.health.apple.com/SMARTHealthCard/#"


@routes.get("/r/<token>")
def form(token: str) -> Response:
    try:
        language = site().services.links.language(token)
    except LinkGone:
        return _gone()
    return page("pin.html", language, 200, problem="")


@routes.post("/r/<token>")
def opened(token: str) -> Response:
    links = site().services.links
    try:
        language = links.language(token)
        pin = unicodedata.normalize("NFKC", request.form.get("pin", "")).strip()
        if not (len(pin) == 4 and pin.isascii() and pin.isdigit()):
            return page("pin.html", language, 422, problem=Say(language)("pin_not_four"))
        result = _open(token, pin)
    except LinkGone:
        return _gone()
    except LinkBusy:
        return page("pin.html", language, 503, problem=Say(language)("busy"))
    if isinstance(result, WrongPin):
        log.info("pin_wrong", tries_left=result.tries_left)
        return page("pin.html", language, 403, problem=_wrong(Say(language), result.tries_left))
    try:
        content = record_content.read(result.content)
    except record_content.ContentUnreadable:
        log.error("link_unreadable")
        return _gone()
    log.info("link_opened")
    return _record(result, content)


def _open(token: str, pin: str) -> Opened | WrongPin:
    try:
        return site().services.links.open(token, pin)
    except LinkGone:  # it was there a moment ago: this was the last try
        log.info("pin_wrong", tries_left=0)
        raise


def _wrong(say: Say, tries_left: int) -> str:
    return say("pin_last_try") if tries_left == 1 else say("pin_wrong", tries=tries_left)


def _record(result: Opened, content: record_content.Content) -> Response:
    say = Say(content.language)
    record = shown(content, site().services.flow.vaccines, say)
    cards = [group for group in record.groups if group.jws]
    drawings = f"/m/{drawn.mint(result.content)}" if cards else ""
    codes = [_code(group, say, several=len(cards) > 1) if group.jws else "" for group in record.groups]
    return page(
        "record.html",
        content.language,
        200,
        record=record,
        codes=codes,
        cards=cards,
        pictures=[f"{drawings}/{number}.png" for number in range(1, len(codes) + 1)],
        pdf_url=f"{drawings}/record.pdf",
        file_url=_file_url(card_file(*(group.jws for group in cards))) if cards else "",
        apple_urls=[_apple_url(group) for group in record.groups],
        hours=math.ceil(result.seconds_left / 3600),
    )


def _file_url(content: bytes) -> str:
    return f"/m/{site().services.media.mint(content, 'smart-health-card')}.smart-health-card"


def _apple_url(group: Group) -> str:
    return APPLE_HEALTH + qr.numeric(group.jws) if group.jws and _on_ios() else ""


def _code(group: Group, say: Say, several: bool) -> str:
    """Where there are several, as pictures: a third of what the drawing weighs, and somebody may have twenty."""
    words = fill(say.words.page["scan"], say.values)
    if not several:
        return Markup(qr.svg(group.jws, words))  # noqa: S704 - our own
    source = f"data:image/png;base64,{b64encode(qr.png(group.jws)).decode()}"
    return Markup('<img src="{}" alt="{}">').format(source, words)


def _on_ios() -> bool:
    agent = request.user_agent.string
    return "iPhone" in agent or "iPad" in agent


def _gone() -> Response:
    """Unknown, expired, burnt: the same page, in every language there is, for nobody knows whose it was."""
    flow = site().services.flow
    others = [(code, direction(code), Say(code)) for code in flow.languages]
    return page("gone.html", flow.languages[0], 404, others=others)
