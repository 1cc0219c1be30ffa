"""/staff/funnel: how far people come, for staff with FUNNEL_PASSWORD; without one there is no such page."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from flask import Blueprint, Response, abort, request

from bot.funnel.page import POLICY, Choice, page
from bot.funnel.summary import Days
from bot.funnel.table import table
from bot.web.here import site

routes = Blueprint("funnel", __name__, url_prefix="/staff")

CHOICES = (1, 7, 30, 90)
USUAL = 30


@routes.before_request
def only_staff() -> Response | None:
    """Compared in constant time, whatever its length."""
    password, given = site().funnel_password, request.authorization
    if not password:
        abort(404)
    said = (given.password or "") if given and given.type == "basic" else ""
    if hmac.compare_digest(_hash(said), _hash(password)):
        return None
    return Response("Staff only.\n", 401, {"WWW-Authenticate": 'Basic realm="staff", charset="UTF-8"'})


@routes.get("/funnel")
def funnel() -> Response:
    flow, choice = site().services.flow, _choice()
    response = Response(page(flow, _days(choice.days), choice, CHOICES), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@routes.get("/funnel.csv")
def as_csv() -> Response:
    text = table(site().services.flow, _days(_choice().days))
    name = {"Content-Disposition": "attachment; filename=funnel.csv"}
    return Response(text, headers=name, content_type="text/csv; charset=utf-8")


def _choice() -> Choice:
    days, language = request.args.get("days", USUAL, type=int), request.args.get("language", "")
    known = language in site().services.flow.languages
    return Choice(days if days in CHOICES else USUAL, language if known else "")


def _days(count: int) -> Days:
    services = site().services
    today = datetime.fromtimestamp(services.now(), UTC).date()
    return services.funnel.read([(today - timedelta(days=ago)).isoformat() for ago in range(count)])


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
