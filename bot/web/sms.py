"""The webhook: a text comes in, one answer goes out."""

from collections.abc import Mapping

import structlog
from flask import Blueprint, Response, request

from bot.conversation.events import Text
from bot.conversation.folding import visible
from bot.fault_points import reach
from bot.log import place_of
from bot.ports import StoreUnavailable
from bot.records import E164
from bot.turn import take_turn
from bot.web.here import site
from bot.web.twiml import twiml
from bot.web.webhook import signed_form

log = structlog.get_logger()
routes = Blueprint("sms", __name__)

LONGEST = 1600  # characters, as Twilio delivers them at most
ONLY_SMS = "Please send this as a normal text message (SMS). Por favor, use un mensaje de texto (SMS)."
SORRY = (
    "Sorry, we cannot answer right now. Please send that again in a few minutes.\n"
    "Perdone, intente de nuevo en unos minutos."
)


@routes.post("/twilio/sms")
def sms() -> Response:
    form = signed_form(request)
    sender = form.get("From", "")
    if not E164.fullmatch(sender):
        return twiml(_to_no_phone(sender))
    if sender == site().sender:
        return twiml("")  # two robots would never end
    return twiml(_answer(sender, form))


def _answer(sender: str, form: Mapping[str, str]) -> str:
    services = site().services
    sid = form["MessageSid"]
    body = visible(form.get("Body", "")[:LONGEST])
    event = Text(body, sid, form.get("OptOutType", ""))
    try:
        answered = take_turn(services, services.sessions.key(sender), event, sender)
    except StoreUnavailable as error:
        log.error("store_unavailable", sid=sid, reason=str(error))
        return SORRY
    except Exception as error:  # noqa: BLE001 - the outermost edge: the resident must get an answer
        log.error("fault", sid=sid, kind=type(error).__name__, place=place_of(error))
        return SORRY
    reach("text_saved_before_answer")
    log.info("text", sid=sid, silent=not answered.text)
    return answered.text


def _to_no_phone(sender: str) -> str:
    """WhatsApp and the like are not for health data; short codes and names are machines."""
    log.info("not_a_phone", channel=sender.partition(":")[0] if ":" in sender else "short")
    return ONLY_SMS if ":" in sender else ""
