"""The record page: a PIN form, then the record. GET shows the form and changes nothing; POST opens."""

import math
from base64 import b64encode

import structlog
from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from bot import record_content
from bot.cards import qr
from bot.cards.issuer import card_file
from bot.conversation.answers.pin import read_pin
from bot.conversation.wording import fill
from bot.limiting import admit_opening, admit_post, give_back_post, note
from bot.ports import LinkBusy, LinkGone, LinkRests, Opened, WrongPin
from bot.web import drawn
from bot.web.everyone import everyone
from bot.web.here import site
from bot.web.network import network_of
from bot.web.pages import page
from bot.web.say import Say
from bot.web.shown import Group, shown

log = structlog.get_logger()
routes = Blueprint("record", __name__)

APPLE_HEALTH = "https://redirect.health.apple.com/SMARTHealthCard/#"


@routes.get("/r/<path:token>")
@routes.get("/r//<path:token>")
@routes.get("/R/<path:token>")
def form(token: str) -> Answer:
    """Who retyped the link in capitals, or whose messenger took a sign too many for its end, is led to the link."""
    links = site().services.links
    spelled = links.spelled(token)
    if spelled and request.path != f"/r/{spelled}":
        return redirect(f"/r/{spelled}")
    try:
        language = links.language(token)
    except LinkGone:
        return _gone()
    return page("pin.html", language, 200, problem="")


@routes.post("/r/<token>")
def opened(token: str) -> Response:
    posted = admit_post(site().services, network_of(request.remote_addr))
    if posted.wait:
        return _slowly(posted.wait)
    links = site().services.links
    try:
        language = links.language(token)
        pin = read_pin(request.form.get("pin", ""))
        if not pin:
            return page("pin.html", language, 422, problem=Say(language)("pin_not_four"))
        if wait := admit_opening(site().services, posted, token):
            return _slowly(wait)
        result = _open(token, pin)
    except LinkGone:
        return _gone()
    except LinkBusy:
        return page("pin.html", language, 503, problem=Say(language)("busy"))
    if isinstance(result, WrongPin):
        log.info("pin_wrong", tries_left=result.tries_left)
        return page("pin.html", language, 403, problem=_wrong(Say(language), result.tries_left))
    give_back_post(site().services, posted)
    try:
        content = record_content.read_now(result.content, site().services.cards)
    except record_content.ContentUnreadable:
        log.error("page_unreadable")
        return _gone()
    log.info("link_opened")
    return _record(result, content)


def _open(token: str, pin: str) -> Opened | WrongPin:
    try:
        return site().services.links.open(token, pin)
    except LinkRests:
        note(site().services, "wrong_pins_in_a_row")
        raise
    except LinkGone:  # it was there a moment ago: this was the last try
        log.info("pin_wrong", tries_left=0)
        note(site().services, "pin_tries")
        raise


def _wrong(say: Say, tries_left: int) -> str:
    return say("pin_last_try") if tries_left == 1 else say("pin_wrong", tries=tries_left)


def _record(result: Opened, content: record_content.Content) -> Response:
    say = Say(content.language)
    record = shown(content, site().services.flow.vaccines, say)
    if content.is_revoked:
        return page("revoked.html", content.language, 200, card=next(group for group in record.groups if group.revoked))
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
        minutes=site().services.media.life // 60,
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
    """Unknown, expired, burnt: the same page."""
    return everyone("gone")


def _slowly(seconds: int) -> Response:
    """Whose links these are is not looked up."""
    response = everyone("many_posts", 429)
    response.headers["Retry-After"] = str(seconds)
    return response
