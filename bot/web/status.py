"""What became of a message, as Twilio reports it: in any order, more than once, or never."""

import re

import structlog
from flask import Blueprint, Response, abort, request

from bot.delivery.twilio_status import report_of
from bot.fault_points import reach
from bot.outbox.hearing import hear
from bot.web.here import site
from bot.web.webhook import signed_form

log = structlog.get_logger()
routes = Blueprint("status", __name__)

DELIVERY_ID = re.compile(r"[0-9a-f]{24}")
WORD = re.compile(r"[a-z_]{1,20}")
DIGITS = re.compile(r"[0-9]{1,10}")


@routes.post("/twilio/status/<delivery_id>")
def status(delivery_id: str) -> Response:
    """Take it in; always 200 for what is truly Twilio's, known or not, repeated or not."""
    form = signed_form(request)
    word, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
    if not DELIVERY_ID.fullmatch(delivery_id) or not WORD.fullmatch(word):
        abort(400)
    report = report_of(word, form["MessageSid"], code if DIGITS.fullmatch(code) else "")
    reach("callback_before_change")
    change = hear(site().services, delivery_id, report) if report else None
    log.info(
        "delivery_status", delivery=delivery_id, status=word, code=report.code if report else "", known=bool(change)
    )
    return Response(status=200)
