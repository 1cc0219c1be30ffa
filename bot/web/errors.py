"""Errors in words: machines get a status and one line, people a page, nobody a traceback."""

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from bot.log import place_of
from bot.ports import StoreUnavailable
from bot.web.everyone import everyone, reads_pages

log = structlog.get_logger()

LINES = {
    400: "This request is not what Twilio sends.",
    403: "The signature does not fit. Check TWILIO_AUTH_TOKEN and PUBLIC_URL.",
    404: "There is nothing here.",
    405: "This address does not answer that method.",
    413: "This request is too large.",
    415: "Send a form (application/x-www-form-urlencoded).",
    503: "We cannot answer right now. Please try again in a few minutes.",
}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, _store)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code == 404 and reads_pages():
        return everyone("over" if request.path.startswith("/m/") else "lost")
    response = Response(LINES.get(code, error.name) + "\n", status=code, content_type="text/plain; charset=utf-8")
    if code == 405 and "Allow" in error.get_response().headers:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _store(error: StoreUnavailable) -> Response:
    log.error("store_unavailable", route=request.endpoint, reason=str(error))
    return Response(LINES[503] + "\n", status=503, content_type="text/plain; charset=utf-8")


def _unexpected(error: Exception) -> Response:
    """A fault of ours. The log gets the place, not the values: they may be personal."""
    log.error("fault", route=request.endpoint, kind=type(error).__name__, place=place_of(error))
    return Response(LINES[503] + "\n", status=500, content_type="text/plain; charset=utf-8")
