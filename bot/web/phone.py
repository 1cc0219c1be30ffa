"""The demo's phone page: a phone in the browser whose texts go through the real webhook, truly signed."""

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from bot.conversation.gsm7 import segments
from bot.delivery.console import read_outbox
from bot.records import E164
from bot.web.here import site
from bot.web.simulated import NUMBER, ROUTE, form_for, reply_in

routes = Blueprint("phone", __name__)

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"


@routes.get("/phone")
def phone() -> Response:
    response = Response(render_template("phone.html", people=site().people, number=site().sender or NUMBER))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@routes.post("/phone/text")
def text() -> Response:
    """Be Twilio for one text: JSON {from, body} in, {reply, segments} out; `reply` is null for silence."""
    asked = request.get_json()
    sender, body = str(asked.get("from", "")), str(asked.get("body", ""))
    if not E164.fullmatch(sender):
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
    """Post one signed webhook to the production route of this app; the answer's text, None for silence."""
    form = form_for(site().account_sid, sender, body, to=site().sender)
    headers = {"X-Twilio-Signature": site().signature.sign(ROUTE, form)}
    return reply_in(current_app.test_client().post(ROUTE, data=form, headers=headers).data)
