"""What every webhook of Twilio passes before it is believed."""

import re
from collections.abc import Mapping

import structlog
from flask import Request, abort

from bot.web.here import site

log = structlog.get_logger()

FORM = "application/x-www-form-urlencoded"
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")


def signed_form(request: Request) -> Mapping[str, str]:
    """The form, if it is one, and signed for this route by the account that it names. Else 400, 403 or 415."""
    if request.mimetype != FORM:
        abort(415)
    if request.query_string:
        abort(400)  # a query could carry bodySHA256, which would leave the form unchecked
    form = request.form
    if any(len(values) > 1 for _, values in form.lists()):
        abort(400)  # equal keys are signed as if they were one
    plain = form.to_dict()
    account = plain.get("AccountSid", "")
    signature = site().signatures.get(account, site().signature)
    if not signature.fits(request.path, plain, request.headers.get("X-Twilio-Signature")):
        log.warning("signature_wrong", route=request.endpoint)
        abort(403)
    if account not in site().signatures or not MESSAGE_SID.fullmatch(plain.get("MessageSid", "")):
        abort(400)
    return plain
