"""Answers to a webhook: TwiML, as text/xml."""

import re

from flask import Response
from twilio.twiml.messaging_response import MessagingResponse

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def twiml(text: str) -> Response:
    """One message, or with no text the silence that Twilio asks for: an empty <Response/>."""
    answer = MessagingResponse()
    if text:
        answer.message(ILLEGAL.sub("", text))
    return Response(str(answer), content_type="text/xml; charset=utf-8")
