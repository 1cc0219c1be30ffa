"""The demo's phone page: a phone in the browser whose texts go through the real webhook, truly signed."""

import json
import math
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from bot.conversation.gsm7 import segments
from bot.delivery.console import read_outbox
from bot.iis.demo_people import demo_people
from bot.records import E164
from bot.transcripts.saving import BeganEarlier, Sent, Texted, write
from bot.web.here import site
from bot.web.simulated import NUMBER, ROUTE, form_for, reply_in

routes = Blueprint("phone", __name__)

PICTURE = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"


@routes.get("/phone")
def phone() -> Response:
    response = Response(render_template("phone.html", people=site().people, number=site().sender or NUMBER))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@routes.post("/phone/text")
def text() -> Response:
    """Be Twilio for one text: JSON {from, body} in, {reply, segments, at} out; `reply` is null for silence."""
    asked = _asked()
    sender, body = str(asked.get("from", "")), str(asked.get("body", ""))
    if not E164.fullmatch(sender):
        abort(400)
    at = time.time()
    reply = post_webhook(sender, body)
    return jsonify(reply=reply, segments=segments(reply or ""), at=at)


@routes.get("/phone/messages")
def messages() -> Response:
    """What was sent since the line `after` of the outbox."""
    after = request.args.get("after", 0, type=int)
    outbox = site().outbox
    lines = read_outbox(outbox) if outbox else []
    new = [{**line, "segments": segments(str(line["body"]))} for line in lines[after:]]
    return jsonify(messages=new, after=len(lines))


@routes.post("/phone/transcript")
def transcript() -> Response:
    """The conversation on one phone as a test: JSON {from, person, events} in, a .chat file out.

    An event is a text {at, body, reply} or a message that came later {at, to, body}; `at` in seconds since 1970.
    409 if the page saw only the end of a conversation.
    """
    asked = _asked()
    sender, person = str(asked.get("from", "")), str(asked.get("person", ""))
    if not E164.fullmatch(sender):
        abort(400)
    known = any(demo.key == person and demo.phone == sender for demo in demo_people())
    try:
        text = write(site().services.flow, sender, _events(asked), record=person if known else "")
    except BeganEarlier:
        abort(409)
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=conversation.chat"
    return response


def _asked() -> dict[str, Any]:
    """What was posted. Raises what becomes status 400 for all but an object of whole letters."""
    try:
        asked = request.get_json()
        json.dumps(asked, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        abort(400)
    return asked if isinstance(asked, dict) else abort(400)


def _events(asked: dict[str, Any]) -> Iterator[Texted | Sent]:
    """Raises what becomes status 400."""
    try:
        for event in asked["events"]:
            at, body = float(event["at"]), str(event["body"])
            if not math.isfinite(at):
                abort(400)
            if "to" in event:
                yield Sent(at, str(event["to"]), body)
            else:
                yield Texted(at, body, None if event["reply"] is None else str(event["reply"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        abort(400)


def post_webhook(sender: str, body: str, *, sid: str = "", media: bool = False) -> str | None:
    """Post one signed webhook to the production route of this app; the answer's text, None for silence."""
    form = {**form_for(site().account_sid, sender, body, to=site().sender, sid=sid), **(PICTURE if media else {})}
    headers = {"X-Twilio-Signature": site().signature.sign(ROUTE, form)}
    return reply_in(current_app.test_client().post(ROUTE, data=form, headers=headers).data)
