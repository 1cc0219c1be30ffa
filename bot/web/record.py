"""The record page: a PIN form, then the record. GET shows the form and changes nothing; POST opens."""

import math
import unicodedata
from base64 import b64encode

import structlog
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup, escape

from bot import record_content
from bot.cards import qr
from bot.cards.issuer import card_file
from bot.conversation.answers.date_of_birth import show as show_date
from bot.conversation.scripts import direction
from bot.conversation.wording import fill
from bot.ports import LinkBusy, LinkGone, Opened, WrongPin
from bot.record_content import ShownDose, ShownGroup
from bot.vaccines import OTHER, Vaccines, cvx_code
from bot.web.here import site

log = structlog.get_logger()
routes = Blueprint("record", __name__)

APPLE_HEALTH = "https://redirect.health.apple.com/SMARTHealthCard/#"


class Say:
    """The page's words in one language, for templates: `say.open`, `say("pin_wrong", tries=4)`."""

    def __init__(self, language: str) -> None:
        flow = site().services.flow
        self.words = flow.words_in(language)
        self.values = flow.values

    def __call__(self, name: str, **values: object) -> str:
        """Digits keep their own direction in <bdi>: in Arabic a phone number would be shown in pieces."""
        known = {**self.values, **{key: str(value) for key, value in values.items()}}
        isolated = {key: f'<bdi class="value">{escape(value)}</bdi>' for key, value in known.items()}
        return Markup(fill(str(escape(self.words.page[name])), isolated))  # noqa: S704 - escaped, part by part

    def __getattr__(self, name: str) -> str:
        if name not in self.words.page:
            raise AttributeError(name)
        return self(name)


@routes.get("/r/<token>")
def form(token: str) -> Response:
    try:
        language = site().services.links.language(token)
    except LinkGone:
        return _gone()
    return _page("pin.html", language, 200, problem="")


@routes.post("/r/<token>")
def opened(token: str) -> Response:
    links = site().services.links
    try:
        language = links.language(token)
        pin = unicodedata.normalize("NFKC", request.form.get("pin", "")).strip()
        if not (len(pin) == 4 and pin.isascii() and pin.isdigit()):
            return _page("pin.html", language, 422, problem=Say(language)("pin_not_four"))
        result = links.open(token, pin)
    except LinkGone:
        return _gone()
    except LinkBusy:
        return _page("pin.html", language, 503, problem=Say(language)("busy"))
    if isinstance(result, WrongPin):
        log.info("pin_wrong", tries_left=result.tries_left)
        return _page("pin.html", language, 403, problem=_wrong(Say(language), result.tries_left))
    log.info("link_opened")
    return _record(result)


def _wrong(say: Say, tries_left: int) -> str:
    return say("pin_last_try") if tries_left == 1 else say("pin_wrong", tries=tries_left)


def _record(result: Opened) -> Response:
    content = record_content.read(result.content)
    cards = [group.jws for group in content.groups if group.jws]
    headed = len(content.groups) > 1 or content.groups[0].name == OTHER or site().services.flow.vaccines.several
    return _page(
        "record.html",
        content.language,
        200,
        name=content.name,
        birth_date=show_date(content.birth_date, content.language),
        headed=headed,
        groups=[_group(group, content.language, several=len(cards) > 1) for group in content.groups],
        file_url=_file_url(card_file(*cards), "smart-health-card") if cards else "",
        hours=math.ceil(result.seconds_left / 3600),
    )


def _file_url(content: bytes, suffix: str) -> str:
    return f"/m/{site().services.media.mint(content, suffix)}.{suffix}"


def _group(group: ShownGroup, language: str, several: bool) -> dict[str, object]:
    say, vaccines = Say(language), site().services.flow.vaccines
    return {
        "heading": say.words.vaccine(group.name),
        "card": _card(group.jws, say, several) if group.jws else None,
        "doses": [_dose(number, shown, say, language, vaccines) for number, shown in enumerate(group.doses, 1)],
    }


def _card(jws: str, say: Say, several: bool) -> dict[str, str]:
    picture = qr.png(jws)
    return {
        "qr": _small_qr(picture, say) if several else Markup(qr.svg(jws, say("scan"))),  # noqa: S704 - our own
        "picture_url": _file_url(picture, "png"),
        "apple_url": APPLE_HEALTH + qr.numeric(jws) if _on_ios() else "",
    }


def _small_qr(picture: bytes, say: Say) -> str:
    """A third of what the drawing weighs: somebody may have twenty."""
    source = f"data:image/png;base64,{b64encode(picture).decode()}"
    return Markup('<img src="{}" alt="{}">').format(source, fill(say.words.page["scan"], say.values))


def _dose(number: int, shown: ShownDose, say: Say, language: str, vaccines: Vaccines) -> dict[str, str]:
    """Names are those of today's table, so that a name that staff have put right is right on every page."""
    dose = shown.dose
    return {
        "title": say("dose", number=number),
        "date": show_date(dose.date.isoformat(), language),
        "product": vaccines.product(dose.cvx) or say("unknown_vaccine", code=cvx_code(dose.cvx)),
        "left_out": say(f"left_out_{shown.left_out}") if shown.left_out else "",
        "lot": dose.lot or "",
        "lot_left_out": say(f"detail_left_out_{shown.lot_left_out}") if shown.lot_left_out else "",
        "place": dose.place or "",
        "place_left_out": say(f"detail_left_out_{shown.place_left_out}") if shown.place_left_out else "",
    }


def _on_ios() -> bool:
    agent = request.user_agent.string
    return "iPhone" in agent or "iPad" in agent


def _gone() -> Response:
    """Unknown, expired, burnt: the same page, in every language there is, for nobody knows whose it was."""
    flow = site().services.flow
    others = [(code, direction(code), Say(code)) for code in flow.languages]
    return _page("gone.html", flow.languages[0], 404, others=others)


def _page(template: str, language: str, status: int, **values: object) -> Response:
    page = render_template(template, language=language, direction=direction(language), say=Say(language), **values)
    return make_response(page, status)
