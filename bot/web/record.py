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
from bot.record_content import ShownGroup
from bot.records import Immunization
from bot.vaccines import Vaccines, cvx_code
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
    language, several = content.language, len(content.groups) > 1
    file = site().services.media.mint(card_file(*(group.jws for group in content.groups)), "smart-health-card")
    return _page(
        "record.html",
        language,
        200,
        name=content.name,
        birth_date=show_date(content.birth_date, language),
        headed=several or site().services.flow.vaccines.several,
        groups=[_group(group, Say(language), language, several) for group in content.groups],
        file_url=f"/m/{file}.smart-health-card",
        hours=math.ceil(result.seconds_left / 3600),
    )


def _group(group: ShownGroup, say: Say, language: str, several: bool) -> dict[str, object]:
    picture = qr.png(group.jws)
    token = site().services.media.mint(picture, "png")
    vaccines = site().services.flow.vaccines
    return {
        "heading": say.words.vaccine(group.name),
        "qr": _small_qr(picture, say) if several else Markup(qr.svg(group.jws, say("scan"))),  # noqa: S704 - our own
        "left_out": group.left_out,
        "picture_url": f"/m/{token}.png",
        "apple_url": APPLE_HEALTH + qr.numeric(group.jws) if _on_ios() else "",
        "doses": [_dose(number, dose, say, language, vaccines) for number, dose in enumerate(group.doses, 1)],
    }


def _small_qr(picture: bytes, say: Say) -> str:
    """A third of what the drawing weighs: somebody may have twenty."""
    source = f"data:image/png;base64,{b64encode(picture).decode()}"
    return Markup('<img src="{}" alt="{}">').format(source, fill(say.words.page["scan"], say.values))


def _dose(number: int, dose: Immunization, say: Say, language: str, vaccines: Vaccines) -> dict[str, str]:
    """Names are those of today's table, so that a name that staff have put right is right on every page."""
    return {
        "title": say("dose", number=number),
        "date": show_date(dose.date.isoformat(), language),
        "product": vaccines.product(dose.cvx) or say("unknown_vaccine", code=cvx_code(dose.cvx)),
        "lot": dose.lot or "",
        "place": dose.place or "",
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
