"""The demo's phone page: a phone in the browser whose texts go through the real webhook, truly signed."""

import secrets
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from bot.conversation.gsm7 import segments
from bot.delivery.console import read_outbox
from bot.iis.demo_people import demo_people
from bot.web.here import site
from bot.web.sms import PHONE

routes = Blueprint("phone", __name__)

SENDER = "+15555550199"  # the number that the demo's people text
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"


@routes.get("/phone")
def phone() -> Response:
    response = Response(render_template("phone.html", people=demo_people(), number=site().sender or SENDER))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@routes.post("/phone/text")
def text() -> Response:
    """Be Twilio for one text: JSON {from, body} in, {reply, segments} out; `reply` is null for silence."""
    asked = request.get_json()
    sender, body = str(asked.get("from", "")), str(asked.get("body", ""))
    if not PHONE.fullmatch(sender):
        abort(400)
    reply = post_webhook(sender, body)
    return jsonify(reply=reply, segments=segments(reply or ""))


@routes.get("/phone/messages")
def messages() -> Response:
    """What was sent since the line `after` of the outbox."""
    after = request.args.get("after", 0, type=int)
    outbox = site().outbox
    lines = read_outbox(outbox) if outbox else []
    new = [{**line, "segments": segments(str(line["body"]))} for line in lines[after:]]
    return jsonify(messages=new, after=len(lines))


def post_webhook(sender: str, body: str) -> str | None:
    """Post one signed webhook to the production route of this app; the text of the answer, None for silence."""
    form = {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "AccountSid": site().account_sid,
        "From": sender,
        "To": site().sender or SENDER,
        "Body": body,
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    headers = {"X-Twilio-Signature": site().signature.sign("/twilio/sms", form)}
    answer = current_app.test_client().post("/twilio/sms", data=form, headers=headers)
    message = ElementTree.fromstring(answer.data).find("Message")  # noqa: S314 - we wrote it ourselves
    return None if message is None else message.text
