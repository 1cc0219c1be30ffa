"""What became of a message, as Twilio reports it."""

import re

import structlog
from flask import Blueprint, Response, abort, request

from bot.web.webhook import signed_form

log = structlog.get_logger()
routes = Blueprint("status", __name__)

DELIVERY_ID = re.compile(r"[0-9a-f]{24}")
WORD = re.compile(r"[a-z_]{1,20}")
BAD = ("undelivered", "failed")


@routes.post("/twilio/status/<delivery_id>")
def status(delivery_id: str) -> Response:
    """Log it; always 200 for what is truly Twilio's, known or not, repeated or not."""
    form = signed_form(request)
    state = form.get("MessageStatus", "")
    if not DELIVERY_ID.fullmatch(delivery_id) or not WORD.fullmatch(state):
        abort(400)
    code = form.get("ErrorCode", "")
    note = log.warning if state in BAD else log.info
    note("delivery_status", delivery=delivery_id, status=state, code=code if code.isdigit() else "")
    return Response(status=200)
