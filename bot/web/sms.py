"""The webhook: a text comes in, one answer goes out."""

import re
from collections.abc import Mapping

import structlog
from flask import Blueprint, Response, request

from bot.conversation.events import Text
from bot.fault_points import reach
from bot.limiting import admit_text
from bot.log import place_of
from bot.passing_over import erase_at_last, pass_over
from bot.ports import StoreUnavailable
from bot.records import E164
from bot.turn import take_turn
from bot.web.here import site
from bot.web.twiml import twiml
from bot.web.webhook import signed_form

log = structlog.get_logger()
routes = Blueprint("sms", __name__)

DIGITS = re.compile(r"[0-9]{1,10}")
SMS, FALLBACK = "/twilio/sms", "/twilio/fallback"
ONLY_SMS = "Please send this as a normal text message (SMS). Por favor, use un mensaje de texto (SMS)."
SORRY = "\n".join(
    (
        "Sorry, we cannot answer right now. Please send that again in a few minutes.",
        "Perdone, intente de nuevo en unos minutos.",
        "抱歉，请几分钟后再发一次。",
        "抱歉，請幾分鐘後再傳一次。",
        "죄송합니다. 몇 분 뒤에 다시 보내 주세요.",
        "Xin lỗi, xin gửi lại sau vài phút.",
        "عذرا، أرسل مرة أخرى بعد دقائق.",
        "Paumanhin, paki-text muli sa ilang minuto.",
    )
)


@routes.post(SMS)
@routes.post(FALLBACK)
def sms() -> Response:
    """The fallback answers the same text in the same way: if it had its turn already, with the same reply."""
    form = signed_form(request)
    if request.path == FALLBACK:
        code = form.get("ErrorCode", "")
        log.warning("fallback_used", sid=form["MessageSid"], code=code if DIGITS.fullmatch(code) else "")
    sender = form.get("From", "")
    if sender in site().senders or not E164.fullmatch(sender):
        answer = _to_no_phone(sender, form["MessageSid"])
    else:
        answer = _answer(sender, form)
    site().blur()
    return twiml(answer)


def _answer(sender: str, form: Mapping[str, str]) -> str:
    services = site().services
    sid = form["MessageSid"]
    event = Text.received(form.get("Body", ""), sid, form.get("OptOutType", ""), to=_texted(form))
    try:
        answered = take_turn(services, services.sessions.key(sender), event, sender)
    except StoreUnavailable as error:
        log.error("store_unavailable", sid=sid, reason=str(error))
        return SORRY
    except Exception as error:  # noqa: BLE001 - the outermost edge: the resident must get an answer
        log.error("fault", sid=sid, kind=type(error).__name__, place=place_of(error))
        return _sorry(sender, sid)
    reach("text_saved_before_answer")
    return answered.text


def _texted(form: Mapping[str, str]) -> str:
    """The sender of ours that stands for the number she texted: our messages to her go by it."""
    known = (form.get("To", ""), form.get("MessagingServiceSid", ""))
    return next((sender for sender in known if sender in site().senders), "")


def _sorry(sender: str, sid: str) -> str:
    """As many as there may be replies; a text that was counted already is not counted again."""
    services = site().services
    try:
        erase_at_last(services, sid)
        return "" if admit_text(services, sender, sid).refused else SORRY
    except StoreUnavailable as error:
        log.error("store_unavailable", sid=sid, reason=str(error))
        return SORRY


def _to_no_phone(sender: str, sid: str) -> str:
    """WhatsApp and the like are not for health data; short codes, names and our own numbers are machines: two of them
    would never end.
    """
    services, is_chat = site().services, ":" in sender
    log.info("not_a_phone", channel=_channel(sender))
    try:
        pass_over(services, sid)
        return ONLY_SMS if is_chat and not admit_text(services, sender, sid).refused else ""
    except StoreUnavailable as error:
        log.error("store_unavailable", sid=sid, reason=str(error))
        return ONLY_SMS if is_chat else ""


def _channel(sender: str) -> str:
    if sender in site().senders:
        return "ours"
    return sender.partition(":")[0] if ":" in sender else "short"
